import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type CryptoKey, generateKeyPair, SignJWT } from 'jose';
import { type Scenario, ScenarioError } from './scenario.ts';

/** Gives each connection its token; undefined where the scenario has none. */
export interface Credentials {
  /** For one more connection of this user. */
  token(user: number): Promise<string | undefined>;
  /** One that lives so many milliseconds, or is over if that is negative. @throws ScenarioError where none can be minted. */
  brief(lifetime: number): Promise<string>;
  /** One that is right but for its signature. @throws ScenarioError where none can be minted. */
  forged(): Promise<string>;
}

/** @throws ScenarioError for files that cannot be used. */
export function credentialsOf({ identities }: Scenario, path: (name: string) => string): Credentials {
  if (identities && 'mint' in identities) return minted(identities.mint, path);
  const tokens = identities ? tokensIn(path(identities.tokens)) : [];
  const none = () => Promise.reject(new ScenarioError('identities: only identities.mint can make a token'));
  return { token: async (user) => tokens[user % tokens.length], brief: none, forged: none };
}

function tokensIn(file: string): string[] {
  const tokens = read(file).split(/\s+/).filter(Boolean);
  if (tokens.length === 0) throw new ScenarioError(`identities.tokens: ${file} holds none`);
  return tokens;
}

type Mint = Extract<Scenario['identities'], { readonly mint: unknown }>['mint'];

function minted(
  { key, algorithm, keyId, claims, lifetime }: Mint,
  path: (name: string) => string,
): Credentials {
  const secret = privateKey(path(key));
  const header = { alg: algorithm, typ: 'at+jwt', ...(keyId !== undefined && { kid: keyId }) };
  const sign = (
    user: number,
    milliseconds: number,
    signer: KeyObject | CryptoKey = secret,
  ): Promise<string> => {
    const now = Date.now() / 1_000;
    return new SignJWT({ sub: `load-${user}`, ...numbered(claims, user) })
      .setProtectedHeader(header)
      .setIssuedAt(Math.floor(Math.min(now, now + milliseconds / 1_000 - 1)))
      .setExpirationTime(Math.floor(now + milliseconds / 1_000))
      .setJti(`load-${user}-${Math.random().toString(36).slice(2)}`)
      .sign(signer);
  };
  let forger: Promise<CryptoKey> | undefined;
  return {
    token: (user) => sign(user, lifetime),
    brief: (milliseconds) => sign(0, milliseconds),
    forged: async () => {
      forger ??= generateKeyPair(algorithm).then(({ privateKey: key }) => key);
      return await sign(0, lifetime, await forger);
    },
  };
}

/** `{user}` in every text becomes the user's number. */
function numbered(claims: Readonly<Record<string, unknown>>, user: number): Record<string, unknown> {
  return JSON.parse(JSON.stringify(claims).replaceAll('{user}', String(user)));
}

function privateKey(file: string): KeyObject {
  const text = read(file);
  try {
    return text.trimStart().startsWith('{')
      ? createPrivateKey({ key: JSON.parse(text), format: 'jwk' })
      : createPrivateKey(text);
  } catch {
    throw new ScenarioError(`identities.mint.key: ${file} holds no private key`);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ScenarioError(`cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}
