import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Facts, RequestRates } from '../edge/arrival.ts';
import { isRefusal, readFields } from '../edge/fields.ts';
import { readHost } from '../edge/handshake.ts';
import { readTarget } from '../edge/target.ts';
import { REFUSALS } from '../errors.ts';
import { parseObject } from '../identity/strict-json.ts';
import { within } from '../pipeline/deadline.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import type { RoutePlan } from '../pipeline/route.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { LocalBuckets, limitOf } from '../store/buckets.ts';
import { networkOf } from '../store/network.ts';
import { StoreError } from '../store/store.ts';
import { readBody } from './body.ts';
import { type HeaderFields, preflight, refuseOrigin, sharing } from './cross-origin.ts';
import { type Answer, type Desk, isAboutRoute, type Operation, type RouteOperation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { respond } from './respond.ts';

/** Where the public listener serves what is ours (RFC 8615). */
export const PREFIX = '/.well-known/sallyport';

/** Addresses that are counted at a time. */
const ADDRESSES = 20_000;

/** One request, and what has been found out about it: the record tells it, however it ends. */
interface Asking {
  readonly operation: Operation;
  readonly handshake: Handshake;
  readonly rates: RequestRates;
  readonly params: Readonly<Record<string, string>>;
  route?: RoutePlan;
  /** For the page that asks, once its origin is known to be one of the route's. */
  headers: HeaderFields;
}

/** Answers what stands in the table of operations, each within its bounds, and refuses the rest of its paths. */
export class WellKnown {
  readonly #desk: Desk;
  readonly #operations: readonly Matched[];
  readonly #buckets: LocalBuckets;

  constructor(desk: Desk, operations: readonly Operation[] = OPERATIONS) {
    this.#desk = desk;
    this.#operations = operations.map((operation) => ({ operation, match: matcher(operation.path) }));
    this.#buckets = new LocalBuckets(desk.services.clock, ADDRESSES);
  }

  /** Whether it was one of its paths; then it is answered, or will be. Rejects for nothing that a client sends. */
  async serve(request: IncomingMessage, response: ServerResponse, facts: Facts): Promise<boolean> {
    const path = (request.url ?? '').split('?', 1)[0]!;
    if (!path.startsWith(`${PREFIX}/`)) return false;
    const begun = this.#desk.services.clock.monotonic();
    const asking = this.#read(request, path.slice(PREFIX.length), facts);
    if ('pass' in asking) {
      respond(response, asking, asking.allow === undefined ? {} : { Allow: asking.allow });
      return true;
    }
    const done = await this.#judge(request, asking);
    respond(response, done, asking.headers);
    this.#tell(asking, done, (this.#desk.services.clock.monotonic() - begun) / 1_000);
    return true;
  }

  #read(request: IncomingMessage, path: string, facts: Facts): Asking | (Refused & { allow?: string }) {
    const fields = readFields(request.rawHeaders, facts.limits.headers);
    if (isRefusal(fields)) return fields;
    const host = readHost(fields, facts);
    if (isRefusal(host)) return host;
    if (facts.untrusted) return facts.untrusted;
    for (const { operation, match } of this.#operations) {
      const params = match(path);
      if (!params) continue;
      if (request.method !== operation.method && request.method !== 'OPTIONS')
        return { ...refuse('method_not_allowed', operation.id), allow: `${operation.method}, OPTIONS` };
      const { listener, address, peer, tls } = facts;
      const origin = fields.get('origin');
      const nothing = { query: '', protocols: [], extensions: '', key: '' };
      const handshake = { ...nothing, listener, address, peer, host, path, origin, headers: fields, tls };
      return { operation, handshake, rates: facts.limits.perAddress, params, headers: {} };
    }
    return refuse('route_unknown', 'nothing is served here');
  }

  /** The address first, then the body, then the page that asks; identities last, for they are dear. */
  async #judge(request: IncomingMessage, asking: Asking): Promise<Answer | Refused> {
    const { operation, handshake } = asking;
    const crowded = this.#crowded(asking);
    if (crowded) return crowded;
    if (request.method === 'OPTIONS') return this.#preflight(asking);
    const body = await readBody(request, handshake.headers, operation);
    if (isRefusal(body)) return body;
    try {
      return await within(this.#run(asking, body), operation.deadline, operation.id);
    } catch (error) {
      if (error instanceof StoreError)
        return refuse('state_unavailable', `${operation.id}: ${error.message}`);
      const where = `well-known ${operation.id}`;
      this.#desk.services.recorder.event('gateway.fault', { where, error: String(error) });
      return refuse('internal', `${operation.id} failed`);
    }
  }

  async #run(asking: Asking, body: Buffer): Promise<Answer | Refused> {
    const { operation, handshake, params } = asking;
    const call = { desk: this.#desk, handshake, params, body };
    if (!isAboutRoute(operation)) return operation.run(call);
    const found = this.#routeOf(operation, handshake, body);
    if ('pass' in found) return found;
    const { route, path } = found;
    asking.route = route;
    const refused = refuseOrigin(route, handshake);
    if (refused) return refused;
    asking.headers = sharing(route, handshake);
    return operation.run({ ...call, route, handshake: { ...handshake, path } });
  }

  /** The route that the body names by the path of its socket, on the host that is asked. */
  #routeOf(
    operation: RouteOperation,
    { host }: Handshake,
    body: Buffer,
  ): { route: RoutePlan; path: string } | Refused {
    const named = parseObject(body)?.path;
    if (typeof named !== 'string') return refuse('request_malformed', 'the body is not { "path": … }');
    const target = readTarget(named);
    if (typeof target === 'string') return refuse('target_invalid', target);
    const { path } = target;
    const route = this.#desk.plan().match(host, path);
    if (!route) return refuse('route_unknown', 'no route matches this host and path');
    return operation.offered(route)
      ? { route, path }
      : refuse('not_offered', `the route has no ${operation.id}`);
  }

  #preflight(asking: Asking): Answer | Refused {
    const { operation, handshake } = asking;
    if (!isAboutRoute(operation)) return refuse('origin_denied', 'no page may ask this');
    const { host } = handshake;
    const routes = this.#desk
      .plan()
      .routes.filter((route) => (route.host ?? host) === host && operation.offered(route));
    const headers = preflight(routes, handshake, operation.method);
    if (isRefusal(headers)) return headers;
    asking.headers = headers as HeaderFields;
    return { status: 204 };
  }

  #crowded({ operation: { id, rate }, handshake: { address }, rates }: Asking): Refused | undefined {
    const now = this.#desk.services.clock.monotonic();
    const bucket = this.#buckets.bucket(`${id} ${networkOf(address)}`);
    const limit = limitOf(rates[rate]);
    const wait = bucket.wait(limit, now, 1);
    if (wait > 0) return refuse('rate_exceeded', 'requests from this address', undefined, Math.ceil(wait));
    bucket.take(limit, now, 1);
    return undefined;
  }

  #tell({ operation, handshake, route, params }: Asking, done: Answer | Refused, seconds: number): void {
    const { recorder } = this.#desk.services;
    const { listener, address, origin } = handshake;
    const asked = { operation: operation.id, listener, address, origin, route: route?.name, seconds };
    if ('pass' in done) {
      const { code, reason } = done;
      const { status } = REFUSALS[code];
      recorder.event('request.refused', { ...asked, session: params.id, code, reason, status });
    } else {
      recorder.event('request.answered', { ...asked, session: params.id, ...done.deed, status: done.status });
    }
  }
}

interface Matched {
  readonly operation: Operation;
  match(path: string): Readonly<Record<string, string>> | undefined;
}

/** A parameter is one segment of letters, digits and `-`: what our ids are made of. */
function matcher(path: string): Matched['match'] {
  const pattern = new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[A-Za-z0-9-]{1,64})')}$`);
  return (asked) => {
    const found = pattern.exec(asked);
    return found ? { ...found.groups } : undefined;
  };
}
