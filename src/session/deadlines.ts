import type { RefusalCode } from '../errors.ts';
import { refuse } from '../pipeline/verdict.ts';
import { encodePing } from '../protocol/encode.ts';
import type { Leg } from './leg.ts';
import type { Relay } from './relay.ts';
import type { Resumption } from './resumption.ts';
import type { Session } from './session.ts';

/** Pings in a row that a peer may leave unanswered before it is taken for gone. */
const MISSES = 2;

/**
 * Looks at every deadline of one session. Nothing on the way of a message reads a clock for this: what happens there
 * leaves a mark, and the mark becomes a time here. So each deadline is kept to within one round of the sweep.
 *
 * @param now monotonic milliseconds
 * @param elapsed milliseconds since the last round
 */
export function checkDeadlines(session: Session, now: number, elapsed: number): void {
  if (session.resumption?.parked) checkParked(session, session.resumption, now);
  if (session.ending) {
    checkClosing(session.client, now, session.plan.lifetime.closeTimeout);
    if (!session.leaving) checkClosing(session.upstream, now, session.plan.lifetime.closeTimeout);
    return;
  }
  if (session.expire()) return;
  if (now >= session.retires) {
    session.leave('route_gone');
    return;
  }
  const code = overdue(session, now) ?? session.standing();
  if (code !== undefined) {
    session.end(code);
    return;
  }
  for (const relay of [session.fromClient, session.fromServer]) {
    relay.controls = Math.max(0, relay.controls - (session.plan.frames.maxControlRate * elapsed) / 1_000);
  }
  checkUnfinished(session, session.fromClient, session.client, now);
  checkUnfinished(session, session.fromServer, session.upstream, now);
}

/** One that waits for its client: when the window is over, it ends. Of the last connection an end may still be awaited. */
function checkParked(session: Session, { parkedAt, terms }: Resumption, now: number): void {
  if (now - parkedAt! >= terms.window) session.abandon();
  else checkClosing(session.client, now, session.plan.lifetime.closeTimeout);
}

/** Time in which the gateway itself stood still (SIGSTOP, a long collection) is nobody's fault: nothing counts it. */
export function forgive(session: Session, ms: number): void {
  session.spokeAt += ms;
  for (const leg of [session.client, session.upstream]) {
    if (leg.fullSince !== 0) leg.fullSince += ms;
    if (leg.closingSince !== 0) leg.closingSince += ms;
    if (leg.pingedAt !== 0) leg.pingedAt += ms;
  }
  session.fromClient.unfinishedSince += ms;
  session.fromServer.unfinishedSince += ms;
  if (session.resumption?.parkedAt !== undefined) session.resumption.parkedAt += ms;
}

/** The code of the first deadline that has passed. */
function overdue(session: Session, now: number): RefusalCode | undefined {
  const { idle, maximum, slowConsumer, heartbeat } = session.plan.lifetime;
  const { client, upstream, fromClient, fromServer } = session;
  const present = !session.resumption?.parked; // who is not there cannot be slow, silent or idle
  if (fromClient.spoke || fromServer.spoke) {
    fromClient.spoke = false;
    fromServer.spoke = false;
    session.spokeAt = now;
  }
  if (now - session.opened >= maximum) return 'too_old';
  if (present && isSlow(client, now, slowConsumer) && !session.park()) return 'slow_consumer';
  if (isSlow(upstream, now, slowConsumer)) return 'upstream_timeout';
  if (present && now - session.spokeAt >= idle) return 'idle';
  if (present && isSilent(client, now, heartbeat) && !session.park()) return 'heartbeat_missed';
  if (isSilent(upstream, now, heartbeat)) return 'upstream_lost';
  return undefined;
}

/** A peer that has not taken what waits for it for longer than `most`. */
function isSlow(leg: Leg, now: number, most: number): boolean {
  if (!leg.full) return false;
  if (leg.fullSince === 0) leg.fullSince = now;
  return now - leg.fullSince >= most;
}

/** Sends a ping when its time has come; whether too many have gone unanswered. Anything heard is an answer. */
function isSilent(leg: Leg, now: number, interval: number): boolean {
  if (leg.pingedAt === 0) leg.pingedAt = now;
  if (now - leg.pingedAt < interval) return false;
  // While we do not read it we cannot hear it.
  leg.missed = leg.heard || leg.paused ? 0 : leg.missed + 1;
  if (leg.missed >= MISSES) return true;
  leg.heard = false;
  leg.pingedAt = now;
  if (!leg.full) leg.answer(encodePing(leg.masks));
  return false;
}

function checkUnfinished(session: Session, relay: Relay, source: Leg, now: number): void {
  if (!relay.incomplete) {
    relay.unfinished = -1;
  } else if (relay.unfinished !== relay.serial || source.paused) {
    relay.unfinished = relay.serial;
    relay.unfinishedSince = now;
  } else if (now - relay.unfinishedSince >= session.plan.frames.incompleteTimeout) {
    session.violated(incomplete(), relay.direction);
  }
}

function incomplete() {
  const refused = refuse('message_incomplete', 'begun and not finished', 'close');
  return { pass: false, guard: 'frames', refused, action: 'close', messages: [] } as const;
}

/** A peer that neither answers our Close nor goes is cut off. */
function checkClosing(leg: Leg, now: number, most: number): void {
  if (leg.gone) return;
  if (leg.closingSince === 0) leg.closingSince = now;
  else if (now - leg.closingSince >= most) leg.destroy();
}
