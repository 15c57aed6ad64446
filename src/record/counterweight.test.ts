import { describe, expect, it } from 'vitest';
import { Counterweight, TLS_SOCKET } from './counterweight.ts';

const MiB = 1_048_576;

/** A counterweight of so many MiB, and its turns of the event loop. */
class Scales {
  readonly #due: (() => void)[] = [];
  readonly weight: Counterweight;

  constructor(most: number) {
    this.weight = new Counterweight(most * MiB, (callback) => this.#due.push(callback));
  }

  open(sockets: number): this {
    for (let i = 0; i < sockets; i++) this.weight.add();
    return this;
  }

  close(sockets: number): this {
    for (let i = 0; i < sockets; i++) this.weight.remove();
    return this;
  }

  /** Lets so many turns pass; how many anybody waited for. */
  turn(turns = Number.POSITIVE_INFINITY): number {
    let passed = 0;
    while (passed < turns && this.#due.length > 0) {
      this.#due.shift()!();
      passed++;
    }
    return passed;
  }
}

describe('Counterweight', () => {
  it('is not put up for a few sockets', () => {
    const scales = new Scales(64).open(99);
    expect(scales.turn()).toBe(0);
    expect(scales.weight.reserved).toBe(0);
  });

  it('is put up bit by bit, one piece in a turn', () => {
    const scales = new Scales(64).open(100);
    let before = 0;
    while (scales.turn(1) === 1 && scales.weight.reserved > before) {
      expect(scales.weight.reserved - before).toBe(4 * MiB);
      before = scales.weight.reserved;
    }
    expect(before).toBe(52 * MiB); // the sockets are 11 MiB
  });

  it('and sockets together stay the same while sockets open and close', () => {
    const scales = new Scales(256).open(100);
    scales.turn();
    let open = 100;
    const sum = () => (open * TLS_SOCKET + scales.weight.reserved) / MiB;
    for (const change of [1_000, 800, -1_500, 1_700, -1, 1, -1, 1, -2_000, 30, -130]) {
      for (let i = 0; i < Math.abs(change); i++) {
        if (change > 0) scales.open(1);
        else scales.close(1);
        open += Math.sign(change);
        scales.turn();
        expect(sum()).toBeLessThanOrEqual(256);
        expect(sum()).toBeGreaterThan(256 - 4 - 2 - 1);
      }
    }
  });

  it('is all given back when there are more sockets than it was for', () => {
    const scales = new Scales(64).open(100);
    scales.turn();
    expect(scales.open(1_000).weight.reserved).toBe(0);
    expect(scales.open(1_000).weight.reserved).toBe(0);
    scales.close(2_000).turn();
    expect(scales.weight.reserved).toBe(52 * MiB);
  });

  it('does not put up and give back by turns when one socket comes and goes', () => {
    const scales = new Scales(64).open(100);
    scales.turn();
    let moves = 0;
    for (let i = 0; i < 100; i++) {
      const before = scales.weight.reserved;
      scales.open(1).close(1);
      moves += scales.turn() + Number(scales.weight.reserved !== before);
    }
    expect(moves).toBeLessThanOrEqual(2);
  });

  it('takes address space and no memory, and gives it back at once', () => {
    const resident = process.memoryUsage.rss();
    const scales = new Scales(256).open(100);
    scales.turn();
    expect(process.memoryUsage.rss() - resident).toBeLessThan(32 * MiB);
    const { external } = process.memoryUsage();
    scales.open(2_300);
    expect(scales.weight.reserved).toBe(0);
    expect(external - process.memoryUsage().external).toBeGreaterThan(230 * MiB);
  });
});
