import type { Check, Finding } from '../../check.ts';
import { finding } from '../../check.ts';
import type { Context } from '../../context.ts';
import type { FrameSpec } from '../../probe/frames.ts';
import { type Outcome, openSocket, outcomeText } from '../../probe/socket.ts';

/** Frames that must end the connection, by a name for the report. */
export type BadFrames = readonly [name: string, frames: readonly FrameSpec[]];

export interface BadFramesCheck extends Omit<Check, 'run' | 'group' | 'needs'> {
  /** The close code that the RFC has for it. */
  readonly code: number;
  readonly variants: readonly BadFrames[];
  /** Behind these frames nothing can be read as a frame: no Ping follows. */
  readonly desynchronised?: true;
}

/** Each of these, on a connection of its own, must end it: with a Close or by dropping it (RFC 6455 §7.1.7). */
export function mustClose({ variants, code, desynchronised, ...about }: BadFramesCheck): Check {
  return {
    ...about,
    group: 'frames',
    needs: ['open'],
    async run(context) {
      const probe = desynchronised ? 'watch' : 'probe';
      const outcomes = await Promise.all(
        variants.map(async ([name, frames]) => [name, await sendFrames(context, frames, probe)] as const),
      );
      return judge(outcomes, code);
    },
  };
}

/** Opens a WebSocket, sends these frames, and sees what comes of it. */
export async function sendFrames(
  context: Context,
  frames: readonly FrameSpec[],
  probe: 'probe' | 'watch' = 'probe',
): Promise<Outcome> {
  const socket = await openSocket(context);
  try {
    socket.send(...frames);
    return await socket.outcome(context.patience.verdict, probe);
  } finally {
    socket.destroy();
  }
}

function judge(outcomes: readonly (readonly [string, Outcome])[], code: number): Finding {
  const sent = outcomes.map(([name]) => name).join('; ');
  const wrong = outcomes.filter(([, { kind }]) => kind === 'alive' || kind === 'silent');
  if (wrong.length > 0)
    return finding.fail(sent, wrong.map(([name, outcome]) => `${name}: ${outcomeText(outcome)}`).join('; '));
  const texts = [...new Set(outcomes.map(([, outcome]) => outcomeText(outcome)))];
  const other = outcomes.some(([, outcome]) => outcome.kind === 'closed' && outcome.code !== code);
  return finding.pass(sent, `${texts.join(', ')}${other ? ` (the RFC’s code is ${code})` : ''}`);
}
