import type { RunningBackend } from './backend.ts';
import type { Person, RunningProvider } from './provider.ts';
import { type Closed, type Visit, Visitor } from './visitor.ts';

/** What the script plays with. */
export interface Stage {
  readonly visit: Visit;
  readonly provider: RunningProvider;
  readonly backend: RunningBackend;
  /** Revokes all credentials of a subject through the admin API. */
  revoke(subject: string): Promise<void>;
  /** Puts a new certificate where the gateway watches for one, and resolves once it is served. */
  renewCertificate(): Promise<void>;
}

/** One line of the demonstration: what is tried, and what should come of it. */
interface Scene {
  readonly title: string;
  readonly wanted: string;
  /** What came of it, in the same words as `wanted` if all is well. */
  play(stage: Stage): Promise<string>;
}

/** Lets a visitor in, or fails the scene. */
async function enter(stage: Stage, person: Person): Promise<Visitor> {
  const outcome = await Visitor.connect(stage.visit, await stage.provider.token(person));
  if (typeof outcome === 'string') throw new Error(`${person} was kept out: ${outcome}`);
  return outcome;
}

/** Tries to enter and says what happened. */
async function knock(stage: Stage, changes: Partial<Visit>, token?: string): Promise<string> {
  const outcome = await Visitor.connect({ ...stage.visit, ...changes }, token);
  if (typeof outcome === 'string') return outcome;
  await outcome.leave();
  return 'let in';
}

/** Sends one message and says how it was refused, and whether the backend saw it all the same. */
async function refusalOf(stage: Stage, person: Person, message: object): Promise<string> {
  const visitor = await enter(stage, person);
  const before = stage.backend.received.length;
  visitor.send(message);
  const answer = await visitor.nextOf('error');
  await visitor.leave();
  const reached = stage.backend.received.length > before ? ', but it reached the backend' : '';
  return `refused: ${answer?.code}${reached}`;
}

const said = (room: string, text: string): object => ({ type: 'chat.send', id: 'm1', room, text });

const closedWith = ({ code, reason }: Closed): string => `closed ${code}: ${reason}`;

export const SCENES: readonly Scene[] = [
  {
    title: 'alice comes with a token and says hello in the lobby',
    wanted: 'let through: alice said "hello"',
    async play(stage) {
      const alice = await enter(stage, 'alice');
      alice.send(said('lobby', 'hello'));
      const heard = await alice.nextOf('chat.said');
      await alice.leave();
      return `let through: ${heard?.from} said "${heard?.text}"`;
    },
  },
  {
    title: 'somebody comes without a token',
    wanted: 'HTTP 401',
    play: (stage) => knock(stage, {}),
  },
  {
    title: 'somebody comes with a token that was tampered with',
    wanted: 'HTTP 401',
    async play(stage) {
      const [header, payload, signature = ''] = (await stage.provider.token('alice')).split('.');
      const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
      return knock(stage, {}, `${header}.${payload}.${flipped}`);
    },
  },
  {
    title: 'a foreign page opens a socket with a good token',
    wanted: 'HTTP 403',
    play: async (stage) =>
      knock(stage, { origin: 'https://evil.example' }, await stage.provider.token('alice')),
  },
  {
    title: 'a token runs out while its socket is open',
    wanted: 'closed 3000: session_expired; the same token again: HTTP 401',
    async play(stage) {
      const token = await stage.provider.token('late');
      const late = await Visitor.connect(stage.visit, token);
      if (typeof late === 'string') return late;
      const closed = closedWith(await late.closed);
      return `${closed}; the same token again: ${await knock(stage, {}, token)}`;
    },
  },
  {
    title: 'bob speaks in a room that his token does not name',
    wanted: 'refused: not_authorized',
    play: (stage) => refusalOf(stage, 'bob', said('engineering', 'let me in')),
  },
  {
    title: 'bob sends a message with a field that the contract does not know',
    wanted: 'refused: schema_invalid',
    play: (stage) => refusalOf(stage, 'bob', { ...said('lobby', 'hi'), admin: true }),
  },
  {
    title: 'bob sends a message of no known type',
    wanted: 'refused: type_unknown',
    play: (stage) => refusalOf(stage, 'bob', { type: 'chat.shutdown' }),
  },
  {
    title: 'bob says the same key twice, so that two parsers could read two things',
    wanted: 'refused: json_unsafe',
    async play(stage) {
      const bob = await enter(stage, 'bob');
      bob.socket.send('{"type":"chat.send","room":"lobby","room":"engineering","text":"hi"}');
      const answer = await bob.nextOf('error');
      await bob.leave();
      return `refused: ${answer?.code}`;
    },
  },
  {
    title: 'bob sends 30 messages at once, where 10 and then 5 a second are allowed',
    wanted: 'refused after the burst: rate_exceeded',
    async play(stage) {
      const bob = await enter(stage, 'bob');
      for (let i = 0; i < 30; i++) bob.send(said('lobby', `message ${i}`));
      const answer = await bob.nextOf('error');
      await bob.leave();
      return `refused after the burst: ${answer?.code}`;
    },
  },
  {
    title: 'bob sends a message of 5,000 bytes where 4 KiB are allowed',
    wanted: 'closed 1009: message_too_big',
    async play(stage) {
      const bob = await enter(stage, 'bob');
      bob.send(said('lobby', 'x'.repeat(5_000)));
      return closedWith(await bob.closed);
    },
  },
  {
    title: 'the certificate is renewed while alice is connected',
    wanted: 'two serial numbers; alice never noticed',
    async play(stage) {
      const alice = await enter(stage, 'alice');
      await stage.renewCertificate();
      const bob = await enter(stage, 'bob');
      alice.send(said('lobby', 'still here'));
      const heard = await alice.nextOf('chat.said');
      const [old, fresh] = [alice.certificateSerial, bob.certificateSerial];
      await alice.leave();
      await bob.leave();
      console.log(`        before  ${old}\n        after   ${fresh}`);
      return old !== fresh && heard
        ? 'two serial numbers; alice never noticed'
        : 'the certificate did not change';
    },
  },
  {
    title: 'mallory is revoked in mid-session',
    wanted: 'closed 4500: session_revoked; the same token again: HTTP 401',
    async play(stage) {
      const token = await stage.provider.token('mallory');
      const mallory = await Visitor.connect(stage.visit, token);
      if (typeof mallory === 'string') return mallory;
      await stage.revoke('mallory');
      const closed = closedWith(await mallory.closed);
      return `${closed}; the same token again: ${await knock(stage, {}, token)}`;
    },
  },
];

/** Plays every scene and prints a line or two for each. Resolves with the number of scenes that went wrong. */
export async function playScenes(stage: Stage): Promise<number> {
  let wrong = 0;
  for (const { title, wanted, play } of SCENES) {
    const outcome = await play(stage).catch((error: unknown) => String(error));
    const right = outcome === wanted;
    if (!right) wrong++;
    const mark = right ? '✓' : '✗';
    console.log(`  ${mark} ${title}\n        ${outcome}${right ? '' : `\n        but should be: ${wanted}`}`);
  }
  return wrong;
}
