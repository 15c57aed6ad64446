// RO-05 RO-06
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Pair } from '../../src/edge/development-ca.ts';
import { ca, connectEdge, type Edge, open, startEdge } from '../support/edge.ts';

const issue = async () => (await ca()).issue({ dns: ['localhost'] });
const serialOf = async (edge: Edge) => (await connectEdge(edge)).getPeerCertificate().serialNumber;

/** What Kubernetes does: a new folder, and one rename of the link `..data` to it. */
async function swap(folder: string, version: number, { cert, key }: Pair): Promise<void> {
  const fresh = join(folder, `..v${version}`);
  await mkdir(fresh);
  await writeFile(join(fresh, 'tls.crt'), cert);
  await writeFile(join(fresh, 'tls.key'), key);
  await symlink(`..v${version}`, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
}

it('sees every swap of the ..data link, and cuts no socket', async () => {
  const edge = await startEdge();
  const mounted = join(edge.folder, 'mounted');
  await mkdir(mounted);
  await swap(mounted, 0, await issue());
  for (const name of ['tls.crt', 'tls.key']) await symlink(join('..data', name), join(mounted, name));
  await edge.reconfigure({ tls: { certificates: [{ cert: 'mounted/tls.crt', key: 'mounted/tls.key' }] } });
  const living = await open(edge);
  for (let version = 1; version <= 3; version++) {
    const before = await serialOf(edge);
    await swap(mounted, version, await issue());
    await vi.waitFor(async () => expect(await serialOf(edge)).not.toBe(before), {
      timeout: 5_000,
      interval: 50,
    });
  }
  living.write('still here');
  expect(String(await new Promise((resolve) => living.once('data', resolve)))).toBe('still here');
});

it('sees files that are replaced by a rename, again and again', async () => {
  const edge = await startEdge();
  for (let i = 0; i < 3; i++) {
    const before = await serialOf(edge);
    const { cert, key } = await (await ca()).issue({ dns: ['localhost'], ip: ['127.0.0.1'] });
    await writeFile(join(edge.folder, 'next.pem'), cert);
    await writeFile(join(edge.folder, 'next.key'), key);
    await rename(join(edge.folder, 'next.key'), join(edge.folder, '0.key'));
    await rename(join(edge.folder, 'next.pem'), join(edge.folder, '0.pem'));
    await vi.waitFor(async () => expect(await serialOf(edge)).not.toBe(before), {
      timeout: 5_000,
      interval: 50,
    });
  }
});
