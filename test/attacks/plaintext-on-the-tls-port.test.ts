// TL-01
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { gone, open, startEdge, upgradeText } from '../support/edge.ts';

it.each(['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', upgradeText(), '\0\0\0\0\0\0\0\0'])(
  'answers %j with no HTTP, and certainly with no redirect',
  async (text) => {
    const edge = await startEdge();
    const socket = connect(edge.port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    const heard: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    await once(socket, 'connect');
    socket.write(text);
    await gone(socket);
    expect(Buffer.concat(heard).toString('latin1')).not.toContain('HTTP');
    expect((await edge.event('tls.failed')).fields).toMatchObject({ peer: '127.0.0.1' });
    await open(edge);
  },
);
