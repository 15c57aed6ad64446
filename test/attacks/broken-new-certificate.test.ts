// RO-01 RO-02 RO-03 RO-09 RO-10 RO-15 RO-21
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ca, connectEdge, type Edge, open, startEdge } from '../support/edge.ts';

const DAY = 86_400_000;
const issue = async (request: object = {}) =>
  (await ca()).issue({ dns: ['localhost'], ip: ['127.0.0.1'], ...request });
const write = (edge: Edge, name: string, text: string) => writeFile(join(edge.folder, name), text);
const serialOf = async (edge: Edge) =>
  (await connectEdge(edge)).getPeerCertificate().serialNumber.toLowerCase();

/** Writes these files, or removes them for null. */
async function put(edge: Edge, cert: string | null, key: string | null): Promise<void> {
  for (const [name, text] of [
    ['0.pem', cert],
    ['0.key', key],
  ] as const) {
    if (text === null) await rm(join(edge.folder, name));
    else await write(edge, name, text);
  }
}

const weak = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 1_024,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
};
const otherKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});
const encrypted = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'secret',
});

const faults: [string, (edge: Edge) => Promise<void>, RegExp][] = [
  [
    'belongs to another key',
    async (edge) => put(edge, (await issue()).cert, String(otherKey)),
    /does not belong/,
  ],
  ['is half written', async (edge) => write(edge, '0.pem', (await issue()).cert.slice(0, 300)), /cut off/],
  ['is empty', (edge) => write(edge, '0.pem', ''), /no CERTIFICATE/],
  ['has an empty key', (edge) => write(edge, '0.key', ''), /not a private key/],
  ['is no PEM', (edge) => write(edge, '0.pem', 'garbage'), /no CERTIFICATE/],
  ['is gone', (edge) => rm(join(edge.folder, '0.pem')), /ENOENT/],
  ['has a key that is encrypted', (edge) => write(edge, '0.key', String(encrypted)), /passphrase/],
  [
    'has run out',
    async (edge) => {
      const { cert, key } = await issue({ notBefore: Date.now() - 2 * DAY, notAfter: Date.now() - DAY });
      await put(edge, cert, key);
    },
    /ran out/,
  ],
  [
    'is of tomorrow',
    async (edge) => {
      const { cert, key } = await issue({ notBefore: Date.now() + DAY });
      await put(edge, cert, key);
    },
    /not valid before/,
  ],
  [
    'has lost a name',
    async (edge) => {
      const { cert, key } = await issue({ dns: ['elsewhere.test'] });
      await put(edge, cert, key);
    },
    /does not name localhost/,
  ],
  [
    'names nobody',
    async (edge) => {
      const { cert, key } = await (await ca()).issue({});
      await put(edge, cert, key);
    },
    /names no host/,
  ],
  [
    'has a weak key',
    async (edge) => {
      const { cert, key } = await issue({ key: weak });
      await put(edge, cert, key);
    },
    /too weak/,
  ],
];

it.each(faults)('keeps the old certificate when the new one %s, and says so', async (_, spoil, reason) => {
  const edge = await startEdge();
  const serial = await serialOf(edge);
  await spoil(edge);
  const report = await edge.listener.rotate();
  expect(report).toMatchObject({ rotated: false });
  expect(report.problems[0]?.message).toMatch(reason);
  expect(report.problems[0]?.file).toContain(edge.folder);
  expect((await edge.event('certificate.rotation_failed')).fields.error).toMatch(reason);
  expect(edge.listener.notTaken()[0]).toMatch(reason);
  expect(await serialOf(edge)).toBe(serial);

  const good = await issue();
  await put(edge, good.cert, good.key);
  // Either this or the watcher is first.
  expect(await edge.listener.rotate()).toMatchObject({ problems: [] });
  expect(edge.listener.notTaken()).toEqual([]);
  expect(await serialOf(edge)).not.toBe(serial);
});

it('does not start with any of them', async () => {
  const { cert } = await issue();
  await expect(startEdge({ pairs: [{ cert, key: String(otherKey) }] })).rejects.toMatchObject({
    problems: [{ path: ['tls', 'certificates', 0, 'key'] }],
  });
});

it('takes CRLF, comments, a byte order mark, and a key in SEC1', async () => {
  const { cert, key } = await issue();
  const sec1 = String(createPrivateKey(key).export({ type: 'sec1', format: 'pem' }));
  expect(sec1).toContain('EC PRIVATE KEY');
  const edge = await startEdge({
    pairs: [
      { cert: `\ufeffsubject=localhost\r\n${cert.replaceAll('\n', '\r\n')}# end\r\n`, key: `\ufeff${sec1}` },
    ],
  });
  await open(edge);
});

it('opens an encrypted key with its passphrase, and does not start with another', async () => {
  const { cert, key } = await issue();
  const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right' } as const;
  const pairs = [{ cert, key: String(createPrivateKey(key).export(cipher)) }];
  const tls = (passphrase: string) => ({ certificates: [{ cert: '0.pem', key: '0.key', passphrase }] });
  await open(await startEdge({ pairs, tls: tls('right') }));
  await expect(startEdge({ pairs, tls: tls('wrong') })).rejects.toThrow(/cannot be decrypted/);
});
