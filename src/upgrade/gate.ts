import type { RefusalCode } from '../errors.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import type { Plan } from '../pipeline/route.ts';
import type { Refused } from '../pipeline/verdict.ts';
import type { Claim } from '../protocol/session-protocol.ts';
import type { Claimant, Claimed } from '../session/claim.ts';
import type { Attachment, SessionParts } from '../session/parts.ts';
import type { Session } from '../session/session.ts';
import type { Services } from '../store/services.ts';

/** What an upgrade needs of the gateway at which it arrives. */
export interface Gate {
  readonly services: Services;
  /** The plan in force; another one after a reload. */
  plan(): Plan;
  /** Why nobody is admitted at the moment (draining, overloaded); undefined while all are welcome. */
  closedFor(): RefusalCode | undefined;
  /** Why the client certificate, which was good when the request arrived, is not any more. */
  distrusts(handshake: Handshake): Refused | undefined;
  /** What a claim leads to, here or in another process. Never rejects. */
  claim(claim: Claim, claimant: Claimant): Promise<Claimed | Refused> | Claimed | Refused;
  /** The same of this process alone, at once. */
  find(claim: Claim, claimant: Claimant): Claimed | Refused;
  /** Goes on with a session over another connection. The socket is now the session's. Never throws. */
  resume(session: Session, parts: Attachment): void;
  /** Starts relaying. The sockets and the seat are now the session's, whatever becomes of it. Never throws. */
  open(parts: SessionParts): void;
}
