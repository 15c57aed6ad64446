// JS-09
import { it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const wide = { messages: { maxBytes: '32MiB' } };
const MILLION = 1_000_000;

it('refuses a million keys in one object', async () => {
  const pair = new Guarded(wide).connect();
  const keys = Array.from({ length: MILLION }, (_, i) => `"k${i}":1`);
  await pair.refuses(`{"type":"chat.ping",${keys.join()}}`, 'json_structure');
  pair.end();
});

it('refuses a million objects of one key', async () => {
  const pair = new Guarded(wide).connect();
  await pair.refuses(`{"type":"chat.ping","list":[${'{"a":1},'.repeat(MILLION)}0]}`, 'json_structure');
  pair.end();
});

it('refuses a million items', async () => {
  const pair = new Guarded(wide).connect();
  await pair.refuses(`{"type":"chat.ping","list":[${'0,'.repeat(MILLION)}0]}`, 'json_structure');
  pair.end();
});

it('refuses a million empty arrays', async () => {
  const pair = new Guarded(wide).connect();
  await pair.refuses(`{"type":"chat.ping","list":[${'[],'.repeat(MILLION)}[]]}`, 'json_structure');
  pair.end();
});
