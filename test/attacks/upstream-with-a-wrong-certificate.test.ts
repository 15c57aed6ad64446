// UP-11 UP-12 UP-13: an upstream over TLS is who its certificate says, each time anew.
import { networkInterfaces } from 'node:os';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { createDevelopmentCa, type DevelopmentCa } from '../../src/edge/development-ca.ts';
import { accept, startUpstream, tryDial } from '../support/upstream.ts';

const YEAR = 365 * 86_400_000; // ms
let ca: DevelopmentCa;
let other: DevelopmentCa;

beforeAll(async () => {
  [ca, other] = await Promise.all([createDevelopmentCa(), createDevelopmentCa('Another')]);
});

async function knock(tls: TlsOptions): Promise<string> {
  const port = await startUpstream(accept, { tls });
  return tryDial(`wss://localhost:${port}`, { ca: ca.cert });
}

it('dials one whose certificate is good', async () => {
  expect(await knock(await ca.issue({ dns: ['localhost'] }))).toBe('dialled');
});

it('refuses one whose certificate has run out', async () => {
  const past = { notBefore: Date.now() - 2 * YEAR, notAfter: Date.now() - YEAR };
  expect(await knock(await ca.issue({ dns: ['localhost'], ...past }))).toBe(
    'upstream_refused: CERT_HAS_EXPIRED',
  );
});

it('refuses one whose certificate is for another host', async () => {
  expect(await knock(await ca.issue({ dns: ['other.example'] }))).toBe(
    'upstream_refused: ERR_TLS_CERT_ALTNAME_INVALID',
  );
});

it('refuses one that an authority vouches for which is not ours', async () => {
  expect(await knock(await other.issue({ dns: ['localhost'] }))).toMatch(
    /^upstream_refused: (UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|SELF_SIGNED_CERT_IN_CHAIN)$/,
  );
});

it('refuses one that speaks TLS 1.1 at most', async () => {
  const pair = await ca.issue({ dns: ['localhost'] });
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  expect(await knock({ ...pair, ...old })).toMatch(/^upstream_refused: /);
});

it('never resumes a session, so that none is used for another', async () => {
  const reused: boolean[] = [];
  const port = await startUpstream(
    (head, socket) => {
      reused.push((socket as TLSSocket).isSessionReused());
      accept(head, socket);
    },
    { tls: await ca.issue({ dns: ['localhost'] }) },
  );
  for (let i = 0; i < 3; i++) await tryDial(`wss://localhost:${port}`, { ca: ca.cert });
  expect(reused).toEqual([false, false, false]);
});

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

it.skipIf(!hasIpv6)('dials one whose certificate names an IPv6 address', async () => {
  const port = await startUpstream(accept, { tls: await ca.issue({ ip: ['::1'] }), host: '::1' });
  expect(await tryDial(`wss://[::1]:${port}`, { ca: ca.cert })).toBe('dialled');
});

it('is not let off by a setting of the environment', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await knock(await ca.issue({ dns: ['other.example'] }))).toMatch(/^upstream_refused: ERR_TLS/);
});
