/**
 * `npm run bench:relay`: what the gateway's own code costs for each message, without sockets: every check on what a client
 * sends, and the way back. In nanoseconds of CPU, the least of seven rounds; for comparing one change with another.
 */
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { loadConfig } from '../src/config/load.ts';
import { compilePlan, isPlan } from '../src/config/plan.ts';
import { createDevelopmentCa } from '../src/edge/development-ca.ts';
import type { Dialled } from '../src/pipeline/dialled.ts';
import type { Handshake } from '../src/pipeline/handshake.ts';
import type { Principal } from '../src/pipeline/principal.ts';
import { silentRecorder } from '../src/record/recorder.ts';
import { Registry } from '../src/session/registry.ts';
import { Session } from '../src/session/session.ts';
import { createServices } from '../src/store/services.ts';
import { prepareStage } from './stage.ts';

const ROUNDS = 7;
const MESSAGES = 300_000;
/** Messages of one chunk. */
const BATCH = 16;

/** A socket that takes everything and says nothing. */
class Sink extends Duplex {
  override _read(): void {}
  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    done();
  }
}

const handshake: Handshake = {
  listener: 'public',
  address: '192.0.2.1',
  peer: '192.0.2.1',
  host: 'localhost',
  path: '/chat',
  query: '',
  origin: undefined,
  headers: new Map(),
  protocols: [],
  extensions: '',
  key: '',
  tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
};
const principal: Principal = {
  identity: 'staff',
  subject: 'alice',
  tenant: 'acme',
  roles: ['user'],
  claims: { rooms: ['lobby'] },
  expiresAt: Date.now() + 3_600_000,
};

async function openSession(): Promise<Session> {
  const ca = await createDevelopmentCa();
  const { folder } = await prepareStage(9, await ca.issue({ dns: ['localhost'] }));
  const services = createServices(silentRecorder);
  const loaded = loadConfig(join(folder, 'sallyport.yaml'));
  if (Array.isArray(loaded)) throw new Error(JSON.stringify(loaded));
  const plan = compilePlan(loaded, services);
  rmSync(folder, { recursive: true });
  if (!isPlan(plan)) throw new Error(JSON.stringify(plan));
  const socket = new Sink() as Duplex as Socket; // nothing that only a Socket has is asked of it
  const upstream: Dialled = { socket, head: Buffer.alloc(0), protocol: '', read() {} };
  const parts = { id: 'bench', route: plan.routes[0]!, handshake, principal, protocol: '', deflate: false };
  const session = new Session(
    { ...parts, client: new Sink(), clientHead: Buffer.alloc(0), upstream },
    { services, registry: new Registry() },
  );
  session.begin({ clientHead: Buffer.alloc(0), upstream });
  return session;
}

/** A chunk of messages of so many bytes each, masked where a client sends them. */
function chunk(bytes: number, masked: boolean): Buffer {
  const body = { type: 'chat.send', id: 'm1', room: 'lobby', text: '' };
  body.text = 'x'.repeat(bytes - JSON.stringify(body).length);
  const length = bytes < 126 ? [bytes] : [126, bytes >> 8, bytes & 255];
  if (masked) length[0]! |= 0x80;
  const frame = [0x81, ...length, ...(masked ? [0x12, 0x34, 0x56, 0x78] : [])];
  const payload = Buffer.from(JSON.stringify(body));
  if (masked) for (let i = 0; i < bytes; i++) payload[i]! ^= frame[frame.length - 4 + (i & 3)]!;
  return Buffer.concat(Array(BATCH).fill(Buffer.concat([Buffer.from(frame), payload])));
}

async function measure(receive: () => void): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < MESSAGES / BATCH; i++) {
      receive();
      if (i % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, ((user + system) * 1_000) / MESSAGES);
  }
  return Math.round(least);
}

const session = await openSession();
for (const bytes of [64, 1_024]) {
  const [sent, answered] = [chunk(bytes, true), chunk(bytes, false)];
  const client = await measure(() => session.fromClient.receive(sent));
  const server = await measure(() => session.fromServer.receive(answered));
  console.log(`${bytes} bytes: ${client} ns a message of the client, ${server} ns one of the server`);
}
if (session.fromClient.messages !== 2 * ROUNDS * MESSAGES) throw new Error('not every message passed');
process.exit(0);
