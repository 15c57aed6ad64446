// RL-08: guessing passwords: of one name from many addresses, of many names from one, and all at once.
import { beforeAll, expect, test, vi } from 'vitest';
import { basic } from '../../src/identity/basic.ts';
import { hashSecret } from '../../src/identity/secret-hash.ts';
import { handshakeOf } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';

const count = vi.hoisted(() => ({ hashes: 0 }));

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const scrypt = (...args: unknown[]) => {
    count.hashes++;
    return (crypto.scrypt as (...args: unknown[]) => unknown)(...args);
  };
  return { ...crypto, scrypt };
});

let file: string;

beforeAll(async () => {
  file = `CP_1:${await hashSecret('one', 10)}\nCP_2:${await hashSecret('two', 10)}`;
});

function guarded() {
  const context = identityContext({ stations: file });
  const lockout = { perName: '5/h', perAddress: '10/h' };
  const identity = identityOf(basic, { file: 'stations', lockout }, context);
  count.hashes = 0;
  return { identity, context };
}

const trying = (name: string, secret: string, address: string) =>
  handshakeOf({ address, headers: { authorization: `Basic ${btoa(`${name}:${secret}`)}` } });

test('one name, many addresses', async () => {
  const { identity, context } = guarded();
  for (let i = 0; i < 5; i++) {
    expect(await answerOf(identity, trying('CP_1', `guess ${i}`, `192.0.2.${i}`))).toBe('credential_invalid');
  }
  expect(await answerOf(identity, trying('CP_1', 'one', '192.0.2.9'))).toBe('identity_locked');
  expect(await answerOf(identity, trying('CP_2', 'two', '192.0.2.9'))).toBe('accepted');
  expect(count.hashes).toBe(6);
  expect(context.said.map(({ name }) => name)).toEqual(['identity.locked']);
  context.clock.pass(720_000);
  expect(await answerOf(identity, trying('CP_1', 'one', '192.0.2.9'))).toBe('accepted');
});

test('many names, one address', async () => {
  const { identity } = guarded();
  for (let i = 0; i < 10; i++) await identity.identify(trying(`CP_${i + 100}`, 'one', '192.0.2.1'));
  expect(await answerOf(identity, trying('CP_1', 'one', '192.0.2.1'))).toBe('identity_locked');
  expect(await answerOf(identity, trying('CP_1', 'one', '192.0.2.2'))).toBe('accepted');
});

test('a name that there is not is locked like one that there is', async () => {
  const { identity } = guarded();
  for (let i = 0; i < 5; i++) {
    expect(await answerOf(identity, trying('CP_9', 'x', `192.0.2.${i}`))).toBe('credential_invalid');
  }
  expect(await answerOf(identity, trying('CP_9', 'x', '192.0.2.9'))).toBe('identity_locked');
});

test('fifty guesses sent at once are hardly more than one by one', async () => {
  const { identity } = guarded();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => answerOf(identity, trying('CP_1', `guess ${i}`, '192.0.2.1'))),
  );
  expect(count.hashes).toBeLessThanOrEqual(6);
  expect(answers.filter((answer) => answer === 'identity_locked').length).toBeGreaterThanOrEqual(44);
});

test('a thousand at once are turned away before any work', async () => {
  const { identity } = guarded();
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, (_, i) =>
      answerOf(identity, trying(`CP_${i}`, 'x', `10.0.${i >> 8}.${i & 255}`)),
    ),
  );
  expect(answers.filter((answer) => answer === 'identity_flooded')).toHaveLength(1_000 - 66);
});

test('a stranger cannot lock a station out from where it lives', async () => {
  const { identity } = guarded();
  expect(await answerOf(identity, trying('CP_1', 'one', '192.0.2.1'))).toBe('accepted');
  for (let i = 0; i < 8; i++) await identity.identify(trying('CP_1', 'x', `198.51.100.${i}`));
  expect(await answerOf(identity, trying('CP_1', 'one', '198.51.100.1'))).toBe('identity_locked');
  expect(await answerOf(identity, trying('CP_1', 'one', '192.0.2.1'))).toBe('accepted');
});
