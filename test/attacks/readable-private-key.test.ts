// RO-14
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startEdge } from '../support/edge.ts';

it('warns of a key that others on the machine can read', async () => {
  const edge = await startEdge();
  const readable = () => edge.listener.certificates()[0]?.warnings.join() ?? '';
  expect(readable()).not.toMatch(/mode/);
  await chmod(join(edge.folder, '0.key'), 0o644);
  await edge.reconfigure({});
  expect(readable()).toMatch(/key can be read by others: its mode is 644/);
});
