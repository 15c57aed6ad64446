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

/** What came of a scene. */
interface Outcome {
  /** In the same words as `wanted` if all is well; a line each. */
  readonly lines: readonly string[];
  /** What is worth showing beside it, whatever it says. */
  readonly details?: readonly string[];
}

/** What is tried, and what should come of it. */
interface Scene {
  readonly title: string;
  readonly wanted: readonly string[];
  play(stage: Stage): Promise<Outcome>;
}

/** Scenes of one kind, under one heading. */
interface Act {
  readonly heading: string;
  readonly scenes: readonly Scene[];
}

/** Lets a visitor in, or fails the scene. */
async function enter(stage: Stage, person: Person, token?: string): Promise<Visitor> {
  const outcome = await Visitor.connect(stage.visit, token ?? (await stage.provider.token(person)));
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
async function refusalOf(stage: Stage, person: Person, message: object | string): Promise<string> {
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

/** Uses a credential once more, after it was closed upon. */
async function closedAndBack(stage: Stage, visitor: Visitor, token: string): Promise<Outcome> {
  const closed = closedWith(await visitor.closed);
  return { lines: [closed, `the same token again: ${await knock(stage, {}, token)}`] };
}

/** One line, and nothing beside it. */
const only = async (line: Promise<string>): Promise<Outcome> => ({ lines: [await line] });

export const ACTS: readonly Act[] = [
  {
    heading: 'At the door',
    scenes: [
      {
        title: 'alice has a token, and says hello',
        wanted: ['let through: alice said "hello"'],
        async play(stage) {
          const alice = await enter(stage, 'alice');
          alice.send(said('lobby', 'hello'));
          const heard = await alice.nextOf('chat.said');
          await alice.leave();
          return { lines: [`let through: ${heard?.from} said "${heard?.text}"`] };
        },
      },
      {
        title: 'somebody has no token',
        wanted: ['HTTP 401'],
        play: (stage) => only(knock(stage, {})),
      },
      {
        title: 'somebody has a token that was tampered with',
        wanted: ['HTTP 401'],
        async play(stage) {
          const [header, payload, signature = ''] = (await stage.provider.token('alice')).split('.');
          const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
          return only(knock(stage, {}, `${header}.${payload}.${flipped}`));
        },
      },
      {
        title: 'a foreign page has a good token',
        wanted: ['HTTP 403'],
        async play(stage) {
          const token = await stage.provider.token('alice');
          return only(knock(stage, { origin: 'https://evil.example' }, token));
        },
      },
    ],
  },
  {
    heading: 'In the conversation',
    scenes: [
      {
        title: 'bob speaks in a room his token does not name',
        wanted: ['refused: not_authorized'],
        play: (stage) => only(refusalOf(stage, 'bob', said('engineering', 'let me in'))),
      },
      {
        title: 'bob adds a field the contract does not know',
        wanted: ['refused: schema_invalid'],
        play: (stage) => only(refusalOf(stage, 'bob', { ...said('lobby', 'hi'), admin: true })),
      },
      {
        title: 'bob sends a message of no known type',
        wanted: ['refused: type_unknown'],
        play: (stage) => only(refusalOf(stage, 'bob', { type: 'chat.shutdown' })),
      },
      {
        title: 'bob says a key twice, to be read in two ways',
        wanted: ['refused: json_unsafe'],
        play: (stage) =>
          only(
            refusalOf(stage, 'bob', '{"type":"chat.send","room":"lobby","room":"engineering","text":"hi"}'),
          ),
      },
      {
        title: 'bob sends 30 messages at once; 10 are allowed',
        wanted: ['refused: rate_exceeded'],
        async play(stage) {
          const bob = await enter(stage, 'bob');
          for (let i = 0; i < 30; i++) bob.send(said('lobby', `message ${i}`));
          const answer = await bob.nextOf('error');
          await bob.leave();
          return { lines: [`refused: ${answer?.code}`] };
        },
      },
      {
        title: 'bob sends 5,000 bytes; 4 KiB are allowed',
        wanted: ['closed 1009: message_too_big'],
        async play(stage) {
          const bob = await enter(stage, 'bob');
          bob.send(said('lobby', 'x'.repeat(5_000)));
          return { lines: [closedWith(await bob.closed)] };
        },
      },
    ],
  },
  {
    heading: 'While sockets are open',
    scenes: [
      {
        title: 'a token runs out',
        wanted: ['closed 3000: session_expired', 'the same token again: HTTP 401'],
        async play(stage) {
          const token = await stage.provider.token('late');
          return closedAndBack(stage, await enter(stage, 'late', token), token);
        },
      },
      {
        title: 'mallory is revoked',
        wanted: ['closed 4500: session_revoked', 'the same token again: HTTP 401'],
        async play(stage) {
          const token = await stage.provider.token('mallory');
          const mallory = await enter(stage, 'mallory', token);
          await stage.revoke('mallory');
          return closedAndBack(stage, mallory, token);
        },
      },
      {
        title: 'the certificate is renewed under alice',
        wanted: ['she never notices'],
        async play(stage) {
          const alice = await enter(stage, 'alice');
          await stage.renewCertificate();
          const bob = await enter(stage, 'bob');
          alice.send(said('lobby', 'still here'));
          const heard = await alice.nextOf('chat.said');
          const [before, after] = [alice.certificateSerial, bob.certificateSerial];
          await alice.leave();
          await bob.leave();
          const lines = [
            before === after ? 'it is the old one' : heard ? 'she never notices' : 'she is cut off',
          ];
          return { lines, details: [`before  ${before}`, `after   ${after}`] };
        },
      },
    ],
  },
];

/** A text in a colour, if it goes where colours are seen. */
export type Paint = (colour: 'green' | 'red' | 'bold' | 'dim', text: string) => string;

/** Where the outcomes begin: every title is shorter. */
const COLUMN = 52;

/** Plays every scene and prints what came of it. Resolves with the number of scenes, and how many of them went wrong. */
export async function playActs(stage: Stage, paint: Paint): Promise<{ played: number; wrong: number }> {
  let played = 0;
  let wrong = 0;
  for (const { heading, scenes } of ACTS) {
    console.log(`\n  ${paint('bold', heading)}`);
    for (const scene of scenes) {
      const outcome = await scene.play(stage).catch((error: unknown) => ({ lines: [String(error)] }));
      const right = outcome.lines.join() === scene.wanted.join();
      played++;
      if (!right) wrong++;
      for (const line of linesOf(scene, outcome, right, paint)) console.log(line);
    }
  }
  return { played, wrong };
}

/** How a scene and its outcome are printed. */
export function linesOf(
  { title, wanted }: Scene,
  { lines, details = [] }: Outcome,
  right: boolean,
  paint: Paint,
): string[] {
  const [first = '', ...rest] = right ? lines : [...lines, `but should be: ${wanted.join(', ')}`];
  const mark = right ? paint('green', '✓') : paint('red', '✗');
  return [
    `  ${mark} ${title.padEnd(COLUMN - 4)}${first}`,
    ...rest.map((line) => `${' '.repeat(COLUMN)}${line}`),
    ...details.map((line) => paint('dim', `      ${line}`)),
  ];
}
