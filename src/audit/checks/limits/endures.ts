import { type Check, finding } from '../../check.ts';
import { answerText, isOpened } from '../../probe/answer.ts';
import { ask } from '../../probe/ask.ts';
import { Unreachable } from '../../probe/connect.ts';

/** What is left of an endpoint after all that was sent to it. */
export const endures: Check = {
  id: 'endures',
  group: 'limits',
  title: 'The endpoint still opens after all this',
  weight: 'critical',
  standard: 'OWASP ASVS 5.0 §16.5.3',
  why: 'If one client’s wrong requests end the service, anybody can end it for everybody.',
  mend: 'Find which check it did not survive, with --only, and update or guard what ends.',
  needs: ['open'],
  alone: true,
  async run(context) {
    const sent = 'the upgrade that opened at the beginning, once more';
    try {
      const answer = await ask(context);
      return isOpened(answer) ? finding.pass(sent, 'it opens') : finding.fail(sent, answerText(answer));
    } catch (error) {
      if (error instanceof Unreachable) return finding.fail(sent, error.message);
      throw error;
    }
  },
};
