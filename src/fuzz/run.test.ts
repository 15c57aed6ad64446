import { expect, it } from 'vitest';
import { askerOf } from '../../test/fuzz/harness.ts';
import type { Case } from './case.ts';
import { caseOf } from './run.ts';

const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
const messages = { described: [{ schema, root: schema }], refusal: undefined };

async function casesOf(seed: number): Promise<Case[]> {
  const asker = await askerOf(443, '', undefined);
  return Array.from({ length: 500 }, (_, index) => caseOf({ asker, seed, messages }, index));
}

it('the same seed makes the same cases again, and another one others', async () => {
  expect(await casesOf(7)).toEqual(await casesOf(7));
  expect(await casesOf(7)).not.toEqual(await casesOf(8));
});

it('cases are of every state: before the upgrade, between messages, amid one, and after a Close', async () => {
  const cases = await casesOf(1);
  const stages = new Set(cases.map(({ stage }) => stage));
  expect(stages).toEqual(new Set(['handshake', 'open', 'mid-fragment', 'closing']));
  expect(new Set(cases.map(({ split }) => split))).toEqual(new Set(['none', 'steps', 'bytes']));
  const what = cases.flatMap(({ steps }) => steps.map((step) => step.what)).join('\n');
  for (const each of ['a token that is none', 'a reserved bit', 'a message meant ill', 'flipped at'])
    expect(what).toContain(each);
});
