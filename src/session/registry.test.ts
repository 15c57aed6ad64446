import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeHandshake, fakePrincipal } from '../../test/support/guard.ts';
import { Wired, wordRoute } from '../../test/support/wired-session.ts';
import { type Filter, Registry } from './registry.ts';
import type { Session } from './session.ts';

interface Who {
  readonly subject: string;
  readonly tenant?: string;
  readonly address?: string;
  readonly tokenId?: string;
  readonly certificateSerial?: string;
}

function open(registry: Registry, { address = '192.0.2.1', ...principal }: Who): Session {
  const parts = { handshake: fakeHandshake({ address }), principal: fakePrincipal(principal) };
  return new Wired(wordRoute(), { id: `id-${Math.random()}`, ...parts }, { registry }).session;
}

describe('find', () => {
  const registry = new Registry();
  const ada = open(registry, { subject: 'ada', tokenId: 'jti-1', address: '2001:db8::1' });
  const adaToo = open(registry, { subject: 'ada', tokenId: 'jti-2', certificateSerial: '0a' });
  const bob = open(registry, { subject: 'bob', tenant: 'other' });
  const proto = open(registry, { subject: '__proto__', tenant: 'constructor' });

  it.each([
    [{ subject: 'ada' }, [ada, adaToo]],
    [{ subject: 'ada', tokenId: 'jti-2' }, [adaToo]],
    [{ tenant: 'other' }, [bob]],
    [{ address: '2001:db8::1' }, [ada]],
    [{ certificateSerial: '0a' }, [adaToo]],
    [{ route: 'open' }, [ada, adaToo, bob, proto]],
    [{ identity: 'staff', tenant: 'acme' }, [ada, adaToo]],
    [{ subject: '__proto__' }, [proto]],
    [{ tenant: 'constructor' }, [proto]],
    [{ subject: 'toString' }, []],
    [{ subject: 'ada', tenant: 'other' }, []],
    [{ subject: 'nobody' }, []],
    [{}, []],
  ] satisfies [Filter, Session[]][])('%j', (filter, found) => {
    expect(registry.find(filter)).toEqual(found);
  });

  it('by id', () => {
    expect(registry.get(ada.id)).toBe(ada);
    expect(registry.get('nobody')).toBeUndefined();
    expect([...registry]).toEqual([ada, adaToo, bob, proto]);
  });
});

it('finds what is there and nothing that has gone, whatever came and went', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  fc.assert(
    fc.property(fc.array(fc.tuple(name, name, fc.option(fc.nat(20))), { maxLength: 40 }), (steps) => {
      const registry = new Registry();
      const here: Session[] = [];
      for (const [subject, tenant, leaves] of steps) {
        here.push(open(registry, { subject, tenant }));
        if (leaves === null || leaves >= here.length) continue;
        const [gone] = here.splice(leaves, 1);
        registry.remove(gone!);
        registry.remove(gone!);
      }
      expect(registry.size).toBe(here.length);
      for (const subject of ['a', 'b', 'c']) {
        expect(new Set(registry.find({ subject }))).toEqual(
          new Set(here.filter(({ principal }) => principal.subject === subject)),
        );
      }
    }),
    { numRuns: 50 },
  );
});

describe('rekey', () => {
  it('finds a session by what it has become, and by nothing that it was', () => {
    const registry = new Registry();
    const ada = open(registry, { subject: 'ada', tokenId: 'jti-1' });
    const bob = open(registry, { subject: 'bob', tokenId: 'jti-2' });
    registry.rekey(ada, () => {
      ada.principal = fakePrincipal({ subject: 'ada', tokenId: 'jti-2', certificateSerial: '0a' });
    });
    expect(registry.find({ tokenId: 'jti-1' })).toEqual([]);
    expect(registry.find({ tokenId: 'jti-2' })).toEqual([bob, ada]);
    expect(registry.find({ certificateSerial: '0a' })).toEqual([ada]);
    expect(registry.find({ subject: 'ada' })).toEqual([ada]);
    expect([...registry]).toEqual([ada, bob]);
    const now = ada.principal;
    registry.remove(ada);
    expect(registry.find({ tokenId: 'jti-2' })).toEqual([bob]);
    // Nothing of it is kept, under no name that it had.
    for (const tokenId of ['jti-1', 'jti-2']) {
      ada.principal = { ...now, tokenId };
      expect(registry.find({ tokenId })).not.toContain(ada);
    }
  });

  it('brings back nobody who has gone', () => {
    const registry = new Registry();
    const ada = open(registry, { subject: 'ada' });
    registry.remove(ada);
    registry.rekey(ada, () => {
      ada.principal = fakePrincipal({ subject: 'eve' });
    });
    expect(ada.principal.subject).toBe('eve');
    expect(registry.find({ subject: 'eve' })).toEqual([]);
  });
});
