import { describe, expect, it } from 'vitest';
import { Wire } from '../../test/support/wired-session.ts';
import { encodeText } from '../protocol/encode.ts';
import { DLE, readGatewayControl, type Welcome } from '../protocol/session-protocol.ts';
import { HIGH_WATER, Leg, type LegOwner } from './leg.ts';
import { Parking } from './parking.ts';
import { Resumption } from './resumption.ts';

const TERMS = { window: 30_000, maxMessages: 1_000, maxBytes: 4 << 20 };
const GREETING = { session: 's', expires: Number.POSITIVE_INFINITY };

/** A resumption between two wires, and what its client has been told. */
class World implements LegOwner {
  readonly parking: Parking<string>;
  readonly upstream = new Wire();
  readonly source = new Leg('upstream', this.upstream, this);
  wire = new Wire();
  leg = this.#leg();
  readonly resumption: Resumption<string>;

  constructor(limits?: { sessions: number; bytes: number }) {
    this.parking = new Parking('0123456789abcdef', limits);
    this.resumption = new Resumption('session', this.leg, TERMS, this.parking);
    this.resumption.open(GREETING);
  }

  /** Another connection, which shows this token. */
  comeBack(token: string, seen: number, stuck = false): Wire {
    const { hash } = this.parking.find(token)!;
    this.wire = new Wire();
    this.wire.stuck = stuck;
    this.leg = this.#leg();
    this.resumption.resume(this.leg, hash, seen, GREETING, 0);
    return this.wire;
  }

  get told() {
    return this.wire.frames.map(({ payload }) => {
      const text = payload.toString();
      return text[0] === DLE && text[1] !== DLE ? readGatewayControl(text) : text;
    });
  }

  get welcome(): Welcome {
    return this.told.findLast((each) => typeof each === 'object' && each.type === 'welcome') as Welcome;
  }

  serve(...texts: string[]): void {
    for (const text of texts) {
      const frame = encodeText(text, false);
      this.resumption.keep(frame);
      this.leg.forward(frame, false);
    }
  }

  drained(leg: Leg): void {
    if (leg === this.leg) this.resumption.proceed();
  }

  finished(): void {}
  gone(): void {}

  #leg(): Leg {
    const leg = new Leg('client', this.wire, this);
    leg.peer = this.source;
    this.source.peer = leg;
    return leg;
  }
}

const ack = (seen: unknown): string => `${DLE}${JSON.stringify({ type: 'ack', seen })}`;

describe('a token', () => {
  it('works until the next one has been answered, and then no more', () => {
    const world = new World();
    const { token: first } = world.welcome;
    world.comeBack(first, 0); // its welcome is lost
    const { token: second } = world.welcome;
    world.comeBack(first, 0);
    const { token: third } = world.welcome;
    expect(new Set([first, second, third]).size).toBe(3);
    expect(world.parking.find(second)).toBeUndefined();
    expect(world.resumption.hear(ack(0))).toBe(true);
    expect(world.parking.find(first)).toBeUndefined();
    expect(world.parking.find(third)?.session).toBe('session');
  });

  it('is good for nothing when the session is over', () => {
    const world = new World();
    const { token } = world.welcome;
    world.resumption.close();
    expect(world.parking.find(token)).toBeUndefined();
    expect(world.resumption.park(0)).toBe(false);
    expect(world.parking.journals.used).toBe(0);
  });
});

describe('a replay', () => {
  it('gives what was not seen, in order, then what is new', () => {
    const world = new World();
    world.serve('a', 'b', 'c');
    world.comeBack(world.welcome.token, 1);
    world.serve('d');
    expect(world.told.slice(1)).toEqual(['b', 'c', 'd']);
    expect(world.welcome).toMatchObject({ resumed: true, next: 2 });
  });

  // RS-11: a storm of clients that come back and do not read takes no more memory than their buffers
  it('takes no more than the high-water mark from the journal of a client that does not read', () => {
    const world = new World();
    world.serve(...Array.from({ length: 1_000 }, (_, i) => `${i} ${'x'.repeat(1_000)}`));
    const wire = world.comeBack(world.welcome.token, 0, true);
    expect(wire.writableLength).toBeLessThan(HIGH_WATER + 2 * 16_384);
    expect([world.source.paused, world.leg.paused]).toEqual([true, true]);

    world.serve('meanwhile'); // what was read before the pause, and judged since
    world.resumption.answer('ours');
    for (let i = 0; i < 1_000 && world.source.paused; i++) {
      wire.flow();
      wire.stuck = i % 3 === 0;
    }
    wire.flow();
    expect(world.told.slice(1).map((each) => String(each).split(' ')[0])).toEqual([
      ...Array.from({ length: 1_000 }, (_, i) => String(i)),
      'meanwhile',
      'ours',
    ]);
    expect([world.source.paused, world.leg.paused]).toEqual([false, false]);
  });

  it('is broken off if what it needs is pushed out, and the client finds a gap', () => {
    const world = new World();
    const said = Array.from({ length: 1_000 }, (_, i) => `${i} ${'x'.repeat(1_000)}`);
    world.serve(...said);
    const wire = world.comeBack(world.welcome.token, 0, true);
    world.serve(...said);
    wire.flow();
    expect(wire.destroyed).toBe(true);
    expect(world.resumption.journal.holds(0)).toBe(false);
  });

  it('ends with the Close that the client may not have had', () => {
    const world = new World();
    const { token } = world.welcome;
    world.serve('a');
    world.resumption.dismiss({ code: 4321, reason: 'over' }, false);
    expect(world.comeBack(token, 0).said.slice(1)).toEqual(['text a', 'close 4321 over']);
  });
});

describe('what the client says', () => {
  it.each([3, -1, 2 ** 53, 0.5, '1', null])('cannot be that it has seen %j of two', (seen) => {
    const world = new World();
    world.serve('a', 'b');
    expect(world.resumption.hear(ack(seen))).toBe(false);
  });

  it('frees what it has seen, and cannot be taken back', () => {
    const world = new World();
    world.serve('a', 'b', 'c');
    expect([2, 2, 1, 3].map((seen) => world.resumption.hear(ack(seen)))).toEqual([true, true, false, true]);
    expect(world.resumption.journal.start).toBe(3);
  });
});

it('tells the client once what was taken of a chunk', () => {
  const world = new World();
  for (let i = 0; i < 5; i++) world.resumption.took();
  world.resumption.acknowledge();
  world.resumption.acknowledge();
  expect(world.told.slice(1)).toEqual([{ type: 'ack', seen: 5 }]);
});

it('keeps nobody for whom there is no room', () => {
  const world = new World({ sessions: 1, bytes: 0 });
  const other = new Resumption('other', world.leg, TERMS, world.parking);
  expect([world.resumption.park(0), other.park(0)]).toEqual([true, false]);
  world.resumption.close();
  expect(other.park(0)).toBe(true);
  world.serve('no memory for this');
  expect(world.resumption.journal.holds(0)).toBe(false);
});
