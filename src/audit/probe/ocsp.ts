import { readDer } from './der.ts';

/** What a stapled response says of the certificate. */
export type OcspStatus = 'good' | 'revoked' | 'unknown' | 'unreadable';

/** The tags of CertStatus: good is an implicit NULL, revoked holds a time (RFC 6960 §4.2.1). */
const STATUS: Readonly<Record<number, OcspStatus>> = { 128: 'good', 161: 'revoked', 130: 'unknown' };

/** Fields in front of the list of responses: a version that need not be there, and who answers. */
const TAGGED: ReadonlySet<number> = new Set([0xa0, 0xa1, 0xa2]);

/**
 * Reads the status of the first response out of an OCSPResponse (RFC 6960 §4.2.1). Its signature is not looked at: what is of
 * interest is what clients are told.
 */
export function ocspStatus(response: Buffer): OcspStatus {
  const bytes = inside(inside(inside(inside(response, 0), 1), 0), 1); // responseBytes, then what its OCTET STRING holds
  const fields = readDer(inside(inside(bytes, 0), 0)).filter(({ tag }) => !TAGGED.has(tag));
  const [, list] = fields; // producedAt, responses
  const [, status] = readDer(inside(list?.body ?? NOTHING, 0)); // certID, certStatus
  return (status && STATUS[status.tag]) ?? 'unreadable';
}

const NOTHING = Buffer.alloc(0);

/** What is in the value at this place. */
function inside(bytes: Buffer, place: number): Buffer {
  return readDer(bytes)[place]?.body ?? NOTHING;
}
