import type { Allowance } from './budget.ts';
import { GROUPS } from './check.ts';
import type { Watch } from './context.ts';
import type { Target } from './target.ts';

/** What an audit is going to do, said before it does anything. */
export function planText(
  target: Target,
  allowance: Allowance,
  only: readonly string[] | undefined,
  watch: Watch | undefined,
): string {
  const { connections, rate, messages, bytes, sockets, seconds } = allowance;
  const kib = Math.ceil(bytes / 1_024);
  const lines = [
    `Auditing ${target.url} at ${target.address} port ${target.port}, and nothing else${target.port === 443 ? ' but its port 80' : ''}.`,
    `At most ${connections} connections (${rate} a second, ${sockets} held at once), ${messages} messages, ${kib} KiB and ${seconds} s.`,
    `Checks: ${(only ?? Object.keys(GROUPS)).join(', ')}. Wrong requests and frames are sent on purpose; act only on what is yours.`,
    ...(watch ? [`Then ${watch.sockets} sockets are held open for ${watch.duration / 1_000} s.`] : []),
  ];
  return lines.join('\n');
}
