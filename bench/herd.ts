/**
 * The load of a storm: sockets that talk and measure how long their answers take, and sockets that all come at once and
 * come again until they are let in. Takes its orders as JSON lines on standard input and answers each with one line.
 *
 *   {"do":"talk","port":1,"path":"/","headers":{},"connections":100,"every":100} → {"open":100}
 *   {"do":"lap"}                    → {"answers":1000,"p50":0.4,"p99":1.2,"longest":3,"fallen":0}   since the last lap
 *   {"do":"storm","port":1,"path":"/","headers":{},"connections":5000}            → Storm
 *   {"do":"deafen","bytes":2e6}     → {"stuck":1000}   those who came in a storm ask for so much, and never read again
 *   {"do":"leave"}                  → {"left":1000}    they go
 *   {"do":"knock","port":1,"path":"/","headers":{},"times":500,"resume":false}    → {"answers":{"404":500}}
 */
import { createInterface } from 'node:readline';
import { connect, type TLSSocket } from 'node:tls';

interface Order {
  do: 'talk' | 'lap' | 'storm' | 'deafen' | 'leave' | 'knock';
  port: number;
  path: string;
  headers: Record<string, string>;
  connections: number;
  every: number;
  bytes: number;
  times: number;
  resume: boolean;
}

/** How all of them came in, in seconds from the start. */
export interface Storm {
  readonly first: number;
  readonly median: number;
  readonly last: number;
  readonly attempts: number;
  /** What became of attempts that were not admitted, by HTTP status or error. */
  readonly failures: Readonly<Record<string, number>>;
}

/** The wait before attempt n + 1 is anything up to this, doubled n times: full jitter, as good clients do. */
const BACKOFF = { base: 1_000, cap: 30_000 } as const;

/** Sockets that have not written for so long are stuck, in milliseconds. */
const STILL = 1_000;

/** A client that is not answered for so long gives up and tries again, in milliseconds. */
const CLIENT_PATIENCE = 60_000;

class Refused extends Error {
  readonly retryAfter: number;

  constructor(status: string, retryAfter: number) {
    super(status);
    this.retryAfter = retryAfter;
  }
}

function upgrade({ path, headers }: Order): string {
  const extra = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return (
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${extra.join('')}\r\n`
  );
}

/** @throws Refused with the status of an answer that is no 101; Error with the code of a connection that failed. */
function open(order: Order, session?: Buffer, onSession?: (session: Buffer) => void): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port: order.port,
      host: '127.0.0.1',
      servername: 'localhost',
      rejectUnauthorized: false,
      ...(session && { session }),
    });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error('no answer')), CLIENT_PATIENCE);
    if (onSession) socket.on('session', onSession);
    socket.setNoDelay(true).once('error', (error: NodeJS.ErrnoException) => fail(new Error(error.code)));
    socket.once('secureConnect', () => socket.write(upgrade(order)));
    let head = '';
    socket.on('data', (chunk: Buffer) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      const status = head.slice(9, 12);
      const after = Number(/^retry-after: (\d+)/im.exec(head)?.[1] ?? 0);
      if (status !== '101') return fail(new Refused(status, after * 1_000));
      clearTimeout(timer);
      socket
        .removeAllListeners('data')
        .removeAllListeners('error')
        .on('error', () => {});
      resolve(socket);
    });
  });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A masked text frame. */
function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  for (let i = 0; i < length; i++) payload[i]! ^= mask[i & 3]!;
  const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([0x81, ...size]), mask, payload]);
}

const PING = frame('{"type":"chat.ping"}');
const LONG = frame(JSON.stringify({ type: 'chat.send', id: 'm1', room: 'lobby', text: 'x'.repeat(2_000) }));

let laps: number[] = [];
let fallen = 0;
const kept: TLSSocket[] = [];

/** Each sends one message, and the next when its time has come and the answer is there. */
async function talk(order: Order): Promise<object> {
  for (let i = 0; i < order.connections; i++) {
    const socket = await open(order);
    kept.push(socket);
    let sent = 0;
    const send = (): void => {
      sent = performance.now();
      socket.write(PING);
    };
    socket.on('data', () => {
      laps.push(performance.now() - sent);
      setTimeout(send, order.every);
    });
    socket.on('close', () => fallen++);
    setTimeout(send, Math.random() * order.every);
  }
  return { open: kept.length };
}

function lap(): object {
  const sorted = laps.sort((a, b) => a - b);
  laps = [];
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { answers: sorted.length, p50: at(0.5), p99: at(0.99), longest: at(1), fallen };
}

/** All at once, and each again until it is in. */
async function storm(order: Order): Promise<Storm> {
  const begun = performance.now();
  const admitted: number[] = [];
  const failures: Record<string, number> = {};
  let attempts = 0;
  const come = async (): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      attempts++;
      try {
        kept.push(await open(order));
        admitted.push((performance.now() - begun) / 1_000);
        return;
      } catch (error) {
        const { message } = error as Error;
        failures[message] = (failures[message] ?? 0) + 1;
        const told = error instanceof Refused ? error.retryAfter : 0;
        await pause(Math.max(told, Math.random() * Math.min(BACKOFF.cap, BACKOFF.base * 2 ** attempt)));
      }
    }
  };
  await Promise.all(Array.from({ length: order.connections }, come));
  const median = admitted[Math.floor(admitted.length / 2)]!;
  return { first: admitted[0]!, median, last: admitted.at(-1)!, attempts, failures };
}

/** They ask for so much and read nothing of the answers, until nothing moves any more. How many could not ask for all. */
async function deafen({ bytes }: Order): Promise<object> {
  const burst = Buffer.concat(Array.from({ length: 16 }, () => LONG));
  const left = kept.map(() => bytes);
  let moved = 0;
  for (const [i, socket] of kept.entries()) {
    socket.pause();
    const send = (): void => {
      moved = performance.now();
      while (left[i]! > 0) {
        left[i]! -= burst.length;
        if (!socket.write(burst)) break;
      }
    };
    socket.on('drain', send);
    send();
  }
  while (performance.now() - moved < STILL) await pause(STILL / 4);
  return { stuck: left.filter((rest) => rest > 0).length };
}

function leave(): object {
  const left = kept.splice(0);
  for (const socket of left) socket.destroy();
  return { left: left.length };
}

/** One after the other, four at a time, each gone as soon as it is answered. */
async function knock(order: Order): Promise<object> {
  const answers: Record<string, number> = {};
  let left = order.times;
  let session: Buffer | undefined;
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const answer = await open(order, order.resume ? session : undefined, (made) => {
        session = made;
      }).then(
        (socket) => socket.destroy() && '101',
        ({ message }: Error) => message,
      );
      answers[answer] = (answers[answer] ?? 0) + 1;
    }
  };
  await Promise.all([one(), one(), one(), one()]);
  return { answers };
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  const work = { talk, lap, storm, deafen, leave, knock }[order.do];
  try {
    console.log(JSON.stringify(await work(order)));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
process.exit(); // whoever gave the orders is gone
