import { afterEach, describe, expect, it, vi } from 'vitest';
import { TicketKeys } from './ticket-keys.ts';
import { TICKET_LIFE } from './tls-profile.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('ticket keys', () => {
  it('are the same for who has the secret, and as long as TLS wants them', () => {
    const ours = new TicketKeys();
    const theirs = new TicketKeys(ours.secret);
    expect(theirs.keysFor('public', 'digest')).toEqual(ours.keysFor('public', 'digest'));
    expect(ours.keysFor('public', 'digest')).toHaveLength(48);
  });

  it('differ by secret, by listener and by what it shows and trusts', () => {
    const keys = new TicketKeys();
    const all = [
      keys.keysFor('public', 'digest'),
      keys.keysFor('other', 'digest'),
      keys.keysFor('public', 'other'),
      keys.keysFor('publicd', 'igest'),
      new TicketKeys().keysFor('public', 'digest'),
    ];
    expect(new Set(all.map((each) => each.toString('hex'))).size).toBe(all.length);
  });

  it('are replaced when their time is over, unless somebody else does it', () => {
    vi.useFakeTimers();
    const own = new TicketKeys();
    const lent = new TicketKeys(own.secret);
    const before = own.secret;
    const told = vi.fn();
    const stop = [own.follow(told), lent.follow(told)];
    vi.advanceTimersByTime(TICKET_LIFE * 1_000);
    expect(told).toHaveBeenCalledTimes(1);
    expect(own.secret).not.toEqual(before);
    expect(lent.secret).toEqual(before);
    for (const each of stop) each();
    expect(vi.getTimerCount()).toBe(0);
  });
});
