// TL-16 RO-10
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { ca, connectEdge, startEdge } from '../support/edge.ts';

const root = await ca();
const between = await root.intermediate('Between');
const pair = await between.issue({ dns: ['localhost'] });
const blocks = pair.cert.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----\n/g) as string[];

it('serves a chain that was in the wrong order in the right one, and says so', async () => {
  const stray = (await (await createDevelopmentCa('Stray')).issue({})).cert;
  const edge = await startEdge({ pairs: [{ cert: stray + blocks.toReversed().join(''), key: pair.key }] });
  const socket = await connectEdge(edge);
  expect(socket.authorized).toBe(true);
  expect(edge.listener.certificates()[0]?.warnings.join()).toMatch(/not in order/);
});

it('warns of a chain that ends before a root', async () => {
  const edge = await startEdge({ pairs: [{ cert: blocks[0]!, key: pair.key }] });
  expect(edge.listener.certificates()[0]?.warnings.join()).toMatch(/ends at CN=Between/);
});

it('keeps the old pair when the new one lacks the intermediate that the old one had', async () => {
  const edge = await startEdge({ pairs: [pair] });
  const next = await between.issue({ dns: ['localhost'] });
  await writeFile(
    join(edge.folder, '0.pem'),
    next.cert.match(/^-----BEGIN[\s\S]+?-----END CERTIFICATE-----\n/)![0],
  );
  await writeFile(join(edge.folder, '0.key'), next.key);
  const report = await edge.listener.rotate();
  expect(report.rotated).toBe(false);
  expect(report.problems[0]?.message).toMatch(/lacks the intermediate/);
});

it('does not start with a chain that ends in none of the configured roots', async () => {
  const other = await createDevelopmentCa('Other');
  const tls = { roots: 'roots.pem' };
  await expect(startEdge({ pairs: [pair], files: { 'roots.pem': other.cert }, tls })).rejects.toMatchObject({
    problems: [{ path: ['tls', 'certificates', 0, 'cert'] }],
  });
  await startEdge({ pairs: [pair], files: { 'roots.pem': other.cert + root.cert }, tls });
});

it('does not start with an intermediate that has run out', async () => {
  const late = await root.intermediate('Late', { notAfter: Date.now() - 1_000 });
  await expect(startEdge({ pairs: [await late.issue({ dns: ['localhost'] })] })).rejects.toThrow(/ran out/);
});
