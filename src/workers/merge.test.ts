import { describe, expect, it } from 'vitest';
import type { HealthCheck } from '../record/health.ts';
import { mergeHealth, mergeRotations } from './merge.ts';

describe('health of several workers', () => {
  const ill = (reason: string): HealthCheck => ({
    name: 'overload',
    healthy: false,
    blocksReady: true,
    reason,
  });
  const well: HealthCheck = { name: 'overload', healthy: true, blocksReady: true };
  const of = (...checks: HealthCheck[]) =>
    mergeHealth(checks.map((check, place) => ({ worker: `worker ${place + 1}`, checks: [check] })))[0];

  it('is well if all are', () => {
    expect(of(well, well)).toEqual(well);
  });

  it('warns while one can take connections, and says which cannot', () => {
    expect(of(well, ill('short of heap'))).toEqual({
      name: 'overload',
      healthy: false,
      blocksReady: false,
      reason: 'worker 2: short of heap',
    });
  });

  it('sends new connections elsewhere when none can, and says once what all say', () => {
    expect(of(ill('short of heap'), ill('short of heap'))).toEqual(ill('short of heap'));
    expect(of(ill('short of heap'), ill('short of time'))?.reason).toBe(
      'worker 1: short of heap; worker 2: short of time',
    );
  });
});

it('rotations are one report a listener, and who did not answer is a problem', () => {
  const replaced = [{ name: 'cert.pem', serial: '0b', previous: '0a' }];
  const done = [{ listener: 'public', replaced, problems: [] }];
  const failed = [{ listener: 'public', replaced: [], problems: ['key.pem: does not fit'] }];
  expect(mergeRotations([done, done, failed], ['worker 4 has ended'])).toEqual([
    { listener: 'public', replaced, problems: ['key.pem: does not fit'] },
    { listener: 'workers', replaced: [], problems: ['worker 4 has ended'] },
  ]);
});
