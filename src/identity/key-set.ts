import { createPublicKey, hash, type JsonWebKey, type KeyObject } from 'node:crypto';
import { ALGORITHMS, type Algorithm, type AlgorithmRow } from './algorithms.ts';
import { isObject, type JsonObject, parseObject } from './strict-json.ts';

/** Keys that may verify a token, checked and imported, by key id and algorithm. Immutable. */
export interface KeySet {
  /** Changes when, and only when, the keys' text does. */
  readonly digest: string;
  /** How many keys can verify something. */
  readonly size: number;
  /** Why other keys of the set were left out, one line each. */
  readonly refused: readonly string[];
  /**
   * The keys to try, few: those of this id and algorithm; of this algorithm where the token names no id. Undefined if so
   * many match that trying them all would be work for a stranger.
   */
  candidates(algorithm: Algorithm, keyId: string | undefined): readonly KeyObject[] | undefined;
}

/** More keys than this of one algorithm are only looked into by id. */
const MAX_CANDIDATES = 4;
const MIN_RSA = 2_048; // bits
const MAX_RSA = 8_192; // bits; beyond, verifying is work for the server and none for the sender

/** Why a text is not a key set at all. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError';
}

/**
 * Reads a JWK Set (RFC 7517 §5). Keys that are private, weak, for encryption, or of a kind that none of the algorithms
 * needs are left out, and said; a text that is no key set, or has more than `maxKeys`, throws a KeySetError.
 */
export function parseKeySet(text: string, algorithms: readonly Algorithm[], maxKeys: number): KeySet {
  const document = parseObject(Buffer.from(text));
  const keys = document?.keys;
  if (!Array.isArray(keys)) throw new KeySetError('not a JSON Web Key Set');
  if (keys.length > maxKeys) throw new KeySetError(`${keys.length} keys are more than ${maxKeys}`);

  const found = new Keys();
  const refused: string[] = [];
  for (const jwk of keys) {
    const usable = isObject(jwk) ? usesOf(jwk, algorithms) : [];
    if (usable.length === 0) continue;
    const key = importKey(jwk as JsonObject);
    if (typeof key === 'string') refused.push(`${nameOf(jwk as JsonObject)}: ${key}`);
    else found.add(key, usable, (jwk as JsonObject).kid);
  }
  return found.freeze(hash('sha256', text), refused);
}

/** A set of one secret, for all the algorithms that the configuration gives it and whatever id a token names. */
export function secretKeySet(secret: KeyObject, algorithms: readonly Algorithm[]): KeySet {
  const only = [secret];
  return Object.freeze({
    digest: 'secret',
    size: 1,
    refused: [],
    candidates: (algorithm: Algorithm) => (algorithms.includes(algorithm) ? only : []),
  });
}

class Keys {
  readonly #byName = new Map<string, KeyObject[]>();
  #size = 0;

  add(key: KeyObject, algorithms: readonly Algorithm[], keyId: unknown): void {
    this.#size++;
    for (const algorithm of algorithms) {
      this.#push(algorithm, key);
      if (typeof keyId === 'string') this.#push(`${algorithm} ${keyId}`, key);
    }
  }

  #push(name: string, key: KeyObject): void {
    const list = this.#byName.get(name);
    if (list) list.push(key);
    else this.#byName.set(name, [key]);
  }

  freeze(digest: string, refused: readonly string[]): KeySet {
    const byName = this.#byName;
    return Object.freeze({
      digest,
      size: this.#size,
      refused,
      candidates(algorithm: Algorithm, keyId: string | undefined) {
        const list = byName.get(keyId === undefined ? algorithm : `${algorithm} ${keyId}`) ?? [];
        return list.length <= MAX_CANDIDATES ? list : undefined;
      },
    });
  }
}

/** The configured algorithms that this key says it is for. A shared secret in a public set is for none. */
function usesOf(jwk: JsonObject, algorithms: readonly Algorithm[]): Algorithm[] {
  if (jwk.use !== undefined && jwk.use !== 'sig') return [];
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify'))) return [];
  return algorithms.filter((algorithm) => {
    const row: AlgorithmRow = ALGORITHMS[algorithm];
    if (row.keyType === 'secret' || jwk.kty !== row.keyType) return false;
    if (row.curve !== undefined && jwk.crv !== row.curve) return false;
    return jwk.alg === undefined || jwk.alg === algorithm;
  });
}

/** The key, or why it cannot be trusted (RFC 8725 §3.4, §3.5). */
function importKey(jwk: JsonObject): KeyObject | string {
  if ('d' in jwk || 'p' in jwk || 'q' in jwk || 'k' in jwk)
    return 'its private part is public: whoever reads this set can sign';
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  } catch {
    return 'not a valid key';
  }
  const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (jwk.kty !== 'RSA') return key;
  if (modulusLength === undefined || modulusLength < MIN_RSA || modulusLength > MAX_RSA)
    return `RSA of ${modulusLength} bits, not ${MIN_RSA} to ${MAX_RSA}`;
  if (publicExponent === undefined || publicExponent < 65_537n || publicExponent % 2n === 0n)
    return 'an RSA exponent smaller than 65537';
  return key;
}

function nameOf(jwk: JsonObject): string {
  return typeof jwk.kid === 'string' ? `key ${JSON.stringify(jwk.kid.slice(0, 64))}` : 'a key without id';
}
