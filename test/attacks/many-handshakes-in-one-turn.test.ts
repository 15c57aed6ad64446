// RL-11 TL-14: hundreds of connections at once. What each of them costs comes in pieces, and in one turn of the event
// loop one piece is done, so that those who are connected are served in between. How long they wait is measured by
// `npm run bench:storm`.
import { once } from 'node:events';
import { Server as HttpServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { Admission, admissionOf } from '../../src/edge/admission.ts';
import { Turnstile } from '../../src/edge/turnstile.ts';
import { silentRecorder } from '../../src/record/recorder.ts';
import { systemClock } from '../../src/store/clock.ts';
import { Shared } from '../../src/store/shared.ts';
import {
  connectEdge,
  type Edge,
  type EdgeOptions,
  gone,
  open,
  readAll,
  startEdge,
  statusOf,
  upgradeText,
} from '../support/edge.ts';

const CROWD = 100;
const BROAD = { perAddress: { connections: 10_000, handshakes: '100000/s' } };
const STOPPED = { now: () => 0, monotonic: () => 0 };

afterEach(() => void vi.restoreAllMocks());

/** An edge whose turnstile finds every turn short, so that it lets in one however slow this machine is. */
async function startWith(later?: (callback: () => void) => unknown, options: EdgeOptions = {}) {
  const shared = new Shared();
  const turnstile = shared.get('edge:turnstile', () => new Turnstile(STOPPED, later));
  const edge = await startEdge({ listener: { limits: BROAD }, shared, ...options });
  return {
    edge,
    turnstile,
    admission: admissionOf({ shared, clock: systemClock, recorder: silentRecorder }),
  };
}

/** The same, and its turns come when the test says so. The first has had its place already. */
async function startStill(options: EdgeOptions = {}) {
  const due: (() => void)[] = [];
  const still = await startWith((callback) => due.push(callback), options);
  still.turnstile.enter();
  const turn = (): void => {
    for (const callback of due.splice(0)) callback();
  };
  return { ...still, turn };
}

/** The most that servers of this kind were given in one turn of the event loop. */
function most(kind: typeof TlsServer | typeof HttpServer): () => number {
  let [inThisTurn, most, watching] = [0, 0, true];
  const emit = kind.prototype.emit;
  kind.prototype.emit = function (this: TlsServer | HttpServer, event: string, ...args: unknown[]): boolean {
    if (event === 'connection') most = Math.max(most, ++inThisTurn);
    return Reflect.apply(emit, this, [event, ...args]);
  } as typeof emit;
  const turn = (): void => {
    inThisTurn = 0;
    if (watching) setImmediate(turn);
  };
  turn();
  onTestFinished(() => {
    watching = false;
    kind.prototype.emit = emit;
  });
  return () => most;
}

function tcp({ port }: Edge): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket.resume();
}

it('begins with one of them, and reads the request of one, in each turn', async () => {
  const due: (() => void)[] = [];
  let still = true;
  const later = (callback: () => void) => (still ? due.push(callback) : setImmediate(callback));
  const { edge, turnstile, admission } = await startWith(later);
  turnstile.enter();
  const coming = Array.from({ length: CROWD }, () => open(edge));
  await vi.waitFor(() => expect(admission.waiting).toBe(CROWD), 10_000);
  const [begun, read] = [most(TlsServer), most(HttpServer)];
  still = false;
  for (const callback of due) callback();
  await Promise.all(coming);
  // As this test sees turns, one may come in by itself, and one of those who wait.
  expect(begun()).toBeLessThanOrEqual(2);
  expect(read()).toBeLessThanOrEqual(2);
  expect(edge.accepted).toHaveLength(CROWD);
});

it('reads nothing before its turn, and then all that came', async () => {
  const { edge, turn, admission, turnstile } = await startStill();
  const coming = connectEdge(edge);
  await vi.waitFor(() => expect(admission.waiting).toBe(1));
  turn();
  const client = await coming;
  await vi.waitFor(() => expect(turnstile.waiting).toBe(1));
  const answer = once(client, 'data');
  client.write(upgradeText().slice(0, 40));
  await new Promise((resolve) => client.write(upgradeText().slice(40), resolve));
  expect(edge.accepted).toEqual([]);
  turn();
  expect(String((await answer)[0])).toMatch(/^HTTP\/1\.1 101 /);
  expect(admission.underWay).toBe(0);
});

it('forgets who goes while it waits for its request to be read', async () => {
  const { edge, turn, admission, turnstile } = await startStill();
  const socket = connect(edge.port, '127.0.0.1').on('error', () => {});
  const coming = connectEdge(edge, { socket });
  await vi.waitFor(() => expect(admission.waiting).toBe(1));
  turn();
  await coming;
  await vi.waitFor(() => expect(turnstile.waiting).toBe(1));
  socket.resetAndDestroy();
  await vi.waitFor(() => expect(edge.listener.connections).toBe(0));
  expect(admission.underWay).toBe(0);
  turn();
  expect(edge.events.filter(({ name }) => name === 'gateway.fault')).toEqual([]);
});

it('resets who waits until its deadline, which counts from its connection, and keeps no place for it', async () => {
  const { edge, admission, turn } = await startStill({
    listener: { limits: { ...BROAD, handshakeTimeout: '200ms' } },
  });
  const begun = most(TlsServer);
  const enter = vi.spyOn(Admission.prototype, 'enter');
  const sockets = [tcp(edge), tcp(edge), tcp(edge)];
  await vi.waitFor(() => expect(enter).toHaveBeenCalledTimes(3));
  for (const socket of sockets) await gone(socket);
  expect(admission.waiting).toBe(0);
  expect((await edge.event('connection.refused')).fields).toMatchObject({ code: 'admission_full' });
  turn();
  expect(begun()).toBe(0);
});

it('tells who waits until then with TLS that it is too late, and does not read it any more', async () => {
  const { edge, turn, admission, turnstile } = await startStill();
  const enter = vi.spyOn(Admission.prototype, 'enter');
  const coming = connectEdge(edge);
  await vi.waitFor(() => expect(admission.waiting).toBe(1));
  turn();
  const client = await coming;
  await vi.waitFor(() => expect(turnstile.waiting).toBe(1));
  const answer = readAll(client);
  client.write(upgradeText());
  enter.mock.calls[0]![0].hurry(Number.POSITIVE_INFINITY);
  expect((await edge.event('connection.refused')).fields).toMatchObject({ code: 'handshake_timeout' });
  turn();
  expect(statusOf(await answer)).toBe(408);
  expect(edge.accepted).toEqual([]);
});

it('leaves nobody more than a third of the deadline while all places are taken', async () => {
  const enter = vi.spyOn(Admission.prototype, 'enter');
  const { edge } = await startWith();
  const silent = tcp(edge);
  await vi.waitFor(() => expect(enter).toHaveBeenCalledOnce());
  const [visit] = enter.mock.calls[0]!;
  visit.hurry(3_300);
  const refusals = () => edge.events.filter(({ name }) => name === 'connection.refused');
  expect(refusals()).toEqual([]);
  visit.hurry(3_400);
  await gone(silent);
  expect(refusals()).toMatchObject([{ fields: { code: 'handshake_timeout' } }]);
});
