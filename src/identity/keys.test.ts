import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/guard.ts';
import { keySetText, newSigner } from '../../test/support/tokens.ts';
import { type Fields, silentRecorder } from '../record/recorder.ts';
import { Circuit } from './circuit.ts';
import { parseKeySet } from './key-set.ts';
import { RemoteKeys } from './keys.ts';

const times = { cooldown: 30_000, maxAge: 600_000, staleIfError: 3_600_000 };
const one = parseKeySet(keySetText(newSigner('one')), ['ES256'], 10);
const two = parseKeySet(keySetText(newSigner('two')), ['ES256'], 10);

/** Keys whose provider answers with what `next` holds; an Error is thrown. */
function keysFrom(first: typeof one | Error, luck = 1) {
  const clock = new ManualClock();
  const said: [string, Fields][] = [];
  const state = { next: first as typeof one | Error, asked: 0 };
  const common = {
    identity: 'staff',
    source: 'https://id.example.com/keys',
    clock,
    recorder: { ...silentRecorder, event: (name: string, fields: Fields) => said.push([name, fields]) },
  };
  const keys = new RemoteKeys({
    ...common,
    times,
    circuit: new Circuit({ ...common, random: () => luck }),
    load: async () => {
      state.asked++;
      await Promise.resolve();
      if (state.next instanceof Error) throw state.next;
      return state.next;
    },
  });
  return { keys, clock, state, said };
}

test('a thousand who need keys at once are one request', async () => {
  const { keys, state } = keysFrom(one);
  expect(keys.current()).toBeUndefined();
  const sets = await Promise.all(Array.from({ length: 1_000 }, () => keys.ready()));
  expect(new Set(sets)).toEqual(new Set([one]));
  expect(state.asked).toBe(1);
  expect(keys.current()).toBe(one);
});

test('young keys are used without asking, half-aged ones while asking', async () => {
  const { keys, state, clock } = keysFrom(one);
  await keys.ready();
  clock.pass(times.maxAge / 2);
  expect(keys.current()).toBe(one);
  expect(state.asked).toBe(1);
  clock.pass(1);
  state.next = two;
  expect(keys.current()).toBe(one);
  expect(state.asked).toBe(2);
  await keys.ready().then(() => keys.renewed());
  expect(keys.current()).toBe(two);
});

test('keys past their age are not used without asking', async () => {
  const { keys, state, clock } = keysFrom(one);
  await keys.ready();
  clock.pass(times.maxAge + 1);
  state.next = two;
  expect(keys.current()).toBeUndefined();
  expect(await keys.ready()).toBe(two);
});

test('while the provider fails old keys serve, and then none', async () => {
  const { keys, state, clock, said } = keysFrom(one);
  await keys.ready();
  state.next = new Error('no route to host');
  clock.pass(times.maxAge + 1);
  expect(await keys.ready()).toBe(one);
  expect(keys.health()).toBe('the keys are stale: no route to host');
  expect(said.at(-1)).toEqual([
    'keys.failed',
    { identity: 'staff', source: 'https://id.example.com/keys', error: 'no route to host' },
  ]);
  clock.pass(times.staleIfError);
  expect(await keys.ready()).toBeUndefined();
  expect(await keys.renewed()).toBeUndefined();
  expect(keys.health()).toMatch(/too old/);
});

test('a provider that comes back is asked again after a second, doubled each time up to the cooldown', async () => {
  const { keys, state, clock } = keysFrom(new Error('down'));
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    await keys.ready();
    const asked = state.asked;
    let waited = 0;
    while (state.asked === asked) {
      clock.pass(500);
      waited += 500;
      await keys.ready();
    }
    waits.push(waited);
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(keys.health()).toBe('no keys: down (the circuit is open)');
});

test('after five failures it is left alone for a cooldown, and one good answer makes all well', async () => {
  const { keys, state, clock, said } = keysFrom(new Error('down'), 0);
  for (let i = 0; i < 100; i++) {
    await keys.ready();
    clock.pass(500);
  }
  // At 0, 1, 3, 7 and 15 s as before; the sixth not after 16 s more, but after 30.
  expect(state.asked).toBe(6);
  expect(said.filter(([name]) => name === 'circuit.opened')).toHaveLength(1);
  state.next = one;
  clock.pass(times.cooldown);
  expect(await keys.ready()).toBe(one);
  expect(said.at(-2)?.[0]).toBe('circuit.closed');
  expect(keys.health()).toBeUndefined();
});

test('the same text keeps the same set, another one replaces it', async () => {
  const { keys, state, clock } = keysFrom(one);
  await keys.ready();
  state.next = { ...one };
  clock.pass(times.cooldown);
  expect(await keys.renewed()).toBe(one);
  state.next = two;
  clock.pass(times.cooldown);
  expect(await keys.renewed()).toBe(two);
});

test('an empty set is an answer: nobody gets in, and it is not asked for again before its time', async () => {
  const { keys, state, clock } = keysFrom(one);
  await keys.ready();
  state.next = parseKeySet('{"keys":[]}', ['ES256'], 10);
  clock.pass(times.cooldown);
  for (let i = 0; i < 100; i++) await keys.renewed();
  expect(state.asked).toBe(2);
  expect(keys.current()?.size).toBe(0);
  expect(keys.health()).toBe('the key set has no usable key');
});

test('says when nothing has been asked yet, and when all is well', async () => {
  const { keys } = keysFrom(one);
  expect(keys.health()).toBe('no keys have been fetched yet');
  await keys.ready();
  expect(keys.health()).toBeUndefined();
});

test('says which keys it did not take, once', async () => {
  const { keys, said, state, clock } = keysFrom({ ...one, refused: ['key "x": weak'] });
  await keys.ready();
  clock.pass(times.cooldown);
  await keys.renewed();
  expect(state.asked).toBe(2);
  expect(said.filter(([name]) => name === 'keys.refused')).toHaveLength(1);
});
