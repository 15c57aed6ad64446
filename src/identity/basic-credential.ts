import type { Handshake } from '../pipeline/handshake.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { isCleanText } from './claims.ts';

export interface BasicCredential {
  readonly name: string;
  /** As sent: OCPP 1.6 stations may use raw bytes that are no text. */
  readonly secret: Buffer;
}

const MAX_HEADER = 2_048; // characters
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Name and secret from the Authorization field (RFC 7617 §2); undefined if it is of another scheme or not there. */
export function basicCredentialOf(handshake: Handshake): BasicCredential | Refused | undefined {
  const header = handshake.headers.get('authorization');
  if (header === undefined || !/^basic(\s|$)/i.test(header)) return undefined;
  const encoded = header.length <= MAX_HEADER && /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  if (!encoded) return malformed();
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded) return malformed();
  const colon = bytes.indexOf(':');
  if (colon < 1) return malformed();
  const name = textOf(bytes.subarray(0, colon));
  return isCleanText(name) ? { name, secret: bytes.subarray(colon + 1) } : malformed();
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function malformed(): Refused {
  return refuse('credential_malformed', 'Authorization is not Basic with a name and a secret');
}
