import { describe, expect, it } from 'vitest';
import { listener } from '../config/listener.ts';
import { Door } from './door.ts';

const limitsWith = (limits: object) =>
  listener.parse({ address: '[::]:0', tls: { certificates: [{ cert: 'a', key: 'b' }] }, limits }).limits;

function doorWith(limits: object) {
  let now = 0;
  const door = new Door(limitsWith(limits), { now: () => now, monotonic: () => now });
  const wait = (ms: number): void => {
    now += ms;
  };
  return { door, wait };
}

describe('Door', () => {
  it('holds so many connections of one address, and one more when one leaves', () => {
    const { door } = doorWith({ perAddress: { connections: 2 } });
    expect(door.enter('192.0.2.1')).toBeUndefined();
    expect(door.enter('192.0.2.1')).toBeUndefined();
    expect(door.enter('192.0.2.1')).toBe('address_connections');
    expect(door.enter('192.0.2.2')).toBeUndefined();
    door.leave('192.0.2.1');
    expect(door.enter('192.0.2.1')).toBeUndefined();
  });

  it('counts IPv6 by /64', () => {
    const { door } = doorWith({ perAddress: { connections: 1 } });
    expect(door.enter('2001:db8::1')).toBeUndefined();
    expect(door.enter('2001:db8::ffff:1')).toBe('address_connections');
    expect(door.enter('2001:db8:0:1::1')).toBeUndefined();
  });

  // RL-10
  it('lets in as many as the rate says, and then one each period', () => {
    const { door, wait } = doorWith({ perAddress: { handshakes: '4/s' } });
    for (let i = 0; i < 4; i++) expect(door.enter('192.0.2.1')).toBeUndefined();
    expect(door.enter('192.0.2.1')).toBe('address_handshakes');
    expect(door.enter('192.0.2.2')).toBeUndefined();
    wait(250);
    expect(door.enter('192.0.2.1')).toBeUndefined();
    expect(door.enter('192.0.2.1')).toBe('address_handshakes');
    wait(1_000);
    for (let i = 0; i < 4; i++) expect(door.enter('192.0.2.1')).toBeUndefined();
  });

  it('does not grow with the number of strangers', () => {
    const { door } = doorWith({ connections: 50 });
    for (let i = 0; i < 10_000; i++) {
      const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
      door.enter(address);
      door.leave(address);
    }
    expect(door.size).toBeLessThanOrEqual(100);
  });

  it('forgets those whose allowance is whole again', () => {
    const { door, wait } = doorWith({});
    for (let i = 0; i < 100; i++) {
      door.enter(`10.0.0.${i}`);
      door.leave(`10.0.0.${i}`);
    }
    wait(1_000);
    door.enter('192.0.2.1');
    expect(door.size).toBe(2);
  });

  it('takes new limits without forgetting who is in', () => {
    const { door } = doorWith({ perAddress: { connections: 5 } });
    door.enter('192.0.2.1');
    door.update(limitsWith({ perAddress: { connections: 1 } }));
    expect(door.enter('192.0.2.1')).toBe('address_connections');
  });
});
