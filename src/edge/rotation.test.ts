import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ca, startEdge } from '../../test/support/edge.ts';
import { listener as schema } from '../config/listener.ts';

const DAY = 86_400_000;

it.each([
  [40, undefined],
  [29, 29],
  [6, 6],
  [0.5, 0],
])('reminds of a certificate that runs out in %d days once: %j', async (days, said) => {
  const now = Date.now();
  const notAfter = now + days * DAY + 60_000;
  const edge = await startEdge({ pairs: [await (await ca()).issue({ dns: ['localhost'], notAfter })] });
  await edge.listener.rotate();
  const reminders = edge.events.filter(({ name }) => name === 'certificate.expiring');
  expect(reminders.map(({ fields }) => fields.days)).toEqual(said === undefined ? [] : [said]);
});

it('says which serial replaced which, and the names and the end of the new one', async () => {
  const edge = await startEdge({
    pairs: [await (await ca()).issue({ dns: ['localhost', '*.b.test'], ip: ['::1'] })],
  });
  const { fields } = await edge.event('certificate.loaded');
  expect(fields).toMatchObject({ listener: 'test', certificate: '0.pem', names: 'localhost *.b.test ::1' });
  expect(edge.listener.certificates()).toMatchObject([
    { serial: fields.serial, notAfter: Date.parse(String(fields.expires)) },
  ]);
});

it('reports a certificate that ran out in service as a problem', async () => {
  let now = Date.now();
  const edge = await startEdge({ now: () => now });
  expect(edge.listener.expired()).toEqual([]);
  now += 365 * DAY;
  expect(edge.listener.expired()[0]).toMatch(/^0\.pem ran out at /);
});

it('names every problem at once when it cannot start', async () => {
  const edge = startEdge({
    pairs: [{ cert: 'x', key: 'y' }],
    tls: { roots: 'none.pem', clientCertificates: { ca: 'none.pem' } },
  });
  await expect(edge).rejects.toMatchObject({
    problems: [
      { path: ['tls', 'roots'] },
      { path: ['tls', 'certificates', 0, 'key'] },
      { path: ['tls', 'clientCertificates', 'ca'] },
    ],
  });
});

it('changes nothing when new options cannot be served', async () => {
  const edge = await startEdge();
  const before = edge.listener.certificates();
  const tls = { certificates: [{ cert: 'none.pem', key: 'none.key' }] };
  await expect(edge.reconfigure({ tls })).rejects.toThrow(/ENOENT/);
  expect(edge.listener.certificates()).toEqual(before);
});

it('does not go back to older files when a rotation overtakes a change of options', async () => {
  const edge = await startEdge();
  const issue = async () => (await ca()).issue({ dns: ['localhost'], ip: ['127.0.0.1'] });
  const serial = () => edge.listener.certificates()[0]?.serial;
  const [first, tls] = [serial(), { certificates: [{ cert: '0.pem', key: '0.key' }] }];
  const commit = await edge.listener.prepare(schema.parse({ address: '127.0.0.1:0', tls }));
  const { cert, key } = await issue();
  await writeFile(join(edge.folder, '0.key'), key);
  await writeFile(join(edge.folder, '0.pem'), cert);
  await edge.listener.rotate();
  const second = serial();
  expect(second).not.toBe(first);
  commit();
  await expect.poll(serial).toBe(second);
});
