import { setTimeout as pause } from 'node:timers/promises';
import { type Credentials, credentialsOf } from './credentials.ts';
import { endpointOf } from './endpoint.ts';
import type { Outcome, Scenario } from './scenario.ts';
import { type Endpoint, type LoadSocket, openSocket, Refusal } from './socket.ts';
import type { Tried } from './summary.ts';
import { templateOf } from './template.ts';

/** How long an answer, or a connection, is waited for, in milliseconds. */
const PATIENCE = 10_000;

interface Trial {
  readonly scenario: Scenario;
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
}

type Result = Pick<Tried, 'held' | 'seen'>;

/** Tries every outcome of a scenario, one after the other, each on a connection of its own. Never rejects. */
export async function tryOutcomes(scenario: Scenario, path: (name: string) => string): Promise<Tried[]> {
  if (scenario.outcomes.length === 0) return [];
  const trial = {
    scenario,
    endpoint: endpointOf(scenario, path),
    credentials: credentialsOf(scenario, path),
  };
  const tried: Tried[] = [];
  for (const outcome of scenario.outcomes) {
    const result = await tryOne(outcome, trial).catch((error: unknown) => ({
      held: false,
      seen: String(error),
    }));
    tried.push({ name: outcome.name, kind: kindOf(outcome), ...result });
  }
  return tried;
}

function kindOf(outcome: Outcome): Tried['kind'] {
  if ('burst' in outcome) return 'burst';
  return 'expiry' in outcome ? 'expiry' : 'upgrade';
}

function tryOne(outcome: Outcome, trial: Trial): Promise<Result> {
  if ('burst' in outcome) return tryBurst(outcome.burst, trial);
  return 'expiry' in outcome ? tryExpiry(outcome.expiry, trial) : tryUpgrade(outcome.upgrade, trial);
}

type Burst = Extract<Outcome, { readonly burst: unknown }>['burst'];

/** So many messages at once: the first must pass, the others be refused, by an answer or by the end of the connection. */
async function tryBurst({ messages, passing, refusal }: Burst, trial: Trial): Promise<Result> {
  const peer = new Peer();
  const socket = await openSocket(trial.endpoint, await trial.credentials.token(0), peer, PATIENCE);
  const template = templateOf(trial.scenario.messages[0]!.template);
  for (let serial = 0; serial < messages; serial++) socket.send(template({ user: 0, serial, process: 35 }));
  let [passed, refused] = [0, 0];
  const done = await peer.until(() => {
    [passed, refused] = [0, 0];
    for (const answer of peer.answers) answer.includes(refusal) ? refused++ : passed++;
    return passed + refused >= messages || peer.code !== undefined;
  });
  socket.close();
  const ended = peer.code === undefined ? '' : `, then closed with ${peer.code}`;
  const seen = `${passed} passed, ${refused} refused${ended}${done ? '' : ', the rest not answered'}`;
  return { held: passed === passing && (refused === messages - passing || peer.code !== undefined), seen };
}

type Expiry = Extract<Outcome, { readonly expiry: unknown }>['expiry'];

async function tryExpiry({ lifetime, within }: Expiry, { endpoint, credentials }: Trial): Promise<Result> {
  const token = await credentials.brief(lifetime);
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    exp: number;
  };
  const peer = new Peer();
  const socket = await openSocket(endpoint, token, peer, PATIENCE);
  const out = await peer.until(() => peer.code !== undefined, exp * 1_000 - Date.now() + within);
  const late = (peer.endedAt ?? Date.now()) - exp * 1_000;
  socket.destroy();
  if (!out) return { held: false, seen: `still open ${late} ms after its token ran out` };
  if (late < -1_000)
    return { held: false, seen: `closed with ${peer.code} ${-late} ms before its token ran out` };
  return { held: true, seen: `closed with ${peer.code} ${Math.max(0, late)} ms after its token ran out` };
}

type Upgrade = Extract<Outcome, { readonly upgrade: unknown }>['upgrade'];

async function tryUpgrade({ token, status }: Upgrade, { endpoint, credentials }: Trial): Promise<Result> {
  const shown = {
    none: async () => undefined,
    garbage: async () => 'eyJhbGciOiJub25lIn0.e30.',
    expired: () => credentials.brief(-3_600_000),
    forged: () => credentials.forged(),
  } as const;
  let socket: LoadSocket | undefined;
  try {
    socket = await openSocket(endpoint, await shown[token](), new Peer(), PATIENCE);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { held: status.map(String).includes(error.message), seen: error.message };
  }
  socket.destroy();
  return { held: false, seen: '101' };
}

/** Keeps what comes. */
class Peer {
  readonly answers: string[] = [];
  code: number | undefined;
  endedAt: number | undefined;

  message(payload: Buffer): void {
    this.answers.push(payload.toString());
  }

  closed(code: number): void {
    this.code = code;
    this.endedAt = Date.now();
  }

  /** Whether it came true before so many milliseconds had passed. */
  async until(holds: () => boolean, most = PATIENCE): Promise<boolean> {
    for (const begun = Date.now(); Date.now() - begun < most; await pause(5)) if (holds()) return true;
    return holds();
  }
}
