import { REFUSALS, type RefusalCode } from '../errors.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Connection } from './connection.ts';
import type { Notice } from './dialect.ts';
import type { Direction, Message } from './message.ts';
import type { RoutePlan } from './route.ts';
import type { RefusalAction, Refused } from './verdict.ts';

/** A message that was refused: by whom, why, and what is to be done about it. */
export interface Denial {
  readonly pass: false;
  /** A guard's name, `dialect`, or `frames`. */
  readonly guard: string;
  readonly refused: Refused;
  readonly action: RefusalAction;
  /** What had been read of the payload when it was refused. */
  readonly messages: readonly Message[];
}

/** The one place where a refused message, or one that would have been refused, is counted and said. */
export function recordRefusal(
  recorder: Recorder,
  route: RoutePlan,
  connection: Connection,
  direction: Direction,
  denial: Denial,
  observed: boolean,
): void {
  const { guard, refused, action, messages } = denial;
  const counters = route.counters[direction];
  counters.refusal(guard, refused.code, observed);
  if (!observed) counters.refused++;
  recorder.event(observed ? 'message.observed' : 'message.refused', {
    ...who(connection),
    direction,
    type: nameOf(messages[0]?.type),
    guard,
    code: refused.code,
    reason: refused.reason,
    action,
  });
}

/** A type comes from the payload, of which nothing is logged: it is said only where it is short and looks like a name. */
function nameOf(type: string | undefined): string | undefined {
  return type !== undefined && /^[\w.:/$#@-]{1,64}$/.test(type) ? type : undefined;
}

/** Who a session is, for events. */
export function who({ id, route, principal, address }: Connection) {
  const { identity, subject, tenant } = principal;
  return { session: id, route, identity, subject, tenant, address };
}

/** Refusals that are about the message itself: here the guard's reason helps its sender, and tells nothing of ours. */
const EXPLAINED: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'message_kind',
  'message_malformed',
  'json_structure',
  'json_unsafe',
  'type_unknown',
  'schema_invalid',
]);

/** What the sender of a refused message is told. */
export function noticeOf(refused: Refused, direction: Direction): Notice {
  const { code, reason, retryAfter, violation } = refused;
  const { told } = REFUSALS[code];
  return {
    code,
    direction,
    reason: EXPLAINED.has(code) && reason !== '' ? `${told}: ${reason}` : told,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(violation !== undefined && { violation }),
  };
}
