// HS-23 HS-29
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { acceptUpgrade } from '../../src/edge/respond.ts';

const handshake = {
  key: 'dGhlIHNhbXBsZSBub25jZQ==',
  protocols: ['a', 'b'],
  extensions: 'permessage-deflate',
};

function accept(protocol: string, extensions: string): string {
  const socket = new PassThrough();
  acceptUpgrade(socket, handshake, { protocol, extensions });
  return String(socket.read());
}

it('answers with one subprotocol at most, one that was offered', () => {
  expect(accept('b', '').match(/^Sec-WebSocket-Protocol: b\r$/gm)).toHaveLength(1);
  expect(accept('', '')).not.toMatch(/Sec-WebSocket-(Protocol|Extensions)/);
  expect(() => accept('c', '')).toThrow(RangeError);
});

it('answers with no extension that was not offered', () => {
  expect(accept('', 'permessage-deflate; server_no_context_takeover')).toMatch(
    /^Sec-WebSocket-Extensions: /m,
  );
  expect(() => accept('', 'permessage-bzip2')).toThrow(RangeError);
});

it('proves that it has read the key (RFC 6455 §1.3)', () => {
  expect(accept('', '')).toMatch(/^Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r$/m);
});
