/**
 * The load: opens TLS WebSockets and keeps a fixed number of messages outstanding on each. The same bytes for every
 * contender. Takes its orders as JSON lines on standard input and answers each with one line.
 *
 *   {"do":"open","port":1,"connections":100,"headers":{}}   → {"opened":100}
 *   {"do":"run","bytes":64,"outstanding":16,"messages":1e5} → {"messages":100000,"seconds":1.2}
 *   {"do":"close"}                                          → {"closed":100}
 *   {"do":"churn","port":1,"handshakes":500,"headers":{}}   → {"handshakes":500,"seconds":1.9}
 */
import { createInterface } from 'node:readline';
import { connect, type TLSSocket } from 'node:tls';

interface Order {
  do: 'open' | 'run' | 'close' | 'churn';
  port: number;
  path: string;
  headers: Record<string, string>;
  connections: number;
  handshakes: number;
  bytes: number;
  outstanding: number;
  messages: number;
}

let sockets: TLSSocket[] = [];

function request(order: Order): string {
  const extra = Object.entries(order.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return (
    `GET ${order.path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${extra.join('')}\r\n`
  );
}

function openOne(order: Order): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port: order.port,
      host: '127.0.0.1',
      servername: 'localhost',
      rejectUnauthorized: false,
    });
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('secureConnect', () => socket.write(request(order)));
    let head = '';
    const onData = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', onData).off('error', reject);
      socket.on('error', () => {});
      if (head.startsWith('HTTP/1.1 101')) resolve(socket);
      else reject(new Error(head.split('\r\n')[0]));
    };
    socket.on('data', onData);
  });
}

async function open(order: Order): Promise<object> {
  const batch = 50;
  while (sockets.length < order.connections) {
    const wave = Math.min(batch, order.connections - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: wave }, () => openOne(order)))));
  }
  return { opened: sockets.length };
}

/** A masked text frame around a chat message of exactly `bytes` bytes. */
function frame(bytes: number): Buffer {
  const empty = JSON.stringify({ type: 'chat.send', id: 'm1', room: 'lobby', text: '' });
  const text = 'x'.repeat(bytes - empty.length);
  const payload = Buffer.from(JSON.stringify({ type: 'chat.send', id: 'm1', room: 'lobby', text }));
  const header =
    bytes < 126
      ? Buffer.from([0x81, 0x80 | bytes])
      : Buffer.from([0x81, 0x80 | 126, bytes >> 8, bytes & 255]);
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  for (let i = 0; i < payload.length; i++) payload[i]! ^= mask[i & 3]!;
  return Buffer.concat([header, mask, payload]);
}

function run(order: Order): Promise<object> {
  const one = frame(order.bytes);
  const burst = Buffer.concat(Array.from({ length: order.outstanding }, () => one));
  const answerLength = one.length - 4; // the answer is not masked
  let toSend = order.messages;
  let toReceive = order.messages;
  const begun = performance.now();

  return new Promise((resolve, reject) => {
    const send = (socket: TLSSocket, count: number): void => {
      const now = Math.min(count, toSend);
      toSend -= now;
      if (now > 0) socket.write(burst.subarray(0, now * one.length));
    };
    for (const socket of sockets) {
      let bytes = 0;
      socket.removeAllListeners('data');
      socket.once('close', () => reject(new Error('a socket was closed under load')));
      socket.on('data', (chunk) => {
        bytes += chunk.length;
        const count = Math.floor(bytes / answerLength);
        bytes -= count * answerLength;
        toReceive -= count;
        if (toReceive > 0) return send(socket, count);
        for (const each of sockets) each.removeAllListeners('close');
        resolve({ messages: order.messages, seconds: (performance.now() - begun) / 1_000 });
      });
      send(socket, order.outstanding);
    }
  });
}

async function close(): Promise<object> {
  const closed = sockets.length;
  const ends = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await Promise.all(ends);
  return { closed };
}

/** Full TLS handshakes and upgrades, four at a time, each closed as soon as it is open. */
async function churn(order: Order): Promise<object> {
  const begun = performance.now();
  let left = order.handshakes;
  const worker = async (): Promise<void> => {
    while (left-- > 0) (await openOne(order)).destroy();
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return { handshakes: order.handshakes, seconds: (performance.now() - begun) / 1_000 };
}

const work = { open, run, close, churn };

createInterface({ input: process.stdin }).on('line', async (line) => {
  const order = JSON.parse(line) as Order;
  try {
    console.log(JSON.stringify(await work[order.do](order)));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
});
