// HS-40
import { expect, it } from 'vitest';
import { open, startEdge, upgradeText } from '../support/edge.ts';

it('takes fields named like those of every object as what they are', async () => {
  const edge = await startEdge();
  await open(edge, upgradeText({ constructor: 'a', ['__proto__']: 'b', hasOwnProperty: 'c' }));
  const { headers } = edge.accepted[0]!;
  expect(headers.get('constructor')).toBe('a');
  expect(headers.get('__proto__')).toBe('b');
  expect(headers.get('hasownproperty')).toBe('c');
  expect(({} as Record<string, unknown>).b).toBeUndefined();
});
