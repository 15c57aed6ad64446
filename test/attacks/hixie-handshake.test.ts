// HS-15
import { expect, it } from 'vitest';
import { ask, startEdge, statusOf } from '../support/edge.ts';

it('refuses the handshake of hixie-76 and reads nothing of its body', async () => {
  const edge = await startEdge();
  const answer = await ask(
    edge,
    'GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nSec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\n\r\n^n:ds[4U',
  );
  expect([400, 426]).toContain(statusOf(answer));
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(edge.accepted).toEqual([]);
});
