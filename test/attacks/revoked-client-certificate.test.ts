// MT-09

import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { ask, open, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const devices = await createDevelopmentCa('Devices');
const good = await devices.issue({ uri: ['urn:dev:good'] });
const stolen = await devices.issue({ uri: ['urn:dev:stolen'] });
const serial = new X509Certificate(stolen.cert).serialNumber;

const edgeWith = (crl: string, now?: () => number, trustChanged = () => {}) =>
  startEdge({
    files: { 'ca.pem': devices.cert, 'list.crl': crl },
    tls: { clientCertificates: { ca: 'ca.pem', crl: 'list.crl' } },
    handlers: { trustChanged },
    ...(now && { now }),
  });

it('refuses who is on the list, and nobody else', async () => {
  const edge = await edgeWith(await devices.revoke([serial]));
  expect(statusOf(await ask(edge, upgradeText(), stolen))).toBe(401);
  await open(edge, upgradeText(), good);
  expect(edge.accepted).toHaveLength(1);
});

it('tells of a new list, and then distrusts who was let in before', async () => {
  const trustChanged = vi.fn();
  const edge = await edgeWith(await devices.revoke([]), undefined, trustChanged);
  await open(edge, upgradeText(), stolen);
  const certificate = edge.accepted[0]!.tls.certificate!;
  expect(edge.listener.distrusts(certificate)).toBeUndefined();
  await writeFile(join(edge.folder, 'list.crl'), await devices.revoke([serial]));
  await edge.listener.rotate();
  expect(trustChanged).toHaveBeenCalledOnce();
  expect(edge.listener.distrusts(certificate)).toMatchObject({ code: 'credential_revoked' });
  expect(statusOf(await ask(edge, upgradeText(), stolen))).toBe(401);
});

it.each(['before', 'behind'])('distrusts who is on one list, whatever another %s it says', async (where) => {
  const edge = await edgeWith(await devices.revoke([]));
  await open(edge, upgradeText(), stolen);
  const [other, list] = [await devices.revoke([]), await devices.revoke([serial])];
  await writeFile(join(edge.folder, 'list.crl'), where === 'before' ? other + list : list + other);
  await edge.listener.rotate(); // unless the watcher was quicker
  const certificate = edge.accepted[0]!.tls.certificate!;
  expect(edge.listener.distrusts(certificate)).toMatchObject({ code: 'credential_revoked' });
});

it('trusts nobody once the list has run out', async () => {
  const edge = await edgeWith(await devices.revoke([], { nextUpdate: Date.now() + 3_000 }));
  await open(edge, upgradeText(), good);
  const late = () => expect(open(edge, upgradeText(), good)).rejects.toThrow(/^not a 101: HTTP\/1\.1 401 /);
  await vi.waitFor(late, { timeout: 8_000, interval: 300 });
  expect(edge.listener.expired().join()).toMatch(/revocation list ran out/);
});

it.each([
  ['is missing', undefined],
  ['is empty', ''],
  ['is cut off', '-----BEGIN X509 CRL-----\nMIIB'],
  ['ran out', 'late'],
  ['is of another authority', 'other'],
  ['is signed by another of the same name', 'forged'],
  ['is followed by one that is', 'forged behind'],
])('does not start with a list that %s', async (_, crl) => {
  const text =
    crl === 'late'
      ? await devices.revoke([], { nextUpdate: Date.now() - 1_000 })
      : crl === 'other'
        ? await (await createDevelopmentCa('Other')).revoke([])
        : crl === 'forged'
          ? await (await createDevelopmentCa('Devices')).revoke([])
          : crl === 'forged behind'
            ? (await devices.revoke([])) + (await (await createDevelopmentCa('Devices')).revoke([]))
            : crl;
  const files = { 'ca.pem': devices.cert, ...(text !== undefined && { 'list.crl': text }) };
  const tls = { clientCertificates: { ca: 'ca.pem', crl: 'list.crl' } };
  await expect(startEdge({ files, tls })).rejects.toMatchObject({
    problems: [{ path: ['tls', 'clientCertificates', 'crl'] }],
  });
});
