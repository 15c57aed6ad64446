import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { sslscan, suitesOfSslscan } from '../../scripts/audit-peers/compare.ts';
import { isInstalled } from '../../scripts/audit-peers/fronts.ts';
import { Budget, DEFAULT_ALLOWANCE } from '../../src/audit/budget.ts';
import { spokenVersions, suitesOf } from '../../src/audit/checks/transport/tls-facts.ts';
import { type Context, memory } from '../../src/audit/context.ts';
import { suiteOf } from '../../src/audit/probe/tls-names.ts';
import { DEFAULT_PATIENCE } from '../../src/audit/reach.ts';
import { resolveTarget } from '../../src/audit/target.ts';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';

// What is read off the wire here is what sslscan reads with a whole TLS library.

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2_048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
} as const;

describe.skipIf(!isInstalled('sslscan'))('sslscan and the audit find the same suites', () => {
  it.concurrent.each([
    [
      'of a server with everything that Node has',
      { minVersion: 'TLSv1', ciphers: 'ALL:COMPLEMENTOFALL:@SECLEVEL=0' },
      {},
    ],
    [
      'of one with everything, and an RSA key',
      { minVersion: 'TLSv1', ciphers: 'ALL:COMPLEMENTOFALL:@SECLEVEL=0' },
      { key: RSA },
    ],
    ['of one with TLS 1.2 alone', { maxVersion: 'TLSv1.2' }, {}],
    ['of one with TLS 1.3 alone', { minVersion: 'TLSv1.3' }, {}],
  ] as const)(
    '%s',
    async (_, tls, request) => {
      const pair = await (await createDevelopmentCa()).issue({ dns: ['localhost'], ...request });
      const server = createServer({ ...pair, ...tls }, (socket) => socket.on('error', () => {}).end()).listen(
        0,
        '127.0.0.1',
      );
      server.on('tlsClientError', () => {});
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const target = await resolveTarget(`wss://localhost:${port}/`, () => Promise.resolve('127.0.0.1'));
      const context = {
        target,
        budget: new Budget({ ...DEFAULT_ALLOWANCE, rate: 1_000 }),
        patience: DEFAULT_PATIENCE,
        once: memory(),
      } as unknown as Context; // what TLS is asked with
      const ours = await suitesOf(context);
      const xml = await sslscan(port);
      const versions = await spokenVersions(context);
      server.close();
      expect(ours.map((suite) => suiteOf(suite).name).sort()).toEqual(
        suitesOfSslscan(xml)
          .map((suite) => suiteOf(suite).name)
          .sort(),
      );
      const theirs = [...xml.matchAll(/<protocol type="tls" version="1.(\d)" enabled="1"/g)].map(
        ([, minor]) => 0x0301 + Number(minor),
      );
      expect(versions).toEqual(theirs);
    },
    60_000,
  );
});
