// RO-07 RO-08 D4 CVE-2026-27586
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { expect, it, vi } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { ask, open, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const devices = await createDevelopmentCa('Devices');
const device = await devices.issue({ uri: ['urn:dev:1'] });
const tls = { clientCertificates: { ca: 'ca.pem' } };
const leaf = (await devices.issue({})).cert;

const bundles: [string, string | undefined][] = [
  ['missing', undefined],
  ['empty', ''],
  ['white space', ' \n'],
  ['garbage', 'garbage'],
  ['cut off in its second certificate', devices.cert + devices.cert.slice(0, 200)],
  ['damaged in one of three', devices.cert + devices.cert.replace(/M/g, '!') + devices.cert],
  ['a certificate that is no authority', devices.cert + leaf],
];

it.each(bundles)('does not start with a CA bundle that is %s', async (_, bundle) => {
  const files = bundle === undefined ? {} : { 'ca.pem': bundle };
  await expect(startEdge({ files, tls })).rejects.toMatchObject({
    problems: [{ path: ['tls', 'clientCertificates', 'ca'] }],
  });
});

it.each(bundles)('keeps the old CA bundle when the new one is %s', async (_, bundle) => {
  const edge = await startEdge({ files: { 'ca.pem': devices.cert }, tls });
  if (bundle === undefined) await rm(join(edge.folder, 'ca.pem'));
  else await writeFile(join(edge.folder, 'ca.pem'), bundle);
  expect(await edge.listener.rotate()).toMatchObject({ rotated: false });
  await open(edge, upgradeText(), device);
  expect(edge.accepted[0]?.tls.certificate).toBeDefined();
});

it('never trusts the public roots', async () => {
  const edge = await startEdge({ files: { 'ca.pem': devices.cert }, tls });
  const trust = edge.listener.distrusts({ anchor: 'x', path: [] } as never);
  expect(trust).toMatchObject({ code: 'certificate_untrusted' });
  expect(rootCertificates.length).toBeGreaterThan(0);
  const stranger = await (await createDevelopmentCa('Public')).issue({ uri: ['urn:dev:1'] });
  expect(statusOf(await ask(edge, upgradeText(), stranger))).toBe(401);
});

// RO-13 D5
it('distrusts at once who was vouched for by an authority that is removed', async () => {
  const next = await createDevelopmentCa('Next');
  const trustChanged = vi.fn();
  const edge = await startEdge({ files: { 'ca.pem': devices.cert }, tls, handlers: { trustChanged } });
  const living = await open(edge, upgradeText(), device);
  const certificate = edge.accepted[0]!.tls.certificate!;
  const session = living.getSession();
  await writeFile(join(edge.folder, 'ca.pem'), next.cert);
  expect(await edge.listener.rotate()).toMatchObject({ rotated: true });
  expect(trustChanged).toHaveBeenCalledOnce();
  expect(edge.listener.distrusts(certificate)).toMatchObject({ code: 'certificate_untrusted' });
  const again = await ask(edge, upgradeText(), { ...device, ...(session && { session }) });
  expect(statusOf(again)).toBe(401);
});
