// UP-03: an upstream that is late keeps nobody waiting but those who want it.
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { accept, startUpstream, tryDial } from '../support/upstream.ts';

it('is waited for, while others are dialled', async () => {
  const waiting: [string, Socket][] = [];
  const late = await startUpstream((head, socket) => waiting.push([head, socket]));
  const prompt = await startUpstream();
  const first = tryDial(`ws://127.0.0.1:${late}`);
  for (let i = 0; i < 20; i++) expect(await tryDial(`ws://127.0.0.1:${prompt}`)).toBe('dialled');
  await expect.poll(() => waiting.length).toBe(1);
  for (const [head, socket] of waiting) accept(head, socket);
  expect(await first).toBe('dialled');
});
