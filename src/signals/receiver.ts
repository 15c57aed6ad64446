import { hash } from 'node:crypto';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import type { RevocationFacts, RevocationOrder } from '../store/revocations.ts';
import type { Services } from '../store/services.ts';
import { issuerOf, momentOf, type Statement } from './event-token.ts';
import { eventTypeOf, type NamedEvent } from './event-types.ts';
import { fault, isFault, type SignalFault } from './fault.ts';
import { MALFORMED, readSubject } from './subject.ts';
import type { Transmitter } from './transmitter.ts';

/** What a request brought. */
export interface Delivery {
  /** The field Authorization; undefined if there was none. */
  readonly authorization: string | undefined;
  readonly token: string;
  /** Who sent it, for the log. */
  readonly address: string;
}

export interface ReceiverParts {
  readonly services: Pick<Services, 'clock' | 'recorder' | 'store'>;
  /** Those of the plan in force. */
  transmitters(): readonly Transmitter[];
  /** The one way to revoke, which the admin API goes as well. */
  revoke(order: RevocationOrder): Promise<RevocationFacts>;
}

/** What follows from one event: nothing, and why; or what to revoke. */
interface Consequence {
  readonly type: string;
  readonly orders: readonly RevocationOrder[];
  /** Why nothing follows; undefined if something does, or if nothing should. */
  readonly ignored?: string;
}

/** Receives security event tokens (RFC 8417) by push (RFC 8935). One that is not proved good has no effect at all. */
export class SignalReceiver {
  readonly #parts: ReceiverParts;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  /**
   * Takes a token: undefined once everything that follows from it has been done and kept. A fault is the transmitter's,
   * and the same token will not do; after a refusal it should send the token again.
   *
   * Rejects where a revocation cannot be made; the token is then not remembered, and may come again.
   */
  async receive(delivery: Delivery): Promise<SignalFault | Refused | undefined> {
    const found = this.#transmitterOf(delivery);
    const done = isFault(found) ? found : await this.#take(found, delivery);
    if (done === undefined) return undefined;
    this.#parts.services.recorder.event('signal.refused', {
      transmitter: isFault(found) ? undefined : found.name,
      address: delivery.address,
      error: isFault(done) ? done.error : done.code,
      reason: isFault(done) ? done.description : done.reason,
    });
    return done;
  }

  /** Whose token it says to be, if the request shows what that one must show. */
  #transmitterOf({ authorization, token }: Delivery): Transmitter | SignalFault {
    const issuer = issuerOf(token);
    if (issuer === undefined) return fault('invalid_request', 'not a token that names its issuer');
    const transmitter = this.#parts.transmitters().find((each) => each.issuer === issuer);
    if (!transmitter) return fault('invalid_issuer', 'nobody of this name is listened to');
    if (transmitter.knows(authorization)) return transmitter;
    return fault('authentication_failed', 'Authorization is not the one agreed upon');
  }

  async #take(transmitter: Transmitter, { token }: Delivery): Promise<SignalFault | Refused | undefined> {
    const { clock, recorder, store } = this.#parts.services;
    const now = clock.now();
    const statement = await transmitter.verify(token, now);
    if ('pass' in statement || isFault(statement)) return statement;
    const consequences = consequencesOf(transmitter, statement, now);
    if (isFault(consequences)) return consequences;
    const key = `signal/${transmitter.name}/${hash('sha256', statement.id, 'base64url')}`;
    const about = { transmitter: transmitter.name, token: statement.id };
    // A store that is away does not hold up what is to be revoked: that is done here, and asked for again.
    if ((await store.get(key).catch(() => undefined)) !== undefined) {
      recorder.event('signal.ignored', { ...about, reason: 'it has been taken before' });
      return undefined;
    }
    let refused: Refused | undefined;
    for (const each of consequences) refused = (await this.#carryOut(each, about)) ?? refused;
    if (refused) return refused;
    // Last of all: what is remembered has been done. Twice would do no more than once, for it has a time of its own.
    const { maxAge, leeway } = transmitter.rules;
    await store.add(key, true, maxAge + 2 * leeway);
    return undefined;
  }

  async #carryOut(
    { type, orders, ignored }: Consequence,
    about: { readonly transmitter: string; readonly token: string },
  ): Promise<Refused | undefined> {
    const { recorder } = this.#parts.services;
    if (ignored !== undefined) {
      recorder.event('signal.ignored', { ...about, type, reason: ignored });
      return undefined;
    }
    let affected = 0;
    let trouble: string | undefined;
    for (const order of orders) {
      const { ended, problem } = await this.#parts.revoke(order);
      affected += ended;
      trouble ??= problem;
    }
    if (trouble !== undefined) return refuse('state_unavailable', `it is in force, but not kept: ${trouble}`);
    const target = orders[0] && `${orders[0].by}=${orders[0].value}`;
    recorder.event('signal.accepted', { ...about, type, target, affected });
    return undefined;
  }
}

/** All that follows from a statement, before anything is done: one event that is malformed, and nothing is. */
function consequencesOf(
  transmitter: Transmitter,
  statement: Statement,
  now: number,
): readonly Consequence[] | SignalFault {
  const all: Consequence[] = [];
  for (const event of statement.events) {
    const consequence = consequenceOf(event, transmitter, statement, now);
    if (isFault(consequence)) return consequence;
    all.push(consequence);
  }
  return all;
}

function consequenceOf(
  [uri, payload]: NamedEvent,
  { subjects, speaksFor, rules }: Transmitter,
  statement: Statement,
  now: number,
): Consequence | SignalFault {
  const nothing = { type: uri, orders: [] };
  const type = eventTypeOf(uri);
  if (!type) return { ...nothing, ignored: 'events of this type are not understood' };
  if (type.effect === 'none') return nothing;
  const ignored = type.ignored?.(payload);
  if (ignored !== undefined) return { ...nothing, ignored };
  const issuedBefore = momentOf(payload, statement, rules, now);
  if (typeof issuedBefore === 'object') return issuedBefore;
  // The framework has `sub_id`; the events were older, and had the same in themselves.
  const found = readSubject(statement.claims.sub_id ?? payload.subject, subjects);
  if (found === MALFORMED) return fault('invalid_request', 'whom it is about (sub_id) is not of its form');
  if ('unknown' in found) return { ...nothing, ignored: found.unknown };
  const renewable = type.effect === 'renew' ? { renewable: true as const } : {};
  const orders = speaksFor.map((identity) => ({ ...found, issuedBefore, identity, ...renewable }));
  return { type: uri, orders };
}
