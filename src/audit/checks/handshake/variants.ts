import { type Check, type Finding, finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import { type Answer, answerText, isOpened } from '../../probe/answer.ts';
import { ask } from '../../probe/ask.ts';
import type { Change } from '../../probe/request.ts';

/** One request of a check, by a name for the report. */
export type Variant = readonly [name: string, change: Change];

/** A check that sends several upgrade requests, one connection each. */
export interface VariantCheck extends Omit<Check, 'run' | 'group' | 'needs'> {
  readonly variants: (context: Context) => readonly Variant[];
}

type Answered = readonly [name: string, answer: Answer];

/** None of these may open a WebSocket. */
export function neverOpens({ variants, ...about }: VariantCheck): Check {
  return {
    ...about,
    group: 'handshake',
    needs: ['open'],
    async run(context) {
      const answers = await askAll(context, variants(context));
      const opened = answers.filter(([, answer]) => isOpened(answer));
      return tell(opened.length === 0 ? 'pass' : 'fail', answers, opened);
    },
  };
}

/** Each of these must open a WebSocket. */
export function alwaysOpens({ variants, ...about }: VariantCheck): Check {
  return {
    ...about,
    group: 'handshake',
    needs: ['open'],
    async run(context) {
      const answers = await askAll(context, variants(context));
      const refused = answers.filter(([, answer]) => !isOpened(answer));
      return tell(refused.length === 0 ? 'pass' : 'fail', answers, refused);
    },
  };
}

/** Sends each, and collects the answers in order. */
export function askAll(context: Context, variants: readonly Variant[]): Promise<Answered[]> {
  return Promise.all(variants.map(async ([name, change]) => [name, await ask(context, change)] as const));
}

/** Accepted or refused, but not broken. */
export function isCalm(answer: Answer): boolean {
  return answer.kind === 'head' && answer.status < 500;
}

/** A finding over several requests: the wrong ones by name, or how many were right and how they were answered. */
export function tell(
  verdict: 'pass' | 'warn' | 'fail' | 'info',
  answers: readonly Answered[],
  wrong: readonly Answered[],
): Finding {
  const sent = `${answers.length === 1 ? 'an upgrade' : `${answers.length} upgrades`}: ${answers.map(([name]) => name).join('; ')}`;
  return finding[verdict](sent, (wrong.length > 0 ? wrong : answers).map(oneText).join('; '));
}

function oneText([name, answer]: Answered): string {
  return `${name}: ${isOpened(answer) ? '101, the WebSocket opens' : answerText(answer)}`;
}
