import { mayReconnect, reconnectAfter } from '../protocol/close-codes.ts';

/** No Close was seen: the network went, or the upgrade was refused (RFC 6455 §7.1.5; never on the wire). */
export const ABNORMAL = 1006;
/** A Close without a code (RFC 6455 §7.1.5; never on the wire). */
const NO_CODE = 1005;

/** Whether a connection that was closed with this code may come again by itself. */
export function mayReturn(code: number): boolean {
  return code === ABNORMAL || code === NO_CODE || mayReconnect(code);
}

/** Whether the back-off stays as it is, however long the connection has lived: being let in is no reason to hurry. */
export function keepsBackoff(code: number): boolean {
  return reconnectAfter(code) === 'slowly';
}

/** Whether the token that was shown will not do again. */
export function wantsFreshToken(code: number): boolean {
  return reconnectAfter(code) === 'renewed';
}
