// SM-04 OP-02

import { once } from 'node:events';
import { connect } from 'node:tls';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ca, startEdge, upgradeText } from '../support/edge.ts';

it('cuts off who is refused and neither reads nor goes', async () => {
  const edge = await startEdge();
  const deaf = connect({ port: edge.port, servername: 'localhost', ca: (await ca()).cert }).on(
    'error',
    () => {},
  );
  onTestFinished(() => void deaf.destroy());
  await once(deaf, 'secureConnect');
  deaf.pause();
  deaf.write(upgradeText({ 'Sec-WebSocket-Version': '8' }));
  const flood = setInterval(() => deaf.write(Buffer.alloc(1_000)), 5);
  onTestFinished(() => clearInterval(flood));
  await vi.waitFor(() => expect(edge.listener.connections).toBe(1));
  await vi.waitFor(() => expect(edge.listener.connections).toBe(0), { timeout: 5_000, interval: 50 });
});

it('ends the connection behind an ordinary answer', async () => {
  const edge = await startEdge({
    handlers: {
      request(_request, response) {
        response.end('x'.repeat(100_000));
        return true;
      },
    },
  });
  const socket = connect({ port: edge.port, servername: 'localhost', ca: (await ca()).cert }).on(
    'error',
    () => {},
  );
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'close');
  expect(text.endsWith('xxx')).toBe(true);
  expect(text).toMatch(/^Connection: close\r$/m);
});
