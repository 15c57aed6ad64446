// FL-19: a process without a free file descriptor lets nobody in, loses nobody who is in, and goes on when there are some again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { build, MAIN } from '../support/built.ts';
import { openRaw } from '../support/raw-client.ts';
import { text } from '../support/raw-frames.ts';
import { RawServer } from '../support/raw-server.ts';

/** Enough for the process to load itself, and for a few hundred connections. */
const DESCRIPTORS = 300;

let folder: string;
let ca: string;
let upstream: RawServer;
let gateway: ChildProcess;
let port: number;

beforeAll(async () => {
  build();
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-descriptors-'));
  const authority = await createDevelopmentCa();
  const pair = await authority.issue({ dns: ['localhost'] });
  ca = authority.cert;
  upstream = await RawServer.listen({ echo: true });
  writeFileSync(path.join(folder, 'cert.pem'), pair.cert);
  writeFileSync(path.join(folder, 'key.pem'), pair.key, { mode: 0o600 });
  writeFileSync(
    path.join(folder, 'sallyport.yaml'),
    `listeners: { public: { address: "127.0.0.1:0", tls: { certificates: [{ cert: cert.pem, key: key.pem }] } } }
identities: { visitors: { anonymous: {} } }
routes:
  - { name: chat, match: { path: /chat }, origins: none-required, identify: [visitors], upstream: { url: "${upstream.url}" }, authorize: [{ allow: 'true' }] }
`,
  );
  const command = `ulimit -n ${DESCRIPTORS}; exec "${process.execPath}" "${MAIN}" serve --no-watch "${folder}/sallyport.yaml"`;
  gateway = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(gateway.stdout!)) {
    const { event, address } = JSON.parse(line);
    if (event !== 'gateway.started') continue;
    port = Number(address.split(':')[1]);
    break;
  }
  gateway.stdout!.resume();
}, 60_000);

afterAll(async () => {
  const ended = once(gateway, 'exit');
  gateway.kill('SIGKILL');
  await ended;
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

const join = async () => (await openRaw({ port, path: '/chat', tls: { ca } })).peer;

/** Whether a message still goes there and back. */
async function echoes(peer: Awaited<ReturnType<typeof join>>): Promise<void> {
  peer.send(text('still here'));
  expect((await peer.nextOf('text')).payload.toString()).toBe('still here');
}

it('keeps who is in, and lets others in later', async () => {
  const early = await join();
  await echoes(early);
  const crowd: TLSSocket[] = [];
  for (let i = 0; i < DESCRIPTORS * 2; i++) {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca });
    socket.on('error', () => {});
    crowd.push(socket);
  }
  await new Promise((resolve) => setTimeout(resolve, 500)); // as many as can be are in
  await echoes(early);
  expect(gateway.exitCode).toBeNull();
  for (const socket of crowd) socket.destroy();
  await echoes(early);
  for (;;) {
    const late = await join().catch(() => undefined);
    if (!late) continue; // those of the crowd are still being let go
    await echoes(late);
    break;
  }
}, 60_000);
