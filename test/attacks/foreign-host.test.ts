// OR-11 OR-14 MT-07 MT-19
import { expect, it } from 'vitest';
import { ask, ca, open, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const two = async () => [
  await (await ca()).issue({ dns: ['localhost'], ip: ['127.0.0.1'] }),
  await (await ca()).issue({ dns: ['other.test'] }),
];

it('says 421 where Host and SNI name two hosts, though both are served', async () => {
  const edge = await startEdge({ pairs: await two() });
  expect(statusOf(await ask(edge, upgradeText({ Host: 'other.test' })))).toBe(421);
  expect(statusOf(await ask(edge, upgradeText({ Host: 'attacker.test:1' })))).toBe(421);
  expect(statusOf(await ask(edge, upgradeText({ Host: 'other.test', Connection: null })))).toBe(421);
  await open(edge, upgradeText({ Host: 'other.test' }), { servername: 'other.test' });
});

it.each(['LOCALHOST:8443', 'localhost.', 'localhost'])(
  'agrees with SNI localhost on Host %s',
  async (host) => {
    const edge = await startEdge();
    await open(edge, upgradeText({ Host: host }));
  },
);

it('serves, without SNI, only addresses that a certificate names', async () => {
  const edge = await startEdge({ pairs: await two() });
  const none = { servername: '', checkServerIdentity: () => undefined };
  await open(edge, upgradeText({ Host: '127.0.0.1:1' }), none);
  for (const host of ['localhost', 'other.test', '127.0.0.2', 'attacker.test']) {
    expect(statusOf(await ask(edge, upgradeText({ Host: host }), none))).toBe(421);
  }
});
