import { expect, test } from 'vitest';
import { Gate } from './gate.ts';

test('runs a few at a time, in order, and turns away what would wait too long', async () => {
  const gate = new Gate(2, 3);
  const log: string[] = [];
  let most = 0;
  let running = 0;
  const task = (name: string) => async () => {
    most = Math.max(most, ++running);
    log.push(name);
    await new Promise(setImmediate);
    running--;
    return name;
  };
  const results = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => gate.run(task(name))));
  expect(results).toEqual(['a', 'b', 'c', 'd', 'e', undefined]);
  expect(log).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(most).toBe(2);
});

test('a task that throws gives its place on', async () => {
  const gate = new Gate(1, 1);
  const failed = gate.run(() => Promise.reject(new Error('no')));
  const next = gate.run(async () => 'next');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('next');
  expect(await gate.run(async () => 'after')).toBe('after');
});
