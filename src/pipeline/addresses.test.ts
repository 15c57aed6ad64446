import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { AddressSet, type Cidr, canonicalAddress, cidr, parseCidr, peerAddress } from './addresses.ts';

const set = (...networks: string[]) => new AddressSet(networks.map((text) => cidr.parse(text)));

describe('parseCidr', () => {
  it.each([
    '10.0.0.0/8',
    '0.0.0.0/0',
    '192.0.2.1',
    '192.0.2.1/32',
    '2001:db8::/32',
    '::/0',
    '::1',
    '::1/128',
  ])('reads %s', (text) => {
    expect(parseCidr(text)).toBeTypeOf('object');
  });

  it.each([
    '',
    '10',
    '10.0.0.0/',
    '10.0.0.0/33',
    '::/129',
    '010.0.0.1',
    '0x7f.1',
    '127.1',
    '10.0.0.0/8/8',
    '/8',
    'host',
  ])('refuses %j', (text) => {
    expect(parseCidr(text)).toBeTypeOf('string');
  });

  it('names the network when bits stand beyond the prefix', () => {
    expect(parseCidr('10.1.2.3/8')).toContain('10.0.0.0/8');
    expect(parseCidr('2001:db8::1/32')).toContain('2001:db8::/32');
  });
});

describe('AddressSet', () => {
  it('takes IPv4 mapped into IPv6 for IPv4', () => {
    expect(set('10.0.0.0/8').has('::ffff:10.1.2.3')).toBe(true);
    expect(set('::ffff:10.1.2.3').has('10.1.2.3')).toBe(true);
  });

  it('keeps the families apart', () => {
    expect(set('::/0').has('10.1.2.3')).toBe(false);
    expect(set('0.0.0.0/0').has('2001:db8::1')).toBe(false);
  });

  it.each(['', 'localhost', '10.0.0', '10.0.0.256', '1:2', ':::', 'x'.repeat(70_000)])(
    'has no %.20j',
    (text) => {
      expect(set('0.0.0.0/0', '::/0').has(text)).toBe(false);
    },
  );

  it('agrees with ipaddr.js', () => {
    const near = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 3 }));
    const address = fc.oneof(
      near.map(([a, b]) => [10, b, 0, a]),
      near.map(([a, b]) => [0x20, 1, 0, b, ...new Array(11).fill(0), a]),
    );
    const network = fc.tuple(address, fc.integer({ min: 0, max: 128 })).map(([bytes, n]): Cidr => {
      const bits = n % (bytes.length * 8 + 1);
      const kept = bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - i * 8))) & 0xff);
      return { bytes: kept, bits };
    });
    fc.assert(
      fc.property(fc.array(network, { maxLength: 6 }), address, (networks, bytes) => {
        const asked = ipaddr.fromByteArray(bytes);
        const expected = networks.some(
          (n) =>
            n.bytes.length === bytes.length &&
            asked.match(ipaddr.fromByteArray([...n.bytes]) as never, n.bits),
        );
        expect(new AddressSet(networks).has(asked.toString())).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});

describe('canonicalAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:0201', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
  ])('writes %s as %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it.each([
    '',
    'localhost',
    '1.2.3',
    '01.2.3.4',
    '0x7f.0.0.1',
    '1.2.3.4.5',
    'fe80::1%eth0',
    '1.2.3.4%eth0',
    '[::1]',
    ':::',
  ])('is nothing for %j', (text) => {
    expect(canonicalAddress(text)).toBeUndefined();
  });
});

describe('peerAddress', () => {
  it.each([
    ['fe80::1%eth0', 'fe80::1'],
    ['FE80::0:1%12', 'fe80::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
  ])('writes %s as %s', (text, canonical) => {
    expect(peerAddress(text)).toBe(canonical);
  });

  it.each(['', '%eth0', 'fe80:%eth0'])('is nothing for %j', (text) => {
    expect(peerAddress(text)).toBeUndefined();
  });
});
