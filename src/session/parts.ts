import type { Duplex } from 'node:stream';
import type { RefusalCode } from '../errors.ts';
import type { Dialled } from '../pipeline/dialled.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import type { Principal } from '../pipeline/principal.ts';
import type { RoutePlan } from '../pipeline/route.ts';
import type { NotResumed } from '../protocol/session-protocol.ts';
import type { Services } from '../store/services.ts';
import type { Parking, TokenHash } from './parking.ts';
import type { HeldCount } from './passage.ts';

/** What an upgrade has brought together; the 101 is written. Nothing of it is kept but the sockets and what is named. */
export interface SessionParts {
  readonly id: string;
  readonly route: RoutePlan;
  readonly handshake: Handshake;
  readonly principal: Principal;
  /** The negotiated subprotocol; empty if none. */
  readonly protocol: string;
  /** Whether permessage-deflate was negotiated with the client. */
  readonly deflate: boolean;
  /** Paused, or never read. */
  readonly client: Duplex;
  /** What the client sent behind its request. */
  readonly clientHead: Buffer;
  readonly upstream: Dialled;
  /** That the client speaks the session protocol, and why it did not get the session that it claimed. */
  readonly resume?: { readonly refused?: NotResumed | undefined } | undefined;
  /** That the upstream is another process, which holds the session: it judges, and counts. */
  readonly joined?: boolean;
}

/** Another connection for a session that its client has lost; the 101 is written. */
export interface Attachment extends Pick<SessionParts, 'handshake' | 'deflate' | 'client' | 'clientHead'> {
  /** The token that was shown. */
  readonly shown: TokenHash;
  /** How many messages of the server the client has had. */
  readonly seen: number;
}

/** Where a session lives. */
export interface Home<S> {
  readonly services: Services;
  readonly registry: {
    add(session: S): void;
    remove(session: S): void;
    /** Is told of a change of what the session is found by, and makes it. */
    rekey(session: S, change: () => void): void;
  };
  /** Counts what messages that are not whole hold in all sessions. */
  readonly unfinished?: HeldCount;
  /** Where sessions wait for their clients. */
  readonly parking?: Parking<S>;
  /** Called once, when both legs are gone and the registry has let go of it. */
  closed?(session: S): void;
}

/** How a session ended, as the event `session.closed` says it. */
export interface Ending {
  readonly initiator: 'client' | 'upstream' | 'gateway' | 'operator';
  /** The close code that ended it; 1005 for a Close without one, 1006 for none at all. */
  readonly close: number;
  readonly code?: RefusalCode;
  readonly reason?: string;
}
