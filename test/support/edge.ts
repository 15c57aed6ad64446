import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterAll, onTestFinished } from 'vitest';
import type { z } from 'zod';
import { listener as schema } from '../../src/config/listener.ts';
import type { Arrival, ListenerHandlers } from '../../src/edge/arrival.ts';
import { createDevelopmentCa, type DevelopmentCa, type Pair } from '../../src/edge/development-ca.ts';
import { readHandshake } from '../../src/edge/handshake.ts';
import { Listener } from '../../src/edge/listener.ts';
import { acceptUpgrade, refuseUpgrade, takeEarly } from '../../src/edge/respond.ts';
import type { TicketKeys } from '../../src/edge/ticket-keys.ts';
import type { Handshake } from '../../src/pipeline/handshake.ts';
import { RouteCounters } from '../../src/record/counters.ts';
import type { EventName } from '../../src/record/events.ts';
import type { Recorder } from '../../src/record/recorder.ts';
import { systemClock } from '../../src/store/clock.ts';
import { Presence } from '../../src/store/presence.ts';
import type { Services } from '../../src/store/services.ts';
import { Shared } from '../../src/store/shared.ts';
import { RATES } from './rates.ts';

let authority: Promise<DevelopmentCa> | undefined;

/** The authority of this test file. */
export function ca(): Promise<DevelopmentCa> {
  authority ??= createDevelopmentCa();
  return authority;
}

export interface RecordedEvent {
  readonly name: EventName;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface EdgeOptions {
  /** Merged over `address` and `tls` of the listener as it is written in a configuration. */
  readonly listener?: Record<string, unknown>;
  readonly tls?: Record<string, unknown>;
  /** The certificates, `localhost` with 127.0.0.1 where absent: written to `0.pem`, `0.key`, `1.pem` … */
  readonly pairs?: readonly Pair[];
  /** More files by name: CA bundles, revocation lists. */
  readonly files?: Readonly<Record<string, string>>;
  /** Answers with what the handshake says where absent. */
  readonly handlers?: Partial<ListenerHandlers>;
  readonly now?: () => number;
  /** What the listener finds there is what it uses; empty where absent. */
  readonly shared?: Shared;
  /** Shared with another one, as workers do. */
  readonly tickets?: TicketKeys;
}

/** A listener on loopback, and everything it said. */
export interface Edge {
  readonly listener: Listener;
  readonly port: number;
  readonly folder: string;
  readonly events: RecordedEvent[];
  /** Handshakes that were accepted, in order. */
  readonly accepted: Handshake[];
  /** Puts other options in service, as a reload does; what is left out is as at the start. */
  reconfigure(changes: { listener?: Record<string, unknown>; tls?: Record<string, unknown> }): Promise<void>;
  /** The first event of this name, now or when it comes. */
  event(name: EventName): Promise<RecordedEvent>;
}

/** Starts a listener that accepts every valid upgrade; it is closed with the test, or the file if `keep`. */
export async function startEdge(options: EdgeOptions = {}, keep = false): Promise<Edge> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-edge-'));
  const pairs = options.pairs ?? [await (await ca()).issue({ dns: ['localhost'], ip: ['127.0.0.1'] })];
  for (const [i, { cert, key }] of pairs.entries()) {
    await writeFile(join(folder, `${i}.pem`), cert);
    await writeFile(join(folder, `${i}.key`), key, { mode: 0o600 });
  }
  for (const [name, text] of Object.entries(options.files ?? {})) await writeFile(join(folder, name), text);
  const certificates = pairs.map((_, i) => ({ cert: `${i}.pem`, key: `${i}.key` }));
  const parse = (changes: Pick<EdgeOptions, 'listener' | 'tls'>) =>
    schema.parse({
      address: '127.0.0.1:0',
      tls: { certificates, ...options.tls, ...changes.tls },
      ...options.listener,
      ...changes.listener,
    } satisfies z.input<typeof schema>);
  const heard = new Heard();
  const accepted: Handshake[] = [];
  const listener = new Listener(
    'test',
    parse({}),
    { upgrade: (arrival) => answer(arrival, accepted), ...options.handlers },
    servicesWith(heard, options),
    (path) => join(folder, path),
    options.tickets,
  );
  const close = async () => {
    listener.close();
    await rm(folder, { recursive: true, force: true });
  };
  if (keep) afterAll(close);
  else onTestFinished(close);
  const { port } = await listener.listen();
  return {
    listener,
    port,
    folder,
    events: heard.events,
    accepted,
    event: (name) => heard.first(name),
    reconfigure: async (changes) => (await listener.prepare(parse(changes)))(),
  };
}

