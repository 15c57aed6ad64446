import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** A hashed secret (scrypt, RFC 7914) and what it was made with. */
export interface SecretHash {
  /** Base-2 logarithm of N. */
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** 32 MiB and some 100 ms of one core for each secret that is tried. */
const DEFAULT = { cost: 15, blockSize: 8, parallelism: 1 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

const derive = promisify<string | Buffer, Buffer, number, ScryptOptions, Buffer>(scrypt);

/**
 * A secret as a line of the file of a `basic` identity holds it, after the name and a colon:
 * `$scrypt$ln=15,r=8,p=1$SALT$KEY`, base64 without padding. `cost` is the base-2 logarithm of N, 10 to 18: raise it for
 * secrets that people choose; 10 is enough for 128 random bits, and lets a fleet of devices come back at a thirtieth of
 * the work.
 */
export async function hashSecret(secret: string | Buffer, cost: number = DEFAULT.cost): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const parts = { ...DEFAULT, cost, salt };
  const key = await keyOf(secret, { ...parts, key: Buffer.alloc(KEY_BYTES) });
  const { blockSize, parallelism } = parts;
  return `$scrypt$ln=${cost},r=${blockSize},p=${parallelism}$${unpadded(salt)}$${unpadded(key)}`;
}

/** Reads what `hashSecret` writes; undefined for anything else, and for costs outside 2^10 to 2^18. */
export function parseHash(text: string): SecretHash | undefined {
  const form = /^\$scrypt\$ln=(\d{2}),r=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{43})$/.exec(
    text,
  );
  if (!form) return undefined;
  const [cost, blockSize, parallelism] = form.slice(1, 4).map(Number) as [number, number, number];
  const [salt, key] = form.slice(4, 6).map((part) => Buffer.from(part, 'base64')) as [Buffer, Buffer];
  const fits = cost >= 10 && cost <= 18 && blockSize >= 1 && blockSize <= 16 && parallelism >= 1;
  return fits && key.length === KEY_BYTES ? { cost, blockSize, parallelism, salt, key } : undefined;
}

/** The same work as for a real one, for a name that there is not: nothing has this hash. */
export function decoyOf({ cost, blockSize, parallelism }: SecretHash | typeof DEFAULT = DEFAULT): SecretHash {
  return { cost, blockSize, parallelism, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) };
}

/** Whether the secret is the one that was hashed. In the thread pool; the comparison takes the same time for all. */
export async function matches(secret: string | Buffer, hash: SecretHash): Promise<boolean> {
  return timingSafeEqual(await keyOf(secret, hash), hash.key);
}

function keyOf(secret: string | Buffer, { cost, blockSize, parallelism, salt }: SecretHash): Promise<Buffer> {
  const N = 2 ** cost;
  // Node's default bound is 32 MiB; scrypt needs 128 · N · r bytes and a little.
  const maxmem = 128 * (N + parallelism + 2) * blockSize + 1_048_576;
  return derive(secret, salt, KEY_BYTES, { N, r: blockSize, p: parallelism, maxmem });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
