import { mayReconnect } from '../protocol/close-codes.ts';

/** No Close was seen: the network went, or the upgrade was refused (RFC 6455 §7.1.5; never on the wire). */
export const ABNORMAL = 1006;
/** A Close without a code (RFC 6455 §7.1.5; never on the wire). */
const NO_CODE = 1005;
const UNAUTHORIZED = 3000;

/** The server is restarting, busy, or was asked too much: being let in before is no reason to hurry now. */
const SLOWER: ReadonlySet<number> = new Set([1012, 1013, 4029]);

/** Whether a connection that was closed with this code may come again by itself. */
export function mayReturn(code: number): boolean {
  return code === ABNORMAL || code === NO_CODE || mayReconnect(code);
}

/** Whether the back-off stays as it is, however long the connection has lived. */
export function keepsBackoff(code: number): boolean {
  return SLOWER.has(code);
}

/** Whether the token that was shown will not do again. */
export function wantsFreshToken(code: number): boolean {
  return code === UNAUTHORIZED;
}