function servicesWith(recorder: Recorder, { now, shared = new Shared() }: EdgeOptions): Services {
  const clock = now ? { ...systemClock, now } : systemClock;
  return { clock, presence: new Presence(), shared, recorder } as Services;
}

function answer(arrival: Arrival, accepted: Handshake[]): void {
  const handshake = readHandshake(arrival);
  if ('pass' in handshake) {
    refuseUpgrade(arrival.socket, handshake);
    return;
  }
  const early = takeEarly(arrival);
  if ('pass' in early) {
    refuseUpgrade(arrival.socket, early);
    return;
  }
  acceptUpgrade(arrival.socket, handshake, { protocol: '', extensions: '' });
  accepted.push(handshake);
  arrival.socket.on('error', () => arrival.socket.destroy());
  arrival.socket.write(early);
  arrival.socket.on('data', (chunk) => arrival.socket.write(chunk)); // an echo
}

/** A recorder that remembers, and that one can wait for. */
class Heard implements Recorder {
  readonly events: RecordedEvent[] = [];
  readonly #waiting: { name: EventName; resolve: (event: RecordedEvent) => void }[] = [];

  event(name: EventName, fields: Readonly<Record<string, unknown>>): void {
    const event = { name, fields };
    this.events.push(event);
    const i = this.#waiting.findIndex((each) => each.name === name);
    if (i >= 0) this.#waiting.splice(i, 1)[0]!.resolve(event);
  }

  counters(route: string): RouteCounters {
    return new RouteCounters(route);
  }

  first(name: EventName): Promise<RecordedEvent> {
    const found = this.events.find((event) => event.name === name);
    if (found) return Promise.resolve(found);
    return new Promise((resolve) => this.#waiting.push({ name, resolve }));
  }
}

/** A TLS connection to the edge that trusts the authority of this file. */
export async function connectEdge(
  edge: Pick<Edge, 'port'>,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port: edge.port,
    ca: (await ca()).cert,
    servername: 'localhost',
    ...options,
  });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  return socket;
}

/** Everything the other side says until it ends or resets the connection, as latin1. */
export function readAll(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

/** Waits until the other side has ended or reset the connection. */
export async function gone(socket: Socket): Promise<void> {
  socket.on('error', () => {}).resume();
  if (!socket.closed) await new Promise((resolve) => socket.on('close', resolve));
}

/** A valid upgrade, with fields changed, added, or (null) left out. */
export function upgradeText(
  fields: Readonly<Record<string, string | null>> = {},
  line = 'GET /ws HTTP/1.1',
): string {
  const all: Record<string, string | null> = {
    Host: 'localhost',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    ...fields,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}\r\n`],
  );
  return `${line}\r\n${lines.join('')}\r\n`;
}

/** Sends bytes on a fresh connection and returns the whole answer; the gateway must end the connection. */
export async function ask(
  edge: Pick<Edge, 'port'>,
  text: string,
  options?: ConnectionOptions,
): Promise<string> {
  const socket = await connectEdge(edge, options);
  const answered = readAll(socket);
  socket.write(text, 'latin1');
  return answered;
}

/** Sends an upgrade that must succeed and returns the open connection, its 101 read. */
export async function open(
  edge: Pick<Edge, 'port'>,
  text = upgradeText(),
  options?: ConnectionOptions,
): Promise<TLSSocket> {
  const socket = await connectEdge(edge, options);
  socket.write(text, 'latin1');
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  if (!chunk.toString('latin1').startsWith('HTTP/1.1 101 ')) {
    throw new Error(`not a 101: ${chunk.toString('latin1')}`);
  }
  return socket;
}

/** The status of an answer; 0 if there was none. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
}

/** An upgrade as it arrives, without any socket: for what is judged by its fields alone. */
export function arrivalOf(fields: Readonly<Record<string, string>> = {}): Arrival {
  const all = {
    host: 'localhost',
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    ...fields,
  };
  return {
    request: { method: 'GET', url: '/ws', httpVersion: '1.1' },
    fields: new Map(Object.entries(all)),
    facts: {
      tls: { serverName: 'localhost' },
      limits: { headers: 100, targetBytes: 8_192, earlyData: 4_096, perAddress: RATES },
    },
  } as unknown as Arrival; // no more than readHandshake looks at
}
