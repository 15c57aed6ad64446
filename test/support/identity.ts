import { OptionsError } from '../../src/pipeline/context.ts';
import type { Handshake } from '../../src/pipeline/handshake.ts';
import {
  type Identity,
  type IdentityContext,
  type IdentityKind,
  isRefused,
  NOT_MINE,
} from '../../src/pipeline/identity.ts';
import type { Principal } from '../../src/pipeline/principal.ts';
import type { EventName } from '../../src/record/events.ts';
import { type Fields, silentRecorder } from '../../src/record/recorder.ts';
import { createServices } from '../../src/store/services.ts';
import { ManualClock } from './guard.ts';

export interface Said {
  readonly name: EventName;
  readonly fields: Fields;
}

/** What an identity is given, with files from a table, a clock by hand, and a record that can be read. */
export interface TestContext extends IdentityContext {
  readonly clock: ManualClock;
  readonly said: readonly Said[];
  /** May be changed: the next `create` reads what is there. */
  readonly files: Record<string, string>;
}

export function identityContext(files: Record<string, string> = {}): TestContext {
  const clock = new ManualClock();
  // Tokens are signed by the real clock.
  clock.wall = Date.now();
  const said: Said[] = [];
  const recorder = {
    ...silentRecorder,
    event: (name: EventName, fields: Fields) => {
      said.push({ name, fields });
    },
  };
  const read = (path: string) => {
    const text = files[path];
    if (text === undefined) throw new OptionsError([{ path: [], message: `no such file: ${path}` }]);
    return text;
  };
  return {
    clock,
    said,
    files,
    services: createServices(recorder, clock),
    resolve: (path) => `/etc/sallyport/${path}`,
    read,
    list: () => Object.keys(files).sort(),
  };
}

/** Builds an identity as the loader would: options through the schema first. */
export function identityOf<O>(
  kind: IdentityKind<O>,
  options: unknown,
  context: IdentityContext = identityContext(),
): Identity {
  return kind.create('staff', kind.options.parse(options), context);
}

/** The principal, or a failure that says why there is none. */
export async function principalOf(identity: Identity, handshake: Handshake): Promise<Principal> {
  const found = await identity.identify(handshake);
  if (found === NOT_MINE) throw new Error('not mine');
  if (isRefused(found)) throw new Error(`${found.code}: ${found.reason}`);
  return found;
}

/** In one word what an identity answered: `accepted`, `not mine`, or the code of the refusal. */
export async function answerOf(identity: Identity, handshake: Handshake): Promise<string> {
  const found = await identity.identify(handshake);
  if (found === NOT_MINE) return 'not mine';
  return isRefused(found) ? found.code : 'accepted';
}
