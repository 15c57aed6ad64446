import type { IdentityContext } from '../pipeline/identity.ts';
import { readAuthorities } from '../pipeline/pem.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import type { Clock } from '../store/clock.ts';
import { type Circuit, CircuitOpenError, circuitOf } from './circuit.ts';
import { FetchError, fetchText, TOO_LARGE } from './fetch.ts';
import { Gate } from './gate.ts';
import type { IntrospectionOptions } from './introspection-options.ts';
import { type JsonObject, parseObject } from './strict-json.ts';

/** What a provider said of a token, and how long that was. */
export interface Answer {
  readonly claims: JsonObject;
  readonly characters: number;
}

/** Questions under way at once, and those that may wait for a turn. */
const AT_ONCE = 32;
const MAX_WAITING = 1_024;
/** What a client is told to wait when there is no answer, in milliseconds. */
const RETRY = 5_000;

/**
 * Answers that a strange token may bring about while the provider is well (RFC 9110 §15.5): they refuse that token and do
 * not open the circuit, else anybody could shut everybody out.
 */
const ABOUT_THE_TOKEN: ReadonlySet<number | undefined> = new Set([400, TOO_LARGE, 414, 422, 431]);

/** Asks an introspection endpoint (RFC 7662 §2.1), a few questions at a time, each with one deadline. */
export class IntrospectionClient {
  readonly #circuit: Circuit;
  readonly #options: IntrospectionOptions;
  readonly #ca: string | undefined;
  readonly #authorization: string;
  readonly #gate: Gate;
  readonly #clock: Clock;
  /** Questions in a row that the provider would not answer. */
  #unanswered = 0;

  constructor(name: string, options: IntrospectionOptions, context: IdentityContext) {
    const { origin, pathname } = new URL(options.endpoint);
    const { clock, shared } = context.services;
    this.#options = options;
    this.#clock = clock;
    this.#ca = options.ca === undefined ? undefined : readAuthorities(options.ca, ['ca'], context);
    this.#authorization = basicOf(options.clientId, options.clientSecret);
    this.#gate = shared.get(`identity:${name}:asking`, () => new Gate(AT_ONCE, MAX_WAITING));
    this.#circuit = circuitOf(name, origin + pathname, context.services);
  }

  /** The circuit while it is not closed, or that no question is answered although the provider is there. */
  health(): string | undefined {
    if (this.#unanswered < this.#options.circuit.failures) return this.#circuit.health();
    return this.#circuit.health() ?? `the last ${this.#unanswered} tokens were not looked at by the provider`;
  }

  /**
   * What the provider says; a refusal if it says nothing that can be used.
   *
   * @param before Asked when the turn has come: whoever sent a thousand tokens at once may have been found out by then.
   */
  async ask(token: string, before: () => Refused | undefined): Promise<Answer | Refused> {
    const { timeout } = this.#options;
    const deadline = this.#clock.monotonic() + timeout;
    const answer = await this.#gate.run(async () => {
      const left = deadline - this.#clock.monotonic();
      // With less than half of its time a slow answer would be our own fault, and must not open the circuit.
      return left < timeout / 2 ? crowded() : (before() ?? this.#answer(token, left));
    });
    return answer ?? crowded();
  }

  async #answer(token: string, timeout: number): Promise<Answer | Refused> {
    try {
      return await this.#circuit.run(this.#options.circuit, () => this.#post(token, timeout));
    } catch (error) {
      if (error instanceof CircuitOpenError)
        return refuse('identity_unavailable', error.message, undefined, error.retryAfter);
      if (error instanceof FetchError) return refuse('identity_unavailable', error.message, undefined, RETRY);
      throw error;
    }
  }

  async #post(token: string, timeout: number): Promise<Answer | Refused> {
    const { endpoint, maxBytes } = this.#options;
    const fields = { token, token_type_hint: 'access_token' };
    const form = { fields, authorization: this.#authorization };
    try {
      const text = await fetchText(endpoint, { timeout, maxBytes, ca: this.#ca }, form);
      const claims = parseObject(Buffer.from(text));
      if (claims) {
        this.#unanswered = 0;
        return { claims, characters: text.length };
      }
    } catch (error) {
      if (!(error instanceof FetchError) || !ABOUT_THE_TOKEN.has(error.status)) throw error;
      this.#unanswered++;
      return refuse('credential_invalid', `the provider has nothing to say of the token: ${error.message}`);
    }
    throw new FetchError(`${new URL(endpoint).host}: the answer is not one JSON object with unique members`);
  }
}

function crowded(): Refused {
  return refuse('identity_flooded', 'too many tokens at once', undefined, RETRY);
}

/** RFC 6749 §2.3.1: each is form-encoded before the two are joined, so that a colon or a letter beyond ASCII is safe. */
function basicOf(id: string, secret: string): string {
  const encode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`;
}
