import { describe, expect, it } from 'vitest';
import { Presence, type Seat } from './presence.ts';

const seat = (id: string, more: Partial<Seat> = {}): Seat => ({
  id,
  route: 'chat',
  address: '192.0.2.1',
  subject: 'ada',
  tenant: 'acme',
  ...more,
});

describe('Presence', () => {
  it('counts by route and holder, and forgets who left', () => {
    const presence = new Presence();
    presence.enter(seat('1'));
    presence.enter(seat('2', { subject: 'bob' }));
    presence.enter(seat('3', { route: 'other' }));
    expect(presence.count('route', 'chat', '')).toBe(2);
    expect(presence.count('subject', 'chat', 'ada')).toBe(1);
    expect(presence.count('tenant', 'chat', 'acme')).toBe(2);
    presence.leave(seat('1'));
    expect(presence.count('subject', 'chat', 'ada')).toBe(0);
    expect(presence.count('address', 'chat', '192.0.2.1')).toBe(1);
  });

  it('counts an IPv6 address with its /64', () => {
    const presence = new Presence();
    presence.enter(seat('1', { address: '2001:db8::1' }));
    presence.enter(seat('2', { address: '2001:db8::ffff:1' }));
    presence.enter(seat('3', { address: '2001:db8:0:1::1' }));
    expect(presence.count('address', 'chat', '2001:db8::9')).toBe(2);
  });

  it('counts all who have no tenant as one', () => {
    const presence = new Presence();
    presence.enter(seat('1', { tenant: undefined }));
    presence.enter(seat('2', { tenant: undefined, subject: 'bob' }));
    expect(presence.count('tenant', 'chat', '')).toBe(2);
    presence.leave(seat('1', { tenant: undefined }));
    expect(presence.count('tenant', 'chat', '')).toBe(1);
  });
});
