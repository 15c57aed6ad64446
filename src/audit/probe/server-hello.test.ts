import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServerHello } from './server-hello.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/[\s|]/g, ''), 'hex');
const RANDOM = '00'.repeat(32);
const RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

/** A record of handshake messages. */
function record(...messages: readonly string[]): Buffer {
  const body = hex(messages.join(''));
  return Buffer.concat([hex('16 0303'), Buffer.from([body.length >> 8, body.length & 255]), body]);
}

function message(type: string, body: string): string {
  const length = (hex(body).length + 0x1000000).toString(16).slice(1);
  return `${type}${length}${body}`;
}

const HELLO_12 = message('02', `0303 ${RANDOM} 00 c02f 00 0005 ff01 0001 00`);
const RETRY_13 = message('02', `0303 ${RETRY} 00 1301 00 000c 002b 0002 0304 | 0033 0002 11ec`);

describe('readServerHello', () => {
  it('reads version, suite and extensions of TLS 1.2, and the curve of its key exchange', () => {
    const flight = record(HELLO_12, message('0c', '03 001d 01 00'), message('0e', ''));
    expect(readServerHello(flight, false)).toMatchObject({
      kind: 'hello',
      version: 0x0303,
      suite: 0xc02f,
      compression: 0,
      group: 0x1d,
      primeBits: undefined,
    });
  });

  it('measures the prime of a DHE key exchange without its leading zeros', () => {
    const hello = message('02', `0303 ${RANDOM} 00 009e 01`);
    const prime = `0081 00 ${'7f'.padEnd(256, 'f')}`;
    const answer = readServerHello(record(hello, message('0c', prime)), false);
    expect(answer).toMatchObject({ kind: 'hello', compression: 1, group: undefined, primeBits: 1_023 });
  });

  it('reads the group that a HelloRetryRequest names', () => {
    expect(readServerHello(record(RETRY_13), false)).toMatchObject({
      version: 0x0304,
      suite: 0x1301,
      group: 0x11ec,
    });
  });

  it('waits for the key exchange, and does without it when the connection ends', () => {
    expect(readServerHello(record(HELLO_12), false)).toBeUndefined();
    expect(readServerHello(record(HELLO_12), true)).toMatchObject({ kind: 'hello', group: undefined });
  });

  it('reads messages that are cut over records', () => {
    const whole = hex(`${HELLO_12}${message('0e', '')}`);
    const parts = [whole.subarray(0, 7), whole.subarray(7)].map((part) => record(part.toString('hex')));
    expect(readServerHello(Buffer.concat(parts), false)).toMatchObject({ kind: 'hello', suite: 0xc02f });
  });

  it('reads an alert', () => {
    expect(readServerHello(hex('15 0303 0002 02 46'), false)).toEqual({ kind: 'alert', alert: 70 });
  });

  it.each([
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'noise'],
    ['', 'ended'],
  ])('%j is %s', (text, kind) => {
    expect(readServerHello(Buffer.from(text), true)).toEqual({ kind });
  });

  it('never throws, and always comes to an end', () => {
    const flight = record(RETRY_13, HELLO_12, message('0c', '0081 00'));
    const mutated = fc
      .tuple(fc.nat(flight.length - 1), fc.nat(255), fc.nat(flight.length))
      .map(([at, byte, end]) => {
        const copy = Buffer.from(flight);
        copy[at] = byte;
        return copy.subarray(0, end);
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        expect(readServerHello(Buffer.from(bytes), true)).toBeDefined();
      }),
    );
  });
});
