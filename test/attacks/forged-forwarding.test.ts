// SM-12 SM-15 RL-05
import { expect, it } from 'vitest';
import { ask, open, startEdge, statusOf, upgradeText } from '../support/edge.ts';

const from = (value: string) => upgradeText({ 'X-Forwarded-For': value, Forwarded: `for=${value}` });
const trusting = { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] };

it('takes no address from a stranger', async () => {
  const edge = await startEdge();
  await open(edge, from('192.0.2.1'));
  expect(edge.accepted[0]).toMatchObject({ address: '127.0.0.1', peer: '127.0.0.1' });
});

it('takes the right-most address that is no proxy of ours', async () => {
  const edge = await startEdge({ listener: trusting });
  await open(edge, upgradeText({ 'X-Forwarded-For': '6.6.6.6, 192.0.2.1, 10.1.1.1' }));
  expect(edge.accepted[0]).toMatchObject({ address: '192.0.2.1', peer: '127.0.0.1' });
});

it.each(['garbage', '192.0.2.1, garbage', 'fe80::1%eth0', ''])(
  'refuses %j from a trusted proxy',
  async (value) => {
    const edge = await startEdge({ listener: trusting });
    expect(statusOf(await ask(edge, upgradeText({ 'X-Forwarded-For': value })))).toBe(400);
  },
);

it('refuses two headers that disagree: a proxy that writes one passes the other on', async () => {
  const edge = await startEdge({ listener: trusting });
  const text = upgradeText({ 'X-Forwarded-For': '192.0.2.1', Forwarded: 'for=192.0.2.2' });
  expect(statusOf(await ask(edge, text))).toBe(400);
});

it('limits by the address behind the proxy, not by the proxy and not by what was forged', async () => {
  const limits = { perAddress: { connections: 2 } };
  const edge = await startEdge({ listener: { ...trusting, limits } });
  const client = (forged: string) => upgradeText({ 'X-Forwarded-For': `${forged}, 192.0.2.1` });
  await open(edge, client('1.1.1.1'));
  await open(edge, client('1.1.1.2'));
  expect(statusOf(await ask(edge, client('1.1.1.3')))).toBe(429);
  await open(edge, upgradeText({ 'X-Forwarded-For': '192.0.2.2' }));
});
