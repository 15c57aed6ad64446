// HS-01 SM-07
import { expect, it } from 'vitest';
import { ask, startEdge, upgradeText } from '../support/edge.ts';

it.each(['POST', 'PUT', 'HEAD', 'DELETE', 'get'])(
  'refuses %s, though node calls it an upgrade',
  async (method) => {
    const edge = await startEdge();
    const answer = await ask(edge, upgradeText({}, `${method} /ws HTTP/1.1`));
    expect(answer).toMatch(/^HTTP\/1\.1 40[05] /);
    if (method !== 'get') expect(answer).toMatch(/^Allow: GET\r$/m);
    expect(edge.accepted).toEqual([]);
  },
);
