import type { RequestRates } from '../edge/arrival.ts';
import type { RefusalCode } from '../errors.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import type { Plan, RoutePlan } from '../pipeline/route.ts';
import type { Refused } from '../pipeline/verdict.ts';
import type { Renewals } from '../session/renewals.ts';
import type { SignalReceiver } from '../signals/receiver.ts';
import type { Services } from '../store/services.ts';
import type { HeaderFields } from './cross-origin.ts';

/** What the well-known paths need of the gateway that serves them. */
export interface Desk {
  readonly services: Services;
  /** The plan in force; another one after a reload. */
  plan(): Plan;
  /** Why nobody is admitted at the moment (draining, overloaded); undefined while all are welcome. */
  closedFor(): RefusalCode | undefined;
  readonly signals: Pick<SignalReceiver, 'receive'>;
  /** Brings new credentials to sessions, those of other processes included. */
  readonly renewals: Pick<Renewals, 'offer'>;
}

/** A request that may be answered: its address is within its rate, and its body was read whole. */
export interface Call {
  readonly desk: Desk;
  /** The request as an identity sees it. */
  readonly handshake: Handshake;
  /** What stood for `{name}` in the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A request about one route, whose origins may send it. `handshake.path` is that of the route's socket. */
export interface RouteCall extends Call {
  readonly route: RoutePlan;
}

/** What is answered when all goes well. */
export interface Answer {
  readonly status: number;
  /** Written as JSON; none where absent. */
  readonly body?: object;
  /** What it needs besides the fields that every answer has. */
  readonly headers?: HeaderFields;
  /** Whom the record should name. */
  readonly deed?: {
    readonly session?: string;
    readonly identity?: string;
    readonly subject?: string;
    readonly tenant?: string;
  };
}

/** What the router does before a row's own work, from the row alone. */
interface Row {
  /** As events and metrics call it. */
  readonly id: string;
  readonly method: 'POST';
  /** Behind `/.well-known/sallyport`, with `{name}` for parameters. */
  readonly path: string;
  /** The media type of the body; any other is refused. */
  readonly consumes: string;
  /** Of the body. */
  readonly maxBytes: number;
  /** For the body to come, and again for the work, in milliseconds. */
  readonly deadline: number;
  /** Which rate of the listener bounds one address, before anything else is looked at. */
  readonly rate: keyof RequestRates;
}

/** One that pages do not ask: no origin is let in, and errors may have a form of their own. */
export interface PlainOperation extends Row {
  run(call: Call): Promise<Answer | Refused>;
}

/**
 * One about a route, which its body names: `{ "path": "/chat" }`, as the URL of the socket has it. The pages that the
 * route's origins let in may ask it across origins (Fetch §3.2).
 */
export interface RouteOperation extends Row {
  /** Whether a route has it at all. */
  offered(route: RoutePlan): boolean;
  run(call: RouteCall): Promise<Answer | Refused>;
}

/** One row: the router does what it says, and then calls it. */
export type Operation = PlainOperation | RouteOperation;

export function isAboutRoute(operation: Operation): operation is RouteOperation {
  return 'offered' in operation;
}
