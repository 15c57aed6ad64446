import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createDevelopmentCa } from '../../edge/development-ca.ts';
import { certificateExtensions, derInteger, oidText, readDer, signatureOid, ticketFacts } from './der.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('readDer', () => {
  it('reads short and long lengths', () => {
    const long = Buffer.concat([hex('04 82 0100'), Buffer.alloc(256, 7)]);
    expect(readDer(Buffer.concat([hex('02 01 05'), long]))).toEqual([
      { tag: 2, body: hex('05') },
      { tag: 4, body: Buffer.alloc(256, 7) },
    ]);
  });

  it.each(['', '30', '30 05 01', '30 84 ffffffff', '30 85 0000000001 00', '30 80'])(
    'leaves out what is cut off: %j',
    (text) => {
      expect(readDer(hex(text))).toEqual([]);
    },
  );
});

it('writes object identifiers', () => {
  expect(oidText(hex('2a8648ce3d040302'))).toBe('1.2.840.10045.4.3.2');
  expect(oidText(hex('551d1f'))).toBe('2.5.29.31');
  expect(oidText(hex('2b0601050507 01 18'))).toBe('1.3.6.1.5.5.7.1.24');
});

it('reads integers, and none that would not fit', () => {
  expect(derInteger(hex('0100'))).toBe(256);
  expect(derInteger(Buffer.alloc(9, 1))).toBeNaN();
});

it('reads the signature and the extensions of a certificate', async () => {
  const { cert } = await (await createDevelopmentCa()).issue({ dns: ['localhost'] });
  const { raw } = new X509Certificate(cert);
  expect(signatureOid(raw)).toBe('1.2.840.10045.4.3.2');
  const extensions = certificateExtensions(raw);
  expect(extensions.get('2.5.29.17')?.toString('latin1')).toContain('localhost');
  expect(extensions.has('2.5.29.31')).toBe(false);
});

describe('ticketFacts', () => {
  // SSL_SESSION: version, TLS 1.3, a cipher, no id, no key; [9] a lifetime of 7,200 s, [15] 16,384 bytes of early data.
  const session = '30 1b 020101 02020304 04021301 0400 0400 a9 04 02021c20 af 04 02024000';

  it('reads what a server says of its ticket', () => {
    expect(ticketFacts(hex(session))).toEqual({ lifetime: 7_200, earlyData: 16_384 });
  });

  it('reads it behind a note of Node’s', () => {
    const note = Buffer.from('\0node:tls:session:1\0\0\x090calhost0');
    expect(ticketFacts(Buffer.concat([note, hex(session)]))).toEqual({ lifetime: 7_200, earlyData: 16_384 });
  });

  it('says so where nothing is said', () => {
    expect(ticketFacts(hex('30 03 020101'))).toEqual({ lifetime: undefined, earlyData: 0 });
    expect(ticketFacts(Buffer.alloc(0))).toEqual({ lifetime: undefined, earlyData: 0 });
  });
});
