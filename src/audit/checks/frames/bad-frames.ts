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
  /** The frames end with a Close whose own code must not come back. */
  readonly repeats?: 'wrong';
  /** Behind these frames nothing can be read as a frame: no Ping follows. */
  readonly desynchronised?: true;
}

/** Each of these, on a connection of its own, must end it: with a Close or by dropping it (RFC 6455 §7.1.7). */
export function mustClose({ variants, code, desynchronised, repeats, ...about }: BadFramesCheck): Check {
  return {
    ...about,
    group: 'frames',
    needs: ['open'],
    async run(context) {
      const probe = desynchronised || repeats ? 'watch' : 'probe';
      const outcomes = await Promise.all(
        variants.map(async ([name, frames]) => [name, await sendFrames(context, frames, probe)] as const),
      );
      const echoed = outcomes.filter(([, outcome], i) => repeats && repeatsCode(outcome, variants[i]![1]));
      return judge(outcomes, code, echoed);
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

function repeatsCode(outcome: Outcome, frames: readonly FrameSpec[]): boolean {
  const payload = frames.at(-1)?.payload ?? Buffer.alloc(0);
  return outcome.kind === 'closed' && payload.length >= 2 && outcome.code === payload.readUInt16BE(0);
}

type Named = readonly [name: string, outcome: Outcome];

function judge(outcomes: readonly Named[], code: number, echoed: readonly Named[]): Finding {
  const sent = outcomes.map(([name]) => name).join('; ');
  const wrong = [...outcomes.filter(([, { kind }]) => kind === 'alive' || kind === 'silent'), ...echoed];
  if (wrong.length > 0)
    return finding.fail(sent, wrong.map(([name, outcome]) => `${name}: ${outcomeText(outcome)}`).join('; '));
  const texts = [...new Set(outcomes.map(([, outcome]) => outcomeText(outcome)))];
  const other = outcomes.some(([, outcome]) => outcome.kind === 'closed' && outcome.code !== code);
  return finding.pass(sent, `${texts.join(', ')}${other ? ` (the RFC’s code is ${code})` : ''}`);
}
