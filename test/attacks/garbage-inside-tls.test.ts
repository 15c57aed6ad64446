// TL-12
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { ca, gone, open, startEdge } from '../support/edge.ts';

const oversized = Buffer.concat([Buffer.from([0x17, 3, 3, 0x48, 0x01]), Buffer.alloc(18_433)]);

it.each([
  ['bytes that are no record', Buffer.alloc(64, 0x41)],
  ['a record that fails its tag', Buffer.from([0x17, 3, 3, 0, 32, ...Array(32).fill(7)])],
  ['a record longer than TLS allows', oversized],
  ['a thousand empty records', Buffer.concat(Array(1_000).fill(Buffer.from([0x17, 3, 3, 0, 0])))],
  ['a flood of warnings', Buffer.concat(Array(1_000).fill(Buffer.from([0x15, 3, 3, 0, 2, 1, 0x5a])))],
])('ends a connection for %s, also after the upgrade', async (_, bytes) => {
  const edge = await startEdge();
  for (const upgraded of [false, true]) {
    const raw = connect(edge.port, '127.0.0.1').on('error', () => {});
    onTestFinished(() => void raw.destroy());
    const secure = connectTls({ socket: raw, servername: 'localhost', ca: (await ca()).cert }).on(
      'error',
      () => {},
    );
    await once(secure, 'secureConnect');
    if (upgraded) {
      const { upgradeText } = await import('../support/edge.ts');
      secure.write(upgradeText());
      await once(secure, 'data');
    }
    raw.write(bytes);
    await gone(raw);
  }
  await open(edge);
  expect(edge.events.filter(({ name }) => name === 'gateway.fault')).toEqual([]);
});
