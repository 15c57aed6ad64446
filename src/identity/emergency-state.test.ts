import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../test/support/guard.ts';
import { silentRecorder } from '../record/recorder.ts';
import { LocalBus } from '../store/bus.ts';
import { systemClock } from '../store/clock.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { StoreError } from '../store/store.ts';
import { EmergencyState } from './emergency-state.ts';

const HOUR = 3_600_000;

function stateWith(over: Partial<ConstructorParameters<typeof EmergencyState>[0]> = {}) {
  const clock = new ManualClock();
  const event = vi.fn();
  const parts = {
    clock,
    recorder: { ...silentRecorder, event },
    store: new MemoryStore(clock),
    bus: new LocalBus(),
    ...over,
  };
  return { clock, event, parts, state: new EmergencyState(parts) };
}

describe('EmergencyState', () => {
  it('is off until somebody declares it, and says who did', async () => {
    const { state, clock, event } = stateWith();
    await state.start();
    expect(state.facts()).toEqual({ on: false });
    const until = clock.now() + HOUR;
    expect(await state.begin(HOUR, { who: 'ops', reason: 'fire' })).toEqual({ on: true, until });
    expect(event).toHaveBeenCalledWith('emergency.on', {
      who: 'ops',
      reason: 'fire',
      until: new Date(until).toISOString(),
      seconds: 3_600,
    });
    await state.end('ops');
    expect(state.on).toBe(false);
    expect(event).toHaveBeenLastCalledWith('emergency.off', { who: 'ops' });
    state.stop();
  });

  it('ends by itself, and says so', async () => {
    const { state, event } = stateWith({ clock: systemClock, store: new MemoryStore(systemClock) });
    await state.start();
    await state.begin(20, { who: 'ops' });
    expect(state.on).toBe(true);
    await vi.waitFor(() => expect(event).toHaveBeenLastCalledWith('emergency.ended', {}));
    expect(state.facts()).toEqual({ on: false });
    state.stop();
  });

  it('is known to all who share the bus, and to whoever starts later', async () => {
    const { state, parts } = stateWith();
    const other = new EmergencyState(parts);
    await state.start();
    await other.start();
    await state.begin(HOUR, { who: 'ops' });
    expect(other.facts()).toEqual(state.facts());
    const late = new EmergencyState(parts);
    await late.start();
    expect(late.facts()).toEqual(state.facts());
    await late.end('ops');
    expect([state.on, other.on, late.on]).toEqual([false, false, false]);
    const later = new EmergencyState(parts);
    await later.start();
    expect(later.on).toBe(false);
    for (const each of [state, other, late, later]) each.stop();
  });

  it.each([
    ['a day and more', 25 * HOUR],
    ['the past', -1],
    ['a text', 'forever'],
    ['nothing', null],
  ])('believes nobody who says it lasts until %s', async (_what, after) => {
    const { state, parts, clock } = stateWith();
    await state.start();
    await parts.bus.publish('emergency', typeof after === 'number' ? clock.now() + after : after);
    expect(state.on).toBe(false);
    state.stop();
  });

  it('is not on where that cannot be kept, and off where it cannot be read', async () => {
    const clock = new ManualClock();
    const store = new MemoryStore(clock);
    const broken = async () => {
      throw new StoreError('away');
    };
    store.set = broken;
    store.get = broken;
    const { state, event } = stateWith({ clock, store });
    await state.start();
    expect(event).not.toHaveBeenCalled(); // the store says itself that it is away
    expect(state.on).toBe(false);
    await expect(state.begin(HOUR, { who: 'ops' })).rejects.toThrow(StoreError);
    expect(state.on).toBe(false);
    state.stop();
  });

  it('reads anew what it may have missed', async () => {
    class Lossy extends LocalBus {
      lose(): void {
        this.missed();
      }
    }
    const bus = new Lossy();
    const { state, parts, clock } = stateWith({ bus });
    await state.start();
    await parts.store.set('emergency', clock.now() + HOUR);
    bus.lose();
    await vi.waitFor(() => expect(state.on).toBe(true));
    state.stop();
  });
});
