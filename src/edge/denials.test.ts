import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/guard.ts';
import type { RefusalCode } from '../errors.ts';
import { refuse } from '../pipeline/verdict.ts';
import { Denials } from './denials.ts';

// RL-10
describe('Denials', () => {
  const clock = new ManualClock();
  const denied = (denials: Denials, address = '192.0.2.1', code: RefusalCode = 'credential_invalid') =>
    denials.counted(refuse(code, ''), address).retryAfter;

  it('asks for a longer wait each time, after a few that are free, and for none that is absurd', () => {
    const denials = new Denials(clock);
    const waits = Array.from({ length: 14 }, () => denied(denials));
    expect(waits).toEqual([
      ...[undefined, undefined, undefined],
      ...[2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300].map((seconds) => seconds * 1_000),
    ]);
  });

  it('begins anew when somebody from there is let in, or after a while', () => {
    const denials = new Denials(clock);
    for (let i = 0; i < 5; i++) denied(denials);
    denials.forgive('192.0.2.1');
    expect(denied(denials)).toBeUndefined();
    for (let i = 0; i < 5; i++) denied(denials);
    clock.pass(600_000);
    expect(denied(denials)).toBeUndefined();
  });

  it('counts by network', () => {
    const denials = new Denials(clock);
    for (let i = 0; i < 3; i++) denied(denials, `2001:db8::${i}`);
    expect(denied(denials, '2001:db8::ffff')).toBe(2_000);
    expect(denied(denials, '2001:db8:0:1::1')).toBeUndefined();
  });

  it.each([
    'draining',
    'overloaded',
    'upstream_refused',
    'identity_unavailable',
    'internal',
    'client_left',
  ] as const)('counts no %s: that is not the fault of who came', (code) => {
    const denials = new Denials(clock);
    for (let i = 0; i < 20; i++) expect(denied(denials, '192.0.2.1', code)).toBeUndefined();
    expect(denials.size).toBe(0);
  });

  it('remembers so many, and forgets the one that was refused longest ago', () => {
    const denials = new Denials(clock);
    for (let i = 0; i < 4; i++) denied(denials, '192.0.2.1');
    for (let i = 0; i < 10_000; i++) denied(denials, `10.0.${i >> 8}.${i & 255}`);
    expect(denials.size).toBe(10_000);
    expect(denied(denials, '192.0.2.1')).toBeUndefined();
    for (let i = 0; i < 4; i++) denied(denials, '10.0.0.200'); // not for a while the one that is forgotten
    for (let i = 0; i < 9_000; i++) denied(denials, `10.1.${i >> 8}.${i & 255}`);
    expect(denied(denials, '10.0.0.200')).toBe(8_000);
  });
});
