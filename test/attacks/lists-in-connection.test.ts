// HS-10
import { expect, it } from 'vitest';
import { ask, open, startEdge, statusOf, upgradeText } from '../support/edge.ts';

it.each(['keep-alive, Upgrade', 'Upgrade,keep-alive', ',upgrade,', 'keep-alive\r\nConnection: Upgrade'])(
  'takes Connection: %j',
  async (connection) => {
    const edge = await startEdge();
    await open(edge, upgradeText({ Connection: connection }));
    expect(edge.accepted).toHaveLength(1);
  },
);

it.each(['upgrade b', '"upgrade"', 'upgrade;q=1', 'Upgrade, @'])(
  'does not take Connection: %j',
  async (connection) => {
    const edge = await startEdge();
    expect([400, 404]).toContain(statusOf(await ask(edge, upgradeText({ Connection: connection }))));
    expect(edge.accepted).toEqual([]);
  },
);
