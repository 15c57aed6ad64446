import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressSet, cidr } from '../pipeline/addresses.ts';
import { clientAddress } from './forwarded.ts';

const trusted = new AddressSet(['10.0.0.0/8', '2001:db8:1::/48'].map((text) => cidr.parse(text)));
const client = (fields: Record<string, string>, peer = '10.0.0.1') =>
  clientAddress(peer, new Map(Object.entries(fields)), (address) => trusted.has(address));
const xff = (value: string, peer?: string) => client({ 'x-forwarded-for': value }, peer);
const fwd = (value: string) => client({ forwarded: value });

describe('clientAddress', () => {
  it('is the peer where the peer is not trusted, whatever it writes', () => {
    expect(xff('1.2.3.4', '192.0.2.9')).toBe('192.0.2.9');
    expect(client({ forwarded: 'for=1.2.3.4' }, '192.0.2.9')).toBe('192.0.2.9');
    expect(xff('garbage', '192.0.2.9')).toBe('192.0.2.9');
  });

  it('is the peer where a trusted one writes nothing', () => {
    expect(client({})).toBe('10.0.0.1');
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['6.6.6.6, 192.0.2.1, 10.0.0.7', '192.0.2.1'],
    ['garbage, 192.0.2.1', '192.0.2.1'],
    ['10.0.0.9, 10.0.0.8', '10.0.0.9'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1, 2001:db8:1::5', '192.0.2.1'],
  ])('reads X-Forwarded-For %s from the right', (value, address) => {
    expect(xff(value)).toBe(address);
  });

  it.each([
    '',
    'garbage',
    '192.0.2.1, garbage',
    '192.0.2.1,',
    '1.2.3',
    'fe80::1%eth0',
    '192.0.2.1:x',
    '010.0.0.1',
  ])('is nothing for the garbage %j of a trusted proxy', (value) => {
    expect(xff(value)).toBeUndefined();
  });

  it.each([
    ['for=192.0.2.1', '192.0.2.1'],
    ['For="192.0.2.1:80";proto=https;by=10.0.0.1', '192.0.2.1'],
    ['for="[2001:db8::1]:4711"', '2001:db8::1'],
    ['for=6.6.6.6, for=192.0.2.1;host="a,b"', '192.0.2.1'],
    ['for=192.0.2.1, for=10.0.0.3', '192.0.2.1'],
    ['for=unknown', '10.0.0.1'],
    ['for=_hidden, for=10.0.0.3', '10.0.0.3'],
  ])('reads Forwarded %s', (value, address) => {
    expect(fwd(value)).toBe(address);
  });

  it.each(['for=', 'proto=https', 'for=1.2.3.4;for=5.6.7.8', 'for="1.2.3.4', 'for=x', ''])(
    'is nothing for the Forwarded garbage %j',
    (value) => {
      expect(fwd(value)).toBeUndefined();
    },
  );

  it('believes two headers only where they agree', () => {
    const both = (address: string) => client({ forwarded: `for=${address}`, 'x-forwarded-for': '192.0.2.1' });
    expect(both('192.0.2.1')).toBe('192.0.2.1');
    expect(both('6.6.6.6')).toBeUndefined();
  });

  it('looks at a bounded number of hops', () => {
    expect(xff(`6.6.6.6, ${Array(1_000).fill('10.0.0.2').join(', ')}`)).toBe('10.0.0.2');
  });

  it('never throws, and gives canonical addresses or nothing', () => {
    const text = fc.string({ unit: fc.constantFrom(...'for=";,:[]1.x ') });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const address = client({ forwarded: a, 'x-forwarded-for': b });
        expect(address === undefined || /^[0-9a-f.:]+$/.test(address)).toBe(true);
      }),
    );
  });
});
