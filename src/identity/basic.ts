import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { OptionsError } from '../pipeline/context.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import {
  type Identification,
  type Identity,
  type IdentityContext,
  type IdentityKind,
  NOT_MINE,
} from '../pipeline/identity.ts';
import type { Principal } from '../pipeline/principal.ts';
import { rate } from '../pipeline/units.ts';
import { type MaybePromise, type Refused, refuse } from '../pipeline/verdict.ts';
import { networkOf } from '../store/network.ts';
import type { Services } from '../store/services.ts';
import { type BasicCredential, basicCredentialOf } from './basic-credential.ts';
import { disagrees } from './binding.ts';
import { Gate } from './gate.ts';
import { Lockout } from './lockout.ts';
import { freezePrincipal } from './principal.ts';
import { decoyOf, matches, type SecretHash } from './secret-hash.ts';
import { parseSecretsFile } from './secrets-file.ts';

const options = z.strictObject({
  file: z.string().min(1).describe('Lines of NAME:HASH; see hashSecret.'),
  matchPath: z
    .boolean()
    .default(false)
    .describe('The name must be the last part of the path, as OCPP security profile 1 wants it.'),
  lockout: z
    .strictObject({
      perName: rate
        .prefault('10/h')
        .describe('Failed attempts for one name, from addresses it did not last use.'),
      perAddress: rate.prefault('30/h').describe('Failed attempts from one address (IPv6: one /64).'),
    })
    .prefault({}),
});

type BasicOptions = z.infer<typeof options>;

/** Hashes computed at once, of the four threads that files and DNS need too; and attempts that may wait for one. */
const HASHES_AT_ONCE = 2;
const MAX_WAITING = 64;
/** What a client is told to wait when too many do, in milliseconds. */
const RETRY = 5_000;

/**
 * HTTP Basic (RFC 7617) against hashed secrets in a file, which is OCPP's security profile 1. A name that there is not
 * costs the same work as a wrong secret, so neither answer nor time tells them apart.
 */
export const basic: IdentityKind<BasicOptions> = {
  name: 'basic',
  options,
  create: (name, options, context) => new BasicIdentity(name, options, context),
};

class BasicIdentity implements Identity {
  readonly #name: string;
  readonly #options: BasicOptions;
  readonly #services: Services;
  readonly #hashes: ReadonlyMap<string, SecretHash>;
  readonly #lockout: Lockout;
  readonly #gate: Gate;
  readonly #proven = new Proven();

  constructor(name: string, options: BasicOptions, context: IdentityContext) {
    const { shared, clock } = context.services;
    this.#name = name;
    this.#options = options;
    this.#services = context.services;
    this.#hashes = readSecrets(options.file, context);
    this.#lockout = shared.get(`identity:${name}:lockout`, () => new Lockout(clock));
    this.#gate = shared.get('identity:hashes', () => new Gate(HASHES_AT_ONCE, MAX_WAITING));
  }

  identify(handshake: Handshake): MaybePromise<Identification> {
    const credential = basicCredentialOf(handshake);
    if (credential === undefined) return NOT_MINE;
    if ('pass' in credential) return credential;
    const { name, secret } = credential;
    const refused = disagrees(name, handshake, this.#options) ?? this.#locked(name, handshake);
    if (refused) return refused;
    if (this.#proven.has(name, secret)) return this.#succeeded(name, handshake);
    return this.#check(credential, handshake);
  }

  async #check({ name, secret }: BasicCredential, handshake: Handshake): Promise<Identification> {
    const answer = await this.#gate.run(async (): Promise<Identification> => {
      // Whoever waited asks again: of a thousand guesses sent at once, only as many are computed as one by one.
      const locked = this.#locked(name, handshake);
      if (locked) return locked;
      const hash = this.#hashes.get(name);
      const good = await matches(secret, hash ?? this.#decoyFor(name));
      if (!good || !hash) return this.#failed(name, handshake);
      this.#proven.add(name, secret);
      return this.#succeeded(name, handshake);
    });
    return answer ?? refuse('identity_flooded', 'too many attempts at once', undefined, RETRY);
  }

  #succeeded(name: string, { address }: Handshake): Principal {
    this.#lockout.succeeded(name, networkOf(address));
    return freezePrincipal({ identity: this.#name, subject: name, roles: [], claims: {} });
  }

  #failed(name: string, handshake: Handshake): Refused {
    const network = networkOf(handshake.address);
    this.#lockout.failed(name, network, this.#options.lockout, this.#hashes.has(name));
    return refuse('credential_invalid', 'no such name, or another secret');
  }

  #locked(name: string, { address }: Handshake): Refused | undefined {
    const wait = this.#lockout.wait(name, networkOf(address), this.#options.lockout);
    if (wait === 0) return undefined;
    const reason = 'too many failed attempts for this name or address';
    const fields = { identity: this.#name, address, reason, seconds: wait / 1_000 };
    this.#services.recorder.event('identity.locked', fields);
    return refuse('identity_locked', reason, undefined, wait);
  }

  /** One of the real lines' cost, the same each time for the same name, so that time does not tell a name from none. */
  #decoyFor(name: string): SecretHash {
    const lines = [...this.#hashes.values()];
    return decoyOf(lines[this.#proven.indexOf(name, lines.length)]);
  }
}

/**
 * Secrets that were right, under a key that dies with the process: a fleet that comes back after a restart of the network
 * costs a few microseconds each, not a hash. At most one a name of the file; a new file starts anew.
 */
class Proven {
  readonly #key = randomBytes(32);
  readonly #macs = new Map<string, Buffer>();

  has(name: string, secret: Buffer): boolean {
    const mac = this.#macs.get(name);
    return mac !== undefined && timingSafeEqual(mac, this.#macOf(secret));
  }

  add(name: string, secret: Buffer): void {
    this.#macs.set(name, this.#macOf(secret));
  }

  /** A number below `count` that looks like chance and is always the same for a name. */
  indexOf(name: string, count: number): number {
    return this.#macOf(Buffer.from(name)).readUInt32BE() % Math.max(1, count);
  }

  #macOf(secret: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(secret).digest();
  }
}

function readSecrets(file: string, context: IdentityContext): ReadonlyMap<string, SecretHash> {
  const { hashes, problems } = parseSecretsFile(context.read(file));
  if (problems.length === 0) return hashes;
  throw new OptionsError(
    problems.map((problem) => ({ path: ['file'], file: context.resolve(file), ...problem })),
  );
}
