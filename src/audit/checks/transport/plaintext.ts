import { type Check, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { type Answer, answerText, isOpened, readAnswer } from '../../probe/answer.ts';
import { connectPlain, Unreachable } from '../../probe/connect.ts';
import { upgradeRequest } from '../../probe/request.ts';

/** The same endpoint without TLS. */
export const plaintext: Check = {
  id: 'plaintext',
  group: 'transport',
  title: 'ws:// is refused',
  weight: 'critical',
  standard: 'RFC 6455 §10.6; OWASP ASVS 5.0 §4.4.1, §12.2.1',
  why: 'Whoever is on the way reads and changes every message, and the credential of the handshake is theirs.',
  mend: 'Do not listen without TLS; on port 80 answer with a redirect or not at all.',
  async run(context) {
    const ports = context.target.port === 443 ? [443, 80] : [context.target.port];
    const seen: string[] = [];
    let opened = false;
    for (const port of ports) {
      const answer = await plainAnswer(context, port);
      opened ||= answer !== undefined && isOpened(answer);
      seen.push(`port ${port}: ${answer === undefined ? 'no connection' : answerText(answer)}`);
    }
    const sent = `an upgrade without TLS and without a credential, to port ${ports.join(' and ')}`;
    return opened ? finding.fail(sent, seen.join('; ')) : finding.pass(sent, seen.join('; '));
  },
};

async function plainAnswer(context: Context, port: number): Promise<Answer | undefined> {
  try {
    const wire = await connectPlain(context, port);
    wire.write(upgradeRequest(context.target, context.login, { token: null }).bytes);
    const answer = await readAnswer(wire, context.patience.answer);
    wire.destroy();
    return answer;
  } catch (error) {
    if (error instanceof Unreachable) return undefined;
    throw error;
  }
}
