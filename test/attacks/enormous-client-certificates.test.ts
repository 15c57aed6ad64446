// MT-15 MT-20
import { expect, it } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { ask, open, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const devices = await createDevelopmentCa('Devices');
const edgeOf = () =>
  startEdge({ files: { 'ca.pem': devices.cert }, tls: { clientCertificates: { ca: 'ca.pem' } } });

it('ends a handshake with a chain of 200 KiB', async () => {
  const edge = await edgeOf();
  const leaf = await devices.issue({ uri: ['urn:dev:1'] });
  const padding = await devices.issue({ uri: [`urn:${'x'.repeat(20_000)}`] });
  const cert = leaf.cert + padding.cert.repeat(8);
  const answer = await ask(edge, upgradeText(), { cert, key: leaf.key }).catch(() => '');
  expect(statusOf(answer)).not.toBe(101);
  expect(edge.accepted).toEqual([]);
  await open(edge, upgradeText(), leaf);
});

it('reads a certificate with very many names in its own time', async () => {
  const edge = await edgeOf();
  const uri = Array.from({ length: 1_000 }, (_, i) => `urn:dev:${i}`);
  await open(edge, upgradeText(), await devices.issue({ uri }));
  expect(edge.accepted[0]?.tls.certificate?.san.uri).toHaveLength(1_000);
});
