// SM-14
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { gone, open, startEdge } from '../support/edge.ts';

const header = 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n';

it.each([
  ['where the protocol is off', {}],
  ['where it is on for others', { proxyProtocol: true, trustedProxies: ['10.0.0.0/8'] }],
])('ends a connection that begins with a PROXY header %s', async (_, listener) => {
  const edge = await startEdge({ listener });
  const socket = connect(edge.port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  socket.write(header);
  await gone(socket);
  await open(edge); // and a stranger's plain TLS is served, as itself
  expect(edge.accepted[0]).toMatchObject({ address: '127.0.0.1' });
});
