// AU-12: learning from the time of an answer whether a name exists or how much of a secret was right. Time itself is not
// measured here, but what takes it: the same hash, of the same cost, once for each wrong answer.
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { basic } from '../../src/identity/basic.ts';
import { hashSecret } from '../../src/identity/secret-hash.ts';
import type { Identity } from '../../src/pipeline/identity.ts';
import { handshakeOf } from '../support/handshake.ts';
import { answerOf, identityContext, identityOf } from '../support/identity.ts';

const work = vi.hoisted(() => ({ hashes: [] as unknown[], comparisons: [] as number[] }));

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return {
    ...crypto,
    scrypt: (secret: Buffer, salt: Buffer, length: number, options: object, done: () => void) => {
      work.hashes.push({ salt: salt.length, length, options });
      crypto.scrypt(secret, salt, length, options, done);
    },
    timingSafeEqual: (a: Buffer, b: Buffer) => {
      work.comparisons.push(a.length);
      return crypto.timingSafeEqual(a, b);
    },
  };
});

let identity: Identity;

beforeAll(async () => {
  const lines = [`CP_1:${await hashSecret('correct horse', 10)}`, `CP_2:${await hashSecret('other', 10)}`];
  identity = identityOf(basic, { file: 'stations' }, identityContext({ stations: lines.join('\n') }));
});

beforeEach(() => {
  work.hashes = [];
  work.comparisons = [];
});

test.each([
  ['another secret', 'CP_1', 'x'],
  ['all of the secret but the last letter', 'CP_1', 'correct hors'],
  ['a secret that starts like it', 'CP_1', 'correct horse battery'],
  ['no secret', 'CP_1', ''],
  ['a name that there is not', 'CP_3', 'correct horse'],
  ['the beginning of a name', 'CP_', 'correct horse'],
])('%s: one hash and one comparison in full', async (_, name, secret) => {
  const authorization = `Basic ${btoa(`${name}:${secret}`)}`;
  expect(await answerOf(identity, handshakeOf({ headers: { authorization } }))).toBe('credential_invalid');
  expect(work.hashes).toEqual([
    { salt: 16, length: 32, options: expect.objectContaining({ N: 1_024, r: 8, p: 1 }) },
  ]);
  expect(work.comparisons).toEqual([32]);
});
