import { hash } from 'node:crypto';

/** The constant of RFC 6455 section 1.3: no server that does not know WebSocket answers with it by chance. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 section 4.2.2, step 5.4). */
export function acceptKey(key: string): string {
  return hash('sha1', key + GUID, 'base64');
}
