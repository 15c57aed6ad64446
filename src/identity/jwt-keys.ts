import { createSecretKey } from 'node:crypto';
import { OptionsError } from '../pipeline/context.ts';
import type { IdentityContext } from '../pipeline/identity.ts';
import { readAuthorities } from '../pipeline/pem.ts';
import { circuitOf } from './circuit.ts';
import { discoverJwks } from './discovery.ts';
import { type FetchLimits, fetchText } from './fetch.ts';
import { isUrl, type JwtOptions, secretProblem } from './jwt-options.ts';
import { KeySetError, parseKeySet, secretKeySet } from './key-set.ts';
import { fixedKeys, type Keys, RemoteKeys } from './keys.ts';

/** What keys are found by: what a `jwt` identity says, or whoever else believes signatures. */
export type KeySource = Pick<
  JwtOptions,
  'issuer' | 'algorithms' | 'jwks' | 'secret' | 'secretFile' | 'keys' | 'dangerouslyAllowHttp'
> & {
  /** Where the issuer describes itself; the place that OpenID has for it where absent. */
  readonly description?: string;
};

/**
 * The keys of an issuer: a secret, a file, a URL, or what its discovery names. Keys that were fetched
 * outlive a reload that changes nothing of how they are fetched. Throws an OptionsError.
 */
export function keysOf(name: string, options: KeySource, context: IdentityContext): Keys {
  const { secret, secretFile, jwks } = options;
  if (secret !== undefined) return fixedSecret(Buffer.from(secret), 'secret', options);
  if (secretFile !== undefined) {
    const text = context.read(secretFile).replace(/\r?\n$/, '');
    return fixedSecret(Buffer.from(text), 'secretFile', options);
  }
  if (jwks !== undefined && !isUrl(jwks)) return fileKeys(jwks, options, context);
  return remoteKeys(name, options, context);
}

function fixedSecret(secret: Buffer, path: string, options: KeySource): Keys {
  const message = secretProblem(secret, options.algorithms);
  if (message) throw new OptionsError([{ path: [path], message }]);
  return fixedKeys(secretKeySet(createSecretKey(secret), options.algorithms));
}

/** A file is the operator's own: a key in it that cannot be trusted is an error, not a thing to skip. */
function fileKeys(file: string, { algorithms, keys }: KeySource, context: IdentityContext): Keys {
  const problem = (message: string) => ({ path: ['jwks'], message, file: context.resolve(file) });
  try {
    const set = parseKeySet(context.read(file), algorithms, keys.maxKeys);
    if (set.refused.length > 0) throw new OptionsError(set.refused.map(problem));
    if (set.size === 0) throw new OptionsError([problem('no key in it serves one of the algorithms')]);
    return fixedKeys(set);
  } catch (error) {
    if (error instanceof KeySetError) throw new OptionsError([problem(error.message)]);
    throw error;
  }
}

function remoteKeys(identity: string, options: KeySource, context: IdentityContext): Keys {
  const { issuer, jwks, algorithms, dangerouslyAllowHttp, keys, description } = options;
  const ca = keys.ca === undefined ? undefined : readAuthorities(keys.ca, ['keys', 'ca'], context);
  const { clock, recorder, shared } = context.services;
  const found = [issuer, jwks, description, dangerouslyAllowHttp];
  const key = JSON.stringify(['keys', identity, found, algorithms, keys, ca]);
  const load = async () => {
    const deadline = performance.now() + keys.timeout;
    const limits = (): FetchLimits => ({
      timeout: Math.max(1, deadline - performance.now()),
      maxBytes: keys.maxBytes,
      ca,
    });
    const url = jwks ?? (await discoverJwks(issuer, limits(), dangerouslyAllowHttp, description));
    return parseKeySet(await fetchText(url, limits()), algorithms, keys.maxKeys);
  };
  const source = jwks ?? issuer;
  return shared.get(key, () => {
    const circuit = circuitOf(identity, source, context.services);
    return new RemoteKeys({ identity, source, times: keys, load, circuit, clock, recorder });
  });
}
