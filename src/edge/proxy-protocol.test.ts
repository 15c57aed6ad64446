import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProxyHeader } from './proxy-protocol.ts';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const v2 = (command: number, family: number, body: string, size = body.length / 2) =>
  Buffer.from(
    SIGNATURE +
      [command, family].map((byte) => byte.toString(16).padStart(2, '0')).join('') +
      size.toString(16).padStart(4, '0') +
      body,
    'hex',
  );
const V4 = 'c0000201c0000202115c20fb'; // 192.0.2.1:4444 to 192.0.2.2:8443
const V6 = `20010db8${'00'.repeat(11)}01${'00'.repeat(16)}115c20fb`;
const read = (bytes: Buffer | string) => readProxyHeader(Buffer.from(bytes as string, 'latin1'));

describe('version 1', () => {
  it.each([
    ['PROXY TCP4 192.0.2.1 192.0.2.2 4444 443\r\n', '192.0.2.1'],
    ['PROXY TCP6 2001:DB8::1 ::1 4444 443\r\n', '2001:db8::1'],
    ['PROXY UNKNOWN\r\n', undefined],
    ['PROXY UNKNOWN ffff:f...f ffff:f...f 65535 65535\r\n', undefined],
  ])('reads %j', (line, source) => {
    expect(read(`${line}\x16\x03`)).toEqual({ source, length: line.length });
  });

  it.each([
    'PROXY TCP4 192.0.2.1 192.0.2.2 4444\r\n',
    'PROXY TCP4 192.0.2.1 192.0.2.2 4444 443 x\r\n',
    'PROXY TCP4 2001:db8::1 ::1 4444 443\r\n',
    'PROXY TCP6 192.0.2.1 192.0.2.2 4444 443\r\n',
    'PROXY TCP4 300.0.2.1 192.0.2.2 4444 443\r\n',
    'PROXY TCP4 192.0.2.1 192.0.2.2 65536 443\r\n',
    'PROXY TCP4 192.0.2.1 192.0.2.2 04 443\r\n',
    'PROXY TCP4  192.0.2.1 192.0.2.2 4 443\r\n',
    'PROXY UDP4 192.0.2.1 192.0.2.2 4 443\r\n',
    'PROXY \r\n',
    `PROXY UNKNOWN ${'x'.repeat(100)}\r\n`,
    'proxy TCP4 192.0.2.1 192.0.2.2 4444 443\r\n',
    'GET / HTTP/1.1\r\n',
    '\x16\x03\x01\x02\x00',
  ])('refuses %j', (line) => {
    expect(read(line)).toBe('invalid');
  });
});

describe('version 2', () => {
  it.each([
    ['IPv4', v2(0x21, 0x11, V4), '192.0.2.1'],
    ['IPv6', v2(0x21, 0x21, V6), '2001:db8::1'],
    ['AF_UNIX', v2(0x21, 0x31, '00'.repeat(216)), undefined],
    ['an unspecified family', v2(0x21, 0x00, ''), undefined],
    ['LOCAL, whatever its addresses say', v2(0x20, 0x11, V4), undefined],
    ['LOCAL without addresses', v2(0x20, 0x00, ''), undefined],
    ['TLVs', v2(0x21, 0x11, `${V4}0200036162630400 00`.replace(' ', '')), '192.0.2.1'],
  ])('reads %s', (_, bytes, source) => {
    expect(readProxyHeader(Buffer.concat([bytes, Buffer.from('tls')]))).toEqual({
      source,
      length: bytes.length,
    });
  });

  it.each([
    ['another version', v2(0x11, 0x11, V4)],
    ['another command', v2(0x22, 0x11, V4)],
    ['another family', v2(0x21, 0x41, V4)],
    ['datagrams', v2(0x21, 0x12, V4)],
    ['addresses that are cut short', v2(0x21, 0x11, V4.slice(2))],
    ['a TLV over its room', v2(0x21, 0x11, `${V4}02ffff61`)],
    ['half a TLV', v2(0x21, 0x11, `${V4}02`)],
    ['a length beyond reason', v2(0x21, 0x11, V4, 60_000)],
    ['a bad signature', Buffer.from(`${SIGNATURE.slice(0, 22)}0b2111000c${V4}`, 'hex')],
  ])('refuses %s', (_, bytes) => {
    expect(readProxyHeader(bytes)).toBe('invalid');
  });
});

it('asks for more until the header is whole, wherever it is cut', () => {
  const headers = [
    v2(0x21, 0x11, V4),
    v2(0x21, 0x21, `${V6}040001ff`),
    Buffer.from('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n'),
  ];
  for (const header of headers) {
    for (let i = 0; i < header.length; i++) expect(readProxyHeader(header.subarray(0, i))).toBe('more');
    expect(readProxyHeader(header)).toMatchObject({ length: header.length });
  }
});

it('never throws, and never takes more than there is', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, fc.constantFrom('', SIGNATURE, `${SIGNATURE}21`), (tail, head) => {
      const all = Buffer.concat([Buffer.from(head, 'hex'), tail]);
      const header = readProxyHeader(all);
      if (typeof header === 'object') expect(header.length).toBeLessThanOrEqual(all.length);
    }),
  );
});
