import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { Pair } from '../../src/edge/development-ca.ts';
import { Chat, echoes } from '../support/chat.ts';
import { connectRaw } from '../support/raw-client.ts';
import type { RawPeer } from '../support/raw-peer.ts';

let chat: Chat;
let peers: RawPeer[];

afterEach(() => chat.close());

async function open(): Promise<void> {
  chat = await Chat.open();
  peers = [await chat.join(), await chat.join({ sub: 'bob' }), await chat.join({ sub: 'eve' })];
  for (const peer of peers) await echoes(peer);
}

const issue = (): Promise<Pair> => chat.ca.issue({ dns: ['localhost'], ip: ['127.0.0.1'] });

/** Into this file at once, as careful programs write. */
function place(name: string, content: string): void {
  const file = join(chat.gateway.folder, name);
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The serial number that a new connection is shown. */
async function shown(): Promise<string> {
  const socket = (await connectRaw({ port: chat.gateway.port, tls: { ca: chat.ca.cert } })) as TLSSocket;
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber.toLowerCase();
}

/** Resolves when the certificate after this one is in service; its serial number. */
async function replaced(previous: string): Promise<string> {
  const { serial } = await chat.gateway.logged('certificate.loaded', (line) => line.previous === previous);
  return String(serial);
}

/** No open socket has noticed anything. */
async function unnoticed(): Promise<void> {
  for (const peer of peers) await echoes(peer);
  expect(chat.named('session.closed')).toEqual([]);
  expect(chat.named('tls.failed')).toEqual([]);
}

describe('a certificate is replaced under open sockets', () => {
  it('by renaming files over the old ones', async () => {
    await open();
    let serial = await shown();
    for (let i = 0; i < 3; i++) {
      const { cert, key } = await issue();
      place('key.pem', key);
      place('cert.pem', cert);
      const next = await replaced(serial);
      expect(await shown()).toBe(next);
      expect(next).not.toBe(serial);
      serial = next;
      await unnoticed();
    }
  });

  it('by swapping the folder, as Kubernetes does, several times in a row', async () => {
    await open();
    const { folder } = chat.gateway;
    let serial = await shown();
    for (let version = 1; version <= 4; version++) {
      const { cert, key } = await issue();
      mkdirSync(join(folder, `..v${version}`));
      chat.gateway.write(`..v${version}/cert.pem`, cert);
      chat.gateway.write(`..v${version}/key.pem`, key);
      link(`..v${version}`, '..data');
      // From files to links: the first time both change at once, so that no half of a pair is seen for long.
      if (version === 1) for (const name of ['key.pem', 'cert.pem']) link(`..data/${name}`, name);
      const next = await replaced(serial);
      expect(await shown()).toBe(next);
      serial = next;
      await unnoticed();
    }
  });

  it('by an operator, and by a reload', async () => {
    await open();
    for (const path of ['/certificates/rotate', '/reload']) {
      const serial = await shown();
      const { cert, key } = await issue();
      chat.gateway.write('key.pem', key);
      chat.gateway.write('cert.pem', cert);
      expect((await chat.ask('POST', path)).status).toBe(200);
      const next = await shown();
      expect(next).not.toBe(serial);
      expect((await chat.ask('GET', '/certificates')).json().certificates).toMatchObject([{ serial: next }]);
      await unnoticed();
    }
    expect(chat.gateway.gateway.plan().generation).toBe(1); // the configuration is the one it was
  });
});

describe('a pair that does not match', () => {
  it('leaves the old one in service, and log, metric and health say so until it is mended', async () => {
    await open();
    const serial = await shown();
    const [first, second] = [await issue(), await issue()];
    place('cert.pem', first.cert);
    expect(await chat.gateway.logged('certificate.rotation_failed')).toMatchObject({
      listener: 'public',
      error: expect.stringMatching(/key/),
    });
    expect(await shown()).toBe(serial);
    await unnoticed();
    expect(await chat.metric('sallyport_certificate_rotations_total', { outcome: 'failed' })).toBeGreaterThan(
      0,
    );
    expect(await chat.metric('sallyport_health', { check: 'rotation' })).toBe(0);
    expect(await chat.check('rotation')).toMatchObject({
      healthy: false,
      reason: expect.stringMatching(/key\.pem: the key does not belong/),
    });

    place('key.pem', second.key);
    place('cert.pem', second.cert);
    expect(await replaced(serial)).toBe(await shown());
    expect(await chat.check('rotation')).toMatchObject({ healthy: true });
    await unnoticed();
  });
});

describe('rotations and reloads under traffic', () => {
  it('drop no socket, fail no handshake and lose no message', async () => {
    await open();
    const crowd = await Promise.all(Array.from({ length: 47 }, (_, i) => chat.join({ sub: `p${i}` })));
    peers.push(...crowd);
    let busy = true;
    let [messages, handshakes] = [0, 0];
    const talk = async (peer: RawPeer): Promise<void> => {
      while (busy) await echoes(peer, `message ${++messages}`);
    };
    const knock = async (): Promise<void> => {
      while (busy) {
        expect(await chat.knock({ sub: 'passer-by' })).toBe('in');
        handshakes++;
      }
    };
    const traffic = Promise.all([...peers.slice(0, 10).map(talk), knock()]);
    const serials = new Set([await shown()]);
    for (let i = 0; i < 10; i++) {
      const { cert, key } = await issue();
      chat.gateway.write('key.pem', key);
      chat.gateway.write('cert.pem', cert);
      expect((await chat.ask('POST', '/certificates/rotate')).status).toBe(200);
      serials.add(await shown());
      const authorize = [{ allow: i % 2 === 0 ? '1 == 1' : 'true' }];
      chat.rewrite((config) => Object.assign((config.routes as object[])[0]!, { authorize }));
      expect((await chat.ask('POST', '/reload')).json()).toEqual({ generation: i + 2 });
    }
    busy = false;
    await traffic;
    expect(serials.size).toBe(11);
    expect(messages).toBeGreaterThan(100);
    expect(handshakes).toBeGreaterThan(1);
    for (const peer of peers) await echoes(peer);
    const ended = chat.named('session.closed').filter(({ subject }) => subject !== 'passer-by');
    expect(ended).toEqual([]);
    expect([...chat.named('tls.failed'), ...chat.named('upgrade.refused')]).toEqual([]);
  });
});

/** Link to this target, in place of what has the name. */
function link(target: string, name: string): void {
  const { folder } = chat.gateway;
  symlinkSync(target, join(folder, `${name}.new`));
  renameSync(join(folder, `${name}.new`), join(folder, name));
}
