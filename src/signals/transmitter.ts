import { hash, timingSafeEqual } from 'node:crypto';
import { transmitterUrl } from '../identity/discovery.ts';
import { keysOf } from '../identity/jwt-keys.ts';
import { findCandidates, type Keys } from '../identity/keys.ts';
import { isSignedBy } from '../identity/signature.ts';
import type { IdentityContext } from '../pipeline/identity.ts';
import type { Refused } from '../pipeline/verdict.ts';
import { type EventTokenRules, readEventToken, readStatement, type Statement } from './event-token.ts';
import { fault, isFault, type SignalFault } from './fault.ts';
import type { SignalOptions } from './options.ts';
import type { SubjectRules } from './subject.ts';

/** One who may tell the gateway of events: whose tokens are verified, and of whom it may speak. */
export class Transmitter {
  readonly name: string;
  readonly issuer: string;
  /** What stands for an identity where its keys are spoken of, in the log and in metrics. */
  readonly keysOwner: string;
  /** By the names of identities. */
  readonly speaksFor: readonly string[];
  readonly subjects: SubjectRules;
  readonly rules: EventTokenRules;
  readonly #keys: Keys;
  /** SHA-256 of the Authorization that must be sent. */
  readonly #secret: Buffer | undefined;

  /** @throws OptionsError with paths that begin behind the transmitter's name. */
  constructor(name: string, options: SignalOptions, context: IdentityContext) {
    const { issuer, algorithms, audience, authorization, maxAge, leeway, subjects } = options;
    this.name = name;
    this.issuer = issuer;
    this.keysOwner = `signals ${name}`;
    this.speaksFor = subjects.identities;
    this.subjects = { issuer: subjects.issuer ?? issuer, user: subjects.user };
    this.rules = {
      algorithms: new Set(algorithms),
      audience: new Set([audience].flat()),
      maxAge,
      leeway,
    };
    const description = options.jwks === undefined ? { description: transmitterUrl(issuer) } : {};
    this.#keys = keysOf(this.keysOwner, { ...options, ...description }, context);
    this.#secret = authorization === undefined ? undefined : digestOf(authorization);
  }

  /** Fetches keys before the first event has to wait for them. */
  async prepare(): Promise<void> {
    await this.#keys.ready();
  }

  health(): string | undefined {
    return this.#keys.health();
  }

  /** Whether a request shows what this one must show. */
  knows(authorization: string | undefined): boolean {
    if (!this.#secret) return true;
    return timingSafeEqual(this.#secret, digestOf(authorization ?? ''));
  }

  /** What a token says, if this issuer has signed it for us; a refusal if nobody can tell just now. */
  async verify(text: string, now: number): Promise<Statement | SignalFault | Refused> {
    const token = readEventToken(text, this.rules);
    if (isFault(token)) return token;
    const found = await findCandidates(this.#keys, token);
    if ('pass' in found) {
      return found.code === 'identity_unavailable' ? found : fault('invalid_key', found.reason);
    }
    if (!(await isSignedBy(token, found.keys))) {
      return fault('invalid_key', 'no key of the issuer made this signature');
    }
    return readStatement(token.claims, this.rules, now);
  }
}

function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
