import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { type Credentials, credentialsOf } from '../load/credentials.ts';
import { endpointOf } from '../load/endpoint.ts';
import { type ScenarioInput, scenarioOf } from '../load/scenario.ts';
import { type Endpoint, type LoadSocket, openSocket } from '../load/socket.ts';
import type { Chronicle } from './chronicle.ts';
import { AUDIENCE } from './configuration.ts';
import type { Trial } from './evidence.ts';
import { KEY_ID } from './provider.ts';
import type { Stage } from './stage.ts';

/** How long somebody may wait at the door, in milliseconds. */
const PATIENCE = 5_000;

const STRANGERS = ['without', 'garbage', 'expired', 'forged'] as const;

/** Sends newcomers and strangers to the door, one of each at a time. */
export class Trials {
  readonly seen: Trial[] = [];
  readonly #chronicle: Chronicle;
  readonly #issuer: string;
  readonly #newcomers: Entrance;
  readonly #strangers: Entrance;
  readonly #forger: KeyObject = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  #count = 0;

  constructor(stage: Stage, chronicle: Chronicle) {
    this.#chronicle = chronicle;
    this.#issuer = stage.provider.url;
    this.#newcomers = entranceOf(stage.entry('newcomers'));
    this.#strangers = entranceOf(stage.entry('strangers'));
  }

  /** One newcomer and one stranger. Never rejects. */
  async round(): Promise<void> {
    const count = this.#count++;
    const stranger = STRANGERS[count % STRANGERS.length]!;
    await Promise.all([
      this.#try('newcomer', this.#newcomers, () => this.#newcomers.credentials.token(count)),
      this.#try(stranger, this.#strangers, () => this.#tokenOf(stranger)),
    ]);
  }

  async #try(who: Trial['who'], { endpoint }: Entrance, tokenOf: () => Promise<string | undefined>) {
    const at = this.#chronicle.now;
    const begun = performance.now();
    let answer = '101';
    try {
      const socket = await openSocket(endpoint, await tokenOf(), NOBODY, PATIENCE);
      leave(socket);
    } catch (error) {
      answer = error instanceof Error ? error.message : String(error);
    }
    if (!this.#chronicle.begun) return;
    const admitted = answer === '101';
    this.seen.push({ at, who, admitted, took: performance.now() - begun, answer });
    if (who === 'newcomer' ? !admitted : admitted)
      this.#chronicle.note(
        'clients',
        who === 'newcomer' ? `a newcomer is kept out: ${answer}` : `a stranger is let in: ${who}`,
      );
  }

  async #tokenOf(who: (typeof STRANGERS)[number]): Promise<string | undefined> {
    if (who === 'without') return undefined;
    if (who === 'garbage') return 'eyJhbGciOiJub25lIn0.e30.';
    if (who === 'expired') return await this.#strangers.credentials.brief(-3_600_000);
    return await new SignJWT({ iss: this.#issuer, aud: AUDIENCE, sub: 'forged' })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: KEY_ID })
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(this.#forger);
  }
}

interface Entrance {
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
}

function entranceOf(entry: ScenarioInput): Entrance {
  const scenario = scenarioOf(entry);
  const path = (name: string): string => name;
  return { endpoint: endpointOf(scenario, path), credentials: credentialsOf(scenario, path) };
}

const NOBODY = { message: () => {}, closed: () => {} };

function leave(socket: LoadSocket): void {
  socket.close();
}
