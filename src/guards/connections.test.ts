import { describe, expect, it } from 'vitest';
import { buildGuard, codeOf, fakeCandidate, fakeContext } from '../../test/support/guard.ts';
import type { Store } from '../store/store.ts';
import { connections } from './connections.ts';

/** Takes a seat and asks, as an upgrade does; a refused one leaves its seat. */
function door(limits: unknown) {
  const context = fakeContext();
  const { presence } = context.services;
  const guard = buildGuard(connections, { limits }, context);
  let ids = 0;
  return (who: { address?: string; subject?: string; tenant?: string | undefined } = {}) => {
    const candidate = fakeCandidate(
      { address: who.address ?? '192.0.2.1' },
      { subject: who.subject ?? 'ada', ...(who.tenant !== undefined && { tenant: who.tenant }) },
    );
    const seat = {
      id: String(ids++),
      route: 'chat',
      address: candidate.handshake.address,
      subject: candidate.principal.subject,
      tenant: candidate.principal.tenant,
    };
    presence.enter(seat);
    const code = codeOf(guard?.onUpgrade?.(candidate));
    if (code !== 'pass') presence.leave(seat);
    return { code, leave: () => presence.leave(seat) };
  };
}

describe('connections', () => {
  it.each(['perRoute', 'perSubject', 'perTenant', 'perAddress'])(
    'lets in as many as %s says, and no more',
    (scope) => {
      const ask = door({ [scope]: { connections: 2 } });
      const first = ask();
      expect([first.code, ask().code, ask().code]).toEqual(['pass', 'pass', 'connections_exceeded']);
      first.leave();
      expect([ask().code, ask().code]).toEqual(['pass', 'connections_exceeded']);
    },
  );

  it('does not let one holder use up the seats of another', () => {
    const ask = door({ perSubject: { connections: 1 } });
    expect([ask({ subject: 'ada' }).code, ask({ subject: 'bob' }).code]).toEqual(['pass', 'pass']);
  });

  it('takes an IPv6 /64 for one address', () => {
    const ask = door({ perAddress: { connections: 1 } });
    expect(ask({ address: '2001:db8::1' }).code).toBe('pass');
    expect(ask({ address: '2001:db8::2' }).code).toBe('connections_exceeded');
    expect(ask({ address: '2001:db8:0:1::1' }).code).toBe('pass');
  });

  it('is not there where nothing is configured', () => {
    expect(buildGuard(connections, { limits: { perSubject: {} } })).toBeUndefined();
  });

  it.each([0, -1, 1.5, '5'])('does not load a limit of %j', (limit) => {
    expect(() => buildGuard(connections, { limits: { perSubject: { connections: limit } } })).toThrow();
  });
});

describe('while the store that nodes share is away', () => {
  it.each([
    ['local', ['pass', 'connections_exceeded']],
    ['open', ['pass', 'pass']],
    ['closed', ['state_unavailable', 'state_unavailable']],
  ])('%s does what it says', (away, codes) => {
    const context = fakeContext();
    const services = { ...context.services, alone: false, store: { trouble: 'away' } as Store };
    const limits = { perRoute: { connections: 1 }, fail: { connections: away } };
    const guard = buildGuard(connections, { limits }, { ...context, services });
    const seen = ['1', '2'].map((id) => {
      services.presence.enter({ id, route: 'chat', address: '192.0.2.1', subject: 'ada', tenant: undefined });
      return codeOf(guard?.onUpgrade?.(fakeCandidate()));
    });
    expect(seen).toEqual(codes);
  });
});
