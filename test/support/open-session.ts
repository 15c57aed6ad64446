import type { SessionParts } from '../../src/session/parts.ts';
import { Session, type SessionHost } from '../../src/session/session.ts';

/** Begins to relay, as the gateway does when the 101 is written. */
export function openSession(parts: SessionParts, host: SessionHost): Session {
  const session = new Session(parts, host);
  session.begin(parts);
  return session;
}
