import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { networkName, networkOf } from './network.ts';

describe('networkOf', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff::9', '2001:db8:0:0::/64'],
    ['2001:DB8:0:1::9', '2001:db8:0:1::/64'],
    ['2001:0db8:0000:0001:1:2:3:4', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['1:2:3::6:1.2.3.4', '1:2:3:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('takes the same network for every spelling of an address', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (parts) => {
        const address = new ipaddr.IPv6(parts);
        if (address.isIPv4MappedAddress()) return;
        const expected = `${parts
          .slice(0, 4)
          .map((part) => part.toString(16))
          .join(':')}::/64`;
        for (const text of [
          address.toString(),
          address.toNormalizedString(),
          address.toString().toUpperCase(),
        ])
          expect(networkOf(text)).toBe(expected);
      }),
    );
  });
});

describe('networkName', () => {
  it.each([
    ['192.0.2.77', 24, '192.0.2.0/24'],
    ['192.0.2.77', 0, '0.0.0.0/0'],
    ['192.0.2.77', 32, '192.0.2.77/32'],
    ['::ffff:192.0.2.77', 8, '192.0.0.0/8'],
    ['2001:db8:ffff::1', 36, '2001:db8:f000::/36'],
    ['2001:db8::1', 128, '2001:db8::1/128'],
    ['192.0.2.77', 33, undefined],
    ['nowhere', 8, undefined],
  ])('of %s with %d bits is %s', (address, bits, name) => {
    expect(networkName(address, bits)).toBe(name);
  });
});
