import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { open, startEdge, upgradeText } from '../support/edge.ts';

/** An address of this machine that means something on one of its links alone (RFC 4291 §2.5.6). */
const [linkLocal] = Object.entries(networkInterfaces()).flatMap(([link, addresses = []]) =>
  addresses.filter(({ address }) => address.startsWith('fe80:')).map(({ address }) => ({ address, link })),
);

it.skipIf(linkLocal === undefined)('a neighbour on the link comes in, under its address alone', async () => {
  const edge = await startEdge({ listener: { address: '[::]:0' } });
  const { address, link } = linkLocal!;
  await open(edge, upgradeText(), { host: `${address}%${link}` });
  expect(edge.accepted.map(({ address, peer }) => ({ address, peer }))).toEqual([{ address, peer: address }]);
});
