import fc from 'fast-check';
import { expect, it } from 'vitest';
import { listener } from '../config/listener.ts';
import { shareOf } from './role.ts';

const options = (connections: number, perAddress: number, handshakes: number) =>
  listener.parse({
    address: '127.0.0.1:0',
    tls: { certificates: [{ cert: 'a', key: 'b' }] },
    limits: {
      connections,
      perAddress: {
        connections: perAddress,
        handshakes: `${handshakes}/s`,
        tickets: `${handshakes}/s`,
        refreshes: `${handshakes}/m`,
        events: `${handshakes}/h`,
      },
    },
  });

it('gives all workers together what was configured, and no more than one each besides', () => {
  const count = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(count, count, count, fc.integer({ min: 1, max: 256 }), (all, of, rate, workers) => {
      const whole = options(all, of, rate);
      const { limits } = shareOf(whole, workers);
      const pairs = [
        [limits.connections, all],
        [limits.perAddress.connections, of],
        [limits.perAddress.handshakes.count, rate],
        [limits.perAddress.tickets.count, rate],
        [limits.perAddress.refreshes.count, rate],
        [limits.perAddress.events.count, rate],
      ] as const;
      for (const [part, configured] of pairs) {
        expect(part).toBeGreaterThanOrEqual(1);
        expect(part * workers).toBeGreaterThanOrEqual(configured);
        expect(part * workers).toBeLessThan(configured + workers);
      }
      expect(shareOf(whole, 1)).toBe(whole);
    }),
  );
});
