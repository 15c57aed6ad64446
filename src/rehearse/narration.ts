import { EVENTS } from '../record/events.ts';
import type { LogLine } from './node.ts';
import { isTrial } from './stage.ts';

/** Events of every day that belong on the time line all the same: they tell that something is over. */
const TOLD: ReadonlySet<string> = new Set([
  'circuit.closed',
  'certificate.loaded',
  'session.closed',
  'state.back',
  'overload.left',
  'storm.ended',
]);

/** Fields that tell one such event from another, in the order in which they are said. */
const SAID = ['code', 'initiator', 'close', 'identity', 'state', 'days', 'expires', 'error', 'kind'] as const;

/** A log line as the time line has it; undefined if it has no place there. */
export function lineText(line: LogLine): string | undefined {
  const { level }: { readonly level?: string } = EVENTS[line.event as keyof typeof EVENTS] ?? {};
  const telling = level === 'warn' || level === 'error' || TOLD.has(line.event);
  if (!telling || isTrial(line)) return undefined;
  const said = SAID.filter((name) => line[name] !== undefined).map((name) => `${name}=${String(line[name])}`);
  return [line.event, ...said].join(' ');
}
