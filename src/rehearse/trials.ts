import type { Credentials } from '../load/credentials.ts';
import type { ScenarioInput } from '../load/scenario.ts';
import type { Chronicle } from './chronicle.ts';
import { type Entrance, entranceOf, knock } from './entrance.ts';
import type { Trial } from './evidence.ts';
import type { Ground } from './ground.ts';

/** How long somebody may wait at the door, in milliseconds. */
const PATIENCE = 5_000;

/** Who must not be let in, and with which token each comes. */
const STRANGERS = {
  without: async () => undefined,
  garbage: async () => 'eyJhbGciOiJub25lIn0.e30.',
  expired: (credentials) => credentials.brief(-3_600_000),
  forged: (credentials) => credentials.forged(),
} as const satisfies Readonly<Record<string, (credentials: Credentials) => Promise<string | undefined>>>;

type Stranger = keyof typeof STRANGERS;

/** Sends newcomers and strangers to the door, one of each at a time. */
export class Trials {
  readonly seen: Trial[] = [];
  readonly #chronicle: Chronicle;
  readonly #newcomers: Entrance;
  readonly #strangers: Entrance;
  /** Those who can be made of what is known: nobody is a stranger where everybody may come. */
  readonly #kinds: readonly Stranger[];
  #count = 0;

  constructor(ground: Ground, chronicle: Chronicle) {
    this.#chronicle = chronicle;
    this.#newcomers = entranceOf(ground.entry('newcomers'));
    this.#strangers = entranceOf(ground.entry('strangers'));
    this.#kinds = strangersOf(ground.entry('strangers'));
  }

  /** One newcomer and one stranger. Never rejects. */
  async round(): Promise<void> {
    const count = this.#count++;
    const stranger = this.#kinds[count % this.#kinds.length];
    const [newcomers, strangers] = [this.#newcomers, this.#strangers];
    await Promise.all([
      this.#try('newcomer', newcomers, () => newcomers.credentials.token(count)),
      stranger && this.#try(stranger, strangers, () => STRANGERS[stranger](strangers.credentials)),
    ]);
  }

  async #try(who: Trial['who'], entrance: Entrance, tokenOf: () => Promise<string | undefined>) {
    const at = this.#chronicle.now;
    const begun = performance.now();
    let answer = '101';
    try {
      await knock(entrance, await tokenOf(), PATIENCE);
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
}

function strangersOf({ identities }: ScenarioInput): readonly Stranger[] {
  if (!identities) return [];
  return 'mint' in identities ? (Object.keys(STRANGERS) as Stranger[]) : ['without', 'garbage'];
}
