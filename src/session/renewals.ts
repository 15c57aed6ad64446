import { REFUSALS, type RefusalCode } from '../errors.ts';
import { type Carried, pack, unpack } from '../identity/carried.ts';
import type { Renewed } from '../pipeline/connection.ts';
import type { RoutePlan } from '../pipeline/route.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { Services } from '../store/services.ts';
import { type Json, StoreError } from '../store/store.ts';
import type { Registry } from './registry.ts';
import { type Offer, refuseFlood, renew } from './renewal.ts';
import type { Session } from './session.ts';

/** On it every process of ours hears what is asked for a session that is not the asker's, and what is answered. */
const CHANNEL = 'renewal';

/** How long another process has to answer, in milliseconds. */
const PATIENCE = 2_000;

/** Questions under way at once. */
const MAX_ASKING = 1_024;

/** A question to whoever has the session, and the answer to it. The bus carries what processes of ours write, alone. */
type Wire =
  | (Omit<Offer, 'principal'> &
      Carried & {
        readonly kind: 'ask';
        readonly from: string;
        readonly number: number;
        readonly session: string;
        readonly route: string;
      })
  | {
      readonly kind: 'answer';
      readonly to: string;
      readonly number: number;
      readonly code?: RefusalCode;
      readonly reason?: string;
      readonly retryAfter?: number;
      readonly expiresIn?: number;
    };

type Ask = Extract<Wire, { kind: 'ask' }>;
type Answer = Extract<Wire, { kind: 'answer' }>;

/** Brings a new credential to its session, whichever process of ours has it. It hears as long as the bus is open. */
export class Renewals {
  readonly #registry: Registry;
  readonly #services: Services;
  readonly #asking = new Map<number, (done: Renewed | Refused) => void>();
  #count = 0;

  constructor(registry: Registry, services: Services) {
    this.#registry = registry;
    this.#services = services;
    services.bus.subscribe(CHANNEL, (message) => {
      try {
        this.#hear(message as unknown as Wire);
      } catch (error) {
        // A process of another version, perhaps. Whoever asked is told that nobody has it.
        services.recorder.event('gateway.fault', { where: 'renewal', error: String(error) });
      }
    });
  }

  /**
   * Offers a credential that was verified here, of somebody who asks for this session. A stranger is told no more than
   * that there is none: neither whose it is, nor that it is.
   */
  async offer(
    id: string,
    route: Pick<RoutePlan, 'name' | 'identities'>,
    offer: Offer,
  ): Promise<Renewed | Refused> {
    const session = this.#registry.get(id);
    if (session) return this.#renew(session, route.name, offer);
    // A store of its own has only a process without others.
    if (this.#services.store instanceof MemoryStore) return refuse('session_unknown', 'it is not here');
    return this.#ask(id, route, offer);
  }

  #renew(session: Session, route: string, offer: Offer): Renewed | Refused {
    if (session.route !== route) return refuse('session_unknown', 'it is of another route');
    const done = refuseFlood(session, this.#services) ?? renew(session, offer, 'request', this.#services);
    if (done.pass || done.code !== 'identity_mismatch') return done;
    return refuse('session_unknown', done.reason);
  }

  async #ask(
    session: string,
    route: Pick<RoutePlan, 'name' | 'identities'>,
    offer: Offer,
  ): Promise<Renewed | Refused> {
    if (this.#asking.size >= MAX_ASKING) return refuse('state_unavailable', 'too many questions at once');
    const number = this.#count++;
    const { principal, ...from } = offer;
    const named = route.identities.find(({ name }) => name === principal.identity);
    const ask: Ask = {
      kind: 'ask',
      from: this.#services.node,
      number,
      session,
      route: route.name,
      ...from,
      ...pack(principal, named?.identity),
    };
    try {
      const answered = this.#answered(number);
      await this.#publish(ask);
      return await answered;
    } catch (error) {
      this.#asking.get(number)?.(refuse('state_unavailable', String(error)));
      if (error instanceof StoreError) return refuse('state_unavailable', `the bus: ${error.message}`);
      throw error;
    }
  }

  #answered(number: number): Promise<Renewed | Refused> {
    return new Promise((resolve) => {
      const settle = (done: Renewed | Refused): void => {
        clearTimeout(timer);
        this.#asking.delete(number);
        resolve(done);
      };
      const timer = setTimeout(() => settle(refuse('session_unknown', 'no process has it')), PATIENCE);
      this.#asking.set(number, settle);
    });
  }

  #hear(heard: Wire): void {
    if (heard.kind === 'ask') this.#asked(heard);
    else if (heard.to === this.#services.node) this.#asking.get(heard.number)?.(outcomeOf(heard));
  }

  #asked({ kind, from, number, session: id, route, principal, credential, ...rest }: Ask): void {
    const session = this.#registry.get(id);
    if (!session || from === this.#services.node) return;
    const carried = { principal, ...(credential !== undefined && { credential }) };
    const identityOf = (wanted: string) =>
      session.plan.identities.find(({ name }) => name === wanted)?.identity;
    const { origin, certificate, ...place } = rest;
    const offer = { ...place, origin, certificate, principal: unpack(carried, identityOf) };
    const done = this.#renew(session, route, offer);
    const { code, reason, retryAfter, expiresIn } = done as Partial<Refused & Renewed>;
    const answer = { kind: 'answer', to: from, number, code, reason, retryAfter, expiresIn } as Answer;
    this.#publish(answer).catch(() => {}); // whoever asked hears nothing, and says so
  }

  #publish(message: Wire): Promise<void> {
    // Names, numbers and a principal, which is JSON.
    return this.#services.bus.publish(CHANNEL, defined(message) as unknown as Json);
  }
}

function outcomeOf({ code, reason = '', retryAfter, expiresIn }: Answer): Renewed | Refused {
  if (code === undefined) return { pass: true, expiresIn };
  if (!Object.hasOwn(REFUSALS, code)) return refuse('internal', 'another process answers what is not known');
  return refuse(code, reason, undefined, retryAfter);
}

/** Without members that are undefined: JSON has none. */
function defined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}
