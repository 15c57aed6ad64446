import { describe, expect, it } from 'vitest';
import { type Revocation, Revocations } from './revocations.ts';

function at(now: number) {
  const time = { now };
  const revocations = new Revocations({ now: () => time.now, monotonic: () => time.now });
  return { time, revocations };
}

const revocation = (more: Partial<Revocation> = {}): Revocation => ({
  by: 'subject',
  value: 'alice',
  issuedBefore: 1_000,
  until: 10_000,
  ...more,
});

describe('Revocations', () => {
  it('touches what was issued before, and not what came after', () => {
    const { revocations } = at(2_000);
    revocations.add(revocation());
    expect(revocations.find({ subject: 'alice', issuedAt: 999 })).toBeDefined();
    expect(revocations.find({ subject: 'alice', issuedAt: 1_000 })).toBeUndefined();
    expect(revocations.find({ subject: 'bob', issuedAt: 999 })).toBeUndefined();
  });

  it('counts a credential without a date as old', () => {
    const { revocations } = at(2_000);
    revocations.add(revocation());
    expect(revocations.find({ subject: 'alice' })).toBeDefined();
  });

  it('counts a credential as old that our clock says is yet to be issued: the clock was set back', () => {
    const { revocations, time } = at(100_000);
    revocations.add(revocation({ issuedBefore: 100_000, until: 1_000_000 }));
    expect(revocations.find({ subject: 'alice', issuedAt: 160_000 })).toBeUndefined(); // an issuer's clock may be ahead
    expect(revocations.find({ subject: 'alice', issuedAt: 160_001 })).toBeDefined();
    time.now = 160_001;
    expect(revocations.find({ subject: 'alice', issuedAt: 160_001 })).toBeUndefined();
    time.now = 200_000; // put right: it is revoked anew
    revocations.add(revocation({ issuedBefore: 200_000, until: 1_000_000 }));
    expect(revocations.find({ subject: 'alice', issuedAt: 160_001 })).toBeDefined();
  });

  it('dates an order behind what is known of the same holder, though the clock was set back', () => {
    const { revocations } = at(2_000);
    revocations.add(revocation({ at: 5_000, lifted: true }));
    const next = revocations.afterAll(revocation({ at: 2_000 }));
    expect(next.at).toBe(5_001);
    revocations.add(next);
    expect(revocations.find({ subject: 'alice', issuedAt: 999 })).toBeDefined();
    const [later, other] = [revocation({ at: 6_000 }), revocation({ value: 'bob', at: 1 })];
    expect([revocations.afterAll(later), revocations.afterAll(other)]).toEqual([later, other]);
  });

  it('takes a token id and a certificate whenever they were issued', () => {
    const { revocations } = at(2_000);
    revocations.add(revocation({ by: 'tokenId', value: 'j1' }));
    revocations.add(revocation({ by: 'certificateSerial', value: '0a' }));
    expect(revocations.find({ tokenId: 'j1', issuedAt: 5_000 })?.by).toBe('tokenId');
    expect(revocations.find({ certificateSerial: '0a', issuedAt: 5_000 })?.by).toBe('certificateSerial');
  });

  it('does not mistake one kind of name for another', () => {
    const { revocations } = at(2_000);
    revocations.add(revocation({ by: 'tenant', value: 'alice' }));
    expect(revocations.find({ subject: 'alice' })).toBeUndefined();
  });

  it('touches only whom it is meant for, and whoever may be one of them', () => {
    const { revocations } = at(2_000);
    revocations.add(revocation({ identity: 'staff', within: 'acme' }));
    const alice = { subject: 'alice', identity: 'staff', tenant: 'acme' };
    expect(revocations.find(alice)).toBeDefined();
    expect(revocations.find({ ...alice, identity: 'guests' })).toBeUndefined();
    expect(revocations.find({ ...alice, tenant: 'other' })).toBeUndefined();
    expect(revocations.find({ subject: 'alice', identity: 'staff' })).toBeDefined();
  });

  it('keeps several of one name apart, and finds the harder of two', () => {
    const { time, revocations } = at(2_000);
    revocations.add(revocation({ until: 5_000 }));
    revocations.add(revocation({ renewable: true }));
    revocations.add(revocation({ identity: 'guests' }));
    expect(revocations.size).toBe(3);
    expect(revocations.find({ subject: 'alice', identity: 'staff' })?.renewable).toBeUndefined();
    time.now = 5_000;
    expect(revocations.find({ subject: 'alice', identity: 'staff' })?.renewable).toBe(true);
    expect(revocations.inForce()).toHaveLength(2);
  });

  it('touches a session by its id, and an address by itself or by a network that it is in', () => {
    const { revocations } = at(2_000);
    revocations.add(revocation({ by: 'session', value: 's1' }));
    revocations.add(revocation({ by: 'address', value: '192.0.2.1' }));
    revocations.add(revocation({ by: 'address', value: '198.51.100.0/24' }));
    revocations.add(revocation({ by: 'address', value: '2001:db8::/32' }));
    for (const holder of [
      { session: 's1', issuedAt: 9_000 },
      { address: '192.0.2.1', issuedAt: 9_000 },
      { address: '198.51.100.77' },
      { address: '2001:db8:7::1' },
    ]) {
      expect(revocations.find(holder), JSON.stringify(holder)).toBeDefined();
    }
    for (const holder of [
      { session: 's2' },
      { address: '192.0.2.2' },
      { address: '198.51.101.1' },
      { address: '2001:db9::1' },
      { address: '' },
    ]) {
      expect(revocations.find(holder), JSON.stringify(holder)).toBeUndefined();
    }
  });

  it('holds or not by what was ordered last, in whichever order it is heard', () => {
    const first = revocation({ at: 1 });
    const lifted = revocation({ at: 2, lifted: true });
    const again = revocation({ at: 3 });
    for (const heard of [
      [first, lifted],
      [lifted, first],
    ]) {
      const { revocations } = at(2_000);
      for (const each of heard) revocations.add(each);
      expect(revocations.find({ subject: 'alice' })).toBeUndefined();
      expect(revocations.inForce()).toEqual([]);
      expect(revocations.all()).toHaveLength(1);
      revocations.add(again);
      expect(revocations.find({ subject: 'alice' })).toBeDefined();
    }
    const { revocations } = at(2_000);
    revocations.add({ ...lifted, at: 1 });
    revocations.add(first);
    expect(revocations.find({ subject: 'alice' })).toBeDefined(); // at once: the one that refuses
  });

  it('says what holds from now on, and nothing if that is nothing new', () => {
    const { revocations } = at(2_000);
    expect(revocations.add(revocation())).toEqual(revocation());
    expect(revocations.add(revocation())).toBeUndefined();
    expect(revocations.add(revocation({ issuedBefore: 500 }))).toBeUndefined();
    expect(revocations.add(revocation({ until: 11_000 }))).toEqual(revocation({ until: 11_000 }));
  });

  it('ends by itself', () => {
    const { time, revocations } = at(2_000);
    revocations.add(revocation());
    time.now = 10_000;
    expect(revocations.find({ subject: 'alice' })).toBeUndefined();
  });

  it('keeps the stricter of two', () => {
    const { revocations } = at(2_000);
    revocations.add(revocation({ issuedBefore: 1_500, until: 5_000 }));
    revocations.add(revocation({ issuedBefore: 1_000, until: 9_000 }));
    expect(revocations.find({ subject: 'alice', issuedAt: 1_200 })).toMatchObject({
      issuedBefore: 1_500,
      until: 9_000,
    });
    expect(revocations.size).toBe(1);
  });

  it('makes room by dropping what has ended, and refuses loudly when there is none', () => {
    const { time, revocations } = at(0);
    for (let i = 0; i < 100_000; i++) revocations.add(revocation({ value: `s${i}`, until: 5 }));
    expect(() => revocations.add(revocation())).toThrow(RangeError);
    time.now = 5;
    revocations.add(revocation());
    expect(revocations.size).toBe(1);
  });
});
