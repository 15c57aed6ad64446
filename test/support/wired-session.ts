import { Duplex } from 'node:stream';
import { CLOSE } from '../../src/pipeline/dialect.ts';
import type { Guard } from '../../src/pipeline/guard.ts';
import type { Message, Payload } from '../../src/pipeline/message.ts';
import type { Armed, RoutePlan } from '../../src/pipeline/route.ts';
import type { Fields, Recorder } from '../../src/record/recorder.ts';
import type { Parking } from '../../src/session/parking.ts';
import type { SessionParts } from '../../src/session/parts.ts';
import { Registry } from '../../src/session/registry.ts';
import type { Session } from '../../src/session/session.ts';
import { Sweep } from '../../src/session/sweep.ts';
import type { Unfinished } from '../../src/session/unfinished.ts';
import { createServices } from '../../src/store/services.ts';
import { fakeHandshake, fakePrincipal, ManualClock } from './guard.ts';
import { openRoute } from './memory-session.ts';
import { openSession } from './open-session.ts';
import { encode, FrameReader, type FrameSpec, type RawFrame } from './raw-frames.ts';

/** One end of a session's leg, driven and looked at synchronously: what it is sent, and what it says. */
export class Wire extends Duplex {
  /** Each write as it was made. */
  readonly writes: Buffer[] = [];
  /** Takes nothing until told to: what is written stays unsent. */
  stuck = false;
  #done: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: true });
  }

  /** Everything that was written, as frames. */
  get frames(): RawFrame[] {
    return new FrameReader().push(this.bytes);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.writes);
  }

  /** The frames in short: `text hello`, `close 1000 bye`. */
  get said(): string[] {
    return this.frames.map(describe);
  }

  /** The session reads this now. */
  hear(bytes: Buffer): void {
    this.emit('data', bytes);
  }

  /** The kernel takes what waits. */
  flow(): void {
    this.stuck = false;
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(Buffer.from(chunk));
    if (this.stuck) this.#done = done;
    else done();
  }
}

const KINDS: Record<number, string> = {
  0: 'more',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
};

function describe({ opcode, payload, fin }: RawFrame): string {
  const body =
    opcode === 8 && payload.length >= 2
      ? `${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`
      : payload.toString();
  return `${KINDS[opcode]}${fin ? '' : '…'} ${body}`.trimEnd();
}

/** A frame as a client sends it: masked with this key, so that the bytes are the same each time. */
export function fromClient(...specs: FrameSpec[]): Buffer {
  return Buffer.concat(specs.map((spec) => encode({ mask: Buffer.from([1, 2, 3, 4]), ...spec }, true)));
}

export function fromServer(...specs: FrameSpec[]): Buffer {
  return Buffer.concat(specs.map((spec) => encode(spec, false)));
}

/** A session between two wires, with everything around it in the test's hand. */
export class Wired {
  readonly client = new Wire();
  readonly upstream = new Wire();
  readonly clock: ManualClock;
  readonly registry: Registry;
  readonly sweep: Sweep;
  readonly events: (Fields & { readonly name: string })[] = [];
  readonly session: Session;
  closed = 0;

  constructor(
    route: RoutePlan,
    parts: Partial<SessionParts> = {},
    shared: {
      registry?: Registry;
      clock?: ManualClock;
      unfinished?: Unfinished;
      parking?: Parking<Session>;
    } = {},
  ) {
    this.clock = shared.clock ?? new ManualClock();
    this.registry = shared.registry ?? new Registry();
    const recorder: Recorder = {
      event: (name, fields) => void this.events.push({ ...fields, name }),
      counters: () => route.counters,
    };
    const services = createServices(recorder, this.clock);
    this.sweep = new Sweep(this.registry, services, 500, Number.POSITIVE_INFINITY);
    this.session = openSession(
      {
        id: `s${this.registry.size}`,
        route,
        handshake: fakeHandshake(),
        principal: fakePrincipal(),
        protocol: '',
        deflate: false,
        client: this.client,
        clientHead: Buffer.alloc(0),
        upstream: {
          socket: this.upstream as unknown as import('node:net').Socket, // no more of it is used than a Duplex has
          head: Buffer.alloc(0),
          protocol: '',
          // As over TCP: the chunk lies in a buffer that is overwritten when the callback returns.
          read: (onChunk) =>
            void this.upstream.on('data', (chunk: Buffer) => {
              const lent = Buffer.from(chunk);
              onChunk(lent);
              lent.fill(0xee);
            }),
        },
        ...parts,
      },
      {
        services,
        registry: this.registry,
        ...(shared.unfinished && { unfinished: shared.unfinished }),
        ...(shared.parking && { parking: shared.parking }),
        closed: () => void this.closed++,
      },
    );
  }

  named(name: string) {
    return this.events.filter((event) => event.name === name);
  }

  /** Time passes, in rounds of the sweep as they would come. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 500) {
      this.clock.pass(Math.min(500, left));
      this.sweep.tick();
    }
  }
}

export const arm = (guard: Guard, name = 'guard', observe = false): Armed => ({ name, guard, observe });

interface RouteParts extends Omit<Partial<RoutePlan>, 'frames' | 'lifetime' | 'inspect'> {
  readonly frames?: Partial<RoutePlan['frames']>;
  readonly lifetime?: Partial<RoutePlan['lifetime']>;
  readonly client?: readonly Armed[];
  readonly server?: readonly Armed[];
}

/** A route of plain words: a message is `type rest`, a refusal is answered `no code`. */
export function wordRoute({
  frames,
  lifetime,
  client = [],
  server = [],
  ...rest
}: RouteParts = {}): RoutePlan {
  const open = openRoute(frames);
  return {
    ...open,
    dialect: words,
    onInvalid: 'answer',
    ...rest,
    lifetime: { ...open.lifetime, ...lifetime },
    inspect: { client, server },
  };
}

export const words: RoutePlan['dialect'] = {
  read(payload: Payload): Message {
    const body = payload.text();
    return { direction: payload.direction, type: body.split(' ')[0], id: undefined, body, content: body };
  },
  refuse: (_messages, { code }) => (code === 'schema_invalid' ? CLOSE : `no ${code}`),
  greet: (note) => `note ${note}`,
};
