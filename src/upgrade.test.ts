import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakePrincipal, ManualClock } from '../test/support/guard.ts';
import { openRoute } from '../test/support/memory-session.ts';
import { MemorySocket } from '../test/support/memory-socket.ts';
import { RATES } from '../test/support/rates.ts';
import { arm } from '../test/support/wired-session.ts';
import type { Arrival } from './edge/arrival.ts';
import { REFUSALS, type RefusalCode } from './errors.ts';
import type { Dialled } from './pipeline/dialled.ts';
import type { Identification } from './pipeline/identity.ts';
import type { RoutePlan } from './pipeline/route.ts';
import { PASS, type Refused, refuse, type Verdict } from './pipeline/verdict.ts';
import type { Claim } from './protocol/session-protocol.ts';
import { RouteCounters } from './record/counters.ts';
import type { Fields, Recorder } from './record/recorder.ts';
import { type Claimant, judgeClaim } from './session/claim.ts';
import { Parking } from './session/parking.ts';
import type { Attachment, SessionParts } from './session/parts.ts';
import type { Session } from './session/session.ts';
import { createServices, type Services } from './store/services.ts';
import type { Gate } from './upgrade/gate.ts';
import { upgrade } from './upgrade.ts';
import { dial } from './upstream/dial.ts';

vi.mock('./upstream/dial.ts', () => ({ dial: vi.fn() }));
const dials = vi.mocked(dial);

type Maybe<T> = T | Promise<T>;

/** Everything that an upgrade meets, in the test's hand. */
class World implements Gate {
  readonly events: (Fields & { name: string })[] = [];
  readonly clock = new ManualClock();
  readonly services: Services;
  readonly opened: SessionParts[] = [];
  readonly parking = new Parking<Session>('0123456789abcdef');
  readonly resumed: Attachment[] = [];
  closed: RefusalCode | undefined;
  distrust: Refused | undefined;
  identity: () => Maybe<Identification> = () => fakePrincipal();
  guard: () => Maybe<Verdict> = () => PASS;
  routes: readonly RoutePlan[];
  readonly client: MemorySocket;
  readonly socket: MemorySocket;
  readonly upstream = new MemorySocket();
  #said = '';

  constructor(route: Partial<RoutePlan> = {}) {
    const recorder: Recorder = {
      event: (name, fields) => void this.events.push({ ...(fields as Fields), name }),
      counters: (name) => new RouteCounters(name),
    };
    this.services = createServices(recorder, this.clock);
    const identity = { identify: () => this.identity() };
    this.routes = [
      {
        ...openRoute(),
        name: 'chat',
        identities: [{ name: 'staff', identity }],
        door: [arm({ onUpgrade: () => this.guard() }, 'gate')],
        ...route,
      },
    ];
    [this.client, this.socket] = MemorySocket.pair();
    this.client.on('data', (chunk) => {
      this.#said += chunk.toString('latin1');
    });
    dials.mockImplementation(async () => this.dialled());
  }

  plan() {
    return { generation: 1, routes: this.routes, match: () => this.routes[0] };
  }

  closedFor() {
    return this.closed;
  }

  distrusts() {
    return this.distrust;
  }

  open(parts: SessionParts): void {
    this.opened.push(parts);
  }

  claim(claim: Claim, claimant: Claimant) {
    return this.find(claim, claimant);
  }

  find(claim: Claim, claimant: Claimant) {
    return judgeClaim(claim, claimant, this.parking);
  }

  resume(_session: unknown, parts: Attachment): void {
    this.resumed.push(parts);
  }

  dialled(protocol = ''): Dialled {
    return {
      socket: this.upstream as unknown as Socket, // no more of it is used than a Duplex has
      head: Buffer.alloc(0),
      protocol,
      read: () => {},
    };
  }

  /** Sends the upgrade through; what the client was told, and the one record of it. */
  async upgrade(head = Buffer.alloc(0), fields: Record<string, string> = {}) {
    await upgrade(arrivalOf(this.socket, head, fields), this);
    await new Promise((resolve) => setImmediate(resolve));
    const records = this.events.filter(({ name }) => /^upgrade\.(accepted|refused)$/.test(name));
    expect(records).toHaveLength(1);
    return { told: this.#said, status: Number(this.#said.split(' ')[1] ?? 0), record: records[0]! };
  }

  /** Seats that are taken, whoever has them. */
  get seats(): number {
    return this.services.presence.count('route', 'chat', '');
  }
}

function arrivalOf(socket: MemorySocket, head: Buffer, more: Record<string, string>): Arrival {
  const fields = new Map(
    Object.entries({
      host: 'ws.example.com',
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...more,
    }),
  );
  return {
    request: { method: 'GET', httpVersion: '1.1', url: '/chat' } as Arrival['request'],
    socket: socket as unknown as TLSSocket, // no more of it is used than a Duplex has
    head,
    fields,
    facts: {
      listener: 'public',
      address: '192.0.2.1',
      peer: '192.0.2.1',
      tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
      serves: () => true,
      limits: { headers: 100, targetBytes: 8_192, earlyData: 16, perAddress: RATES },
      strictTransport: '',
    },
  };
}

const broken = (): never => {
  throw new TypeError('broken');
};

let world: World;

beforeEach(() => {
  world = new World();
});
afterEach(() => void vi.useRealTimers());

describe('an upgrade that is let in', () => {
  it('gets a 101, then a session with all that was found out', async () => {
    const { told, record } = await world.upgrade();
    expect(told).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    const [parts] = world.opened;
    expect(parts).toMatchObject({ route: world.routes[0], principal: { subject: 'ada' }, deflate: false });
    expect(record).toMatchObject({
      name: 'upgrade.accepted',
      session: parts!.id,
      route: 'chat',
      subject: 'ada',
      identity: 'staff',
      address: '192.0.2.1',
    });
    expect(world.seats).toBe(1); // the session will give it back
    expect(world.upstream.destroyed).toBe(false);
  });

  it('has what it sent early delivered, once', async () => {
    world.client.write('later');
    await world.upgrade(Buffer.from('early '));
    expect(world.opened[0]!.clientHead.toString()).toBe('early later');
    expect(world.socket.readableLength).toBe(0);
  });

  it('gets the subprotocol that the upstream chose, and it is recorded', async () => {
    world = new World({ protocols: ['chat.v1', 'chat.v2'] });
    dials.mockImplementation(async () => world.dialled('chat.v2'));
    const { told, record } = await world.upgrade(Buffer.alloc(0), {
      'sec-websocket-protocol': 'x, chat.v2, chat.v1',
    });
    expect(told).toContain('Sec-WebSocket-Protocol: chat.v2\r\n');
    expect(record.protocol).toBe('chat.v2');
    expect(dials.mock.lastCall![0].protocols).toEqual(['chat.v1', 'chat.v2']);
  });

  it('gets the one that the route wants most if the upstream names none', async () => {
    world = new World({ protocols: ['chat.v3', 'chat.v2', 'chat.v1'] });
    const { told } = await world.upgrade(Buffer.alloc(0), { 'sec-websocket-protocol': 'chat.v1, chat.v2' });
    expect(told).toContain('Sec-WebSocket-Protocol: chat.v2\r\n');
  });
});

/** The world changes while the upstream is asked; the 101 must not be written in the old one. */
const MEANWHILE: Record<string, [RefusalCode, (world: World) => void]> = {
  'the gateway begins to drain': [
    'draining',
    (w) => {
      w.closed = 'draining';
    },
  ],
  'the process is short of memory': [
    'overloaded',
    (w) => {
      w.closed = 'overloaded';
    },
  ],
  'the route goes': [
    'route_gone',
    (w) => {
      w.routes = [];
    },
  ],
  'the identity goes': [
    'route_gone',
    (w) => {
      w.routes = [{ ...w.routes[0]!, identities: [] }];
    },
  ],
  'the credential is revoked': [
    'credential_revoked',
    ({ services: { revocations } }) =>
      revocations.add({ by: 'subject', value: 'ada', issuedBefore: 9e15, until: 9e15 }),
  ],
  'the network of the client is revoked': [
    'credential_revoked',
    ({ services: { revocations } }) =>
      revocations.add({ by: 'address', value: '192.0.2.0/24', issuedBefore: 0, until: 9e15 }),
  ],
  'the client certificate is revoked': [
    'certificate_untrusted',
    (w) => {
      w.distrust = refuse('certificate_untrusted', 'new list');
    },
  ],
  'the client leaves': ['client_left', (w) => void w.socket.destroy()],
  'the client sends too much': ['early_data_too_large', (w) => void w.client.write('x'.repeat(17))],
};

describe('an upgrade is refused when, while the upstream is asked,', () => {
  it.each(Object.entries(MEANWHILE))('%s', async (_name, [code, change]) => {
    dials.mockImplementation(async () => {
      change(world);
      await new Promise((resolve) => setImmediate(resolve));
      return world.dialled();
    });
    const { record, told } = await world.upgrade();
    expect(record).toMatchObject({ name: 'upgrade.refused', code, status: REFUSALS[code].status });
    expect(told).not.toContain('101');
    expect([world.opened.length, world.seats, world.upstream.destroyed]).toEqual([0, 0, true]);
  });
});

it('is refused when its credential runs out while the upstream is asked', async () => {
  world.identity = () => fakePrincipal({ expiresAt: world.clock.now() + 1_000 });
  dials.mockImplementation(async () => {
    world.clock.pass(1_000);
    return world.dialled();
  });
  const { record, told } = await world.upgrade();
  expect(record).toMatchObject({ code: 'credential_expired' });
  expect(told).not.toContain('101');
  expect([world.opened.length, world.seats, world.upstream.destroyed]).toEqual([0, 0, true]);
});

describe('a client that leaves', () => {
  it('while its credential is checked is dialled for no more, and holds no seat', async () => {
    world.identity = async () => {
      world.client.destroy();
      world.socket.destroy();
      await new Promise((resolve) => setImmediate(resolve));
      return fakePrincipal();
    };
    dials.mockClear();
    const { told, record } = await world.upgrade();
    expect(record).toMatchObject({ code: 'client_left' });
    expect([told, dials.mock.calls.length, world.seats]).toEqual(['', 0, 0]);
  });

  it('while the upstream is dialled stops that', async () => {
    dials.mockImplementation((_request, signal) => {
      world.socket.destroy();
      return new Promise((resolve) =>
        signal.addEventListener('abort', () => resolve(refuse('client_left', 'aborted'))),
      );
    });
    expect((await world.upgrade()).record).toMatchObject({ code: 'client_left' });
    expect(world.seats).toBe(0);
  });
});

// OP-04
describe('what is broken is a fault of ours and refuses:', () => {
  it('a gate that fails', async () => {
    vi.spyOn(world, 'plan').mockImplementation(broken);
    const { status, told, record } = await world.upgrade();
    expect(status).toBe(500);
    expect(told).not.toContain('broken');
    expect(record.code).toBe('internal');
    expect(world.events).toContainEqual(expect.objectContaining({ name: 'gateway.fault', where: 'upgrade' }));
  });

  it('an upstream that chose what nobody offered, and lets go of it', async () => {
    dials.mockImplementation(async () => world.dialled('never.offered'));
    expect((await world.upgrade()).status).toBe(500);
    expect([world.seats, world.upstream.destroyed]).toEqual([0, true]);
  });
});

type Step = 'yes' | 'no' | 'throws' | 'rejects' | 'never' | 'leaves';
const step = fc.constantFrom<Step>('yes', 'no', 'throws', 'rejects', 'never', 'leaves');

/** What a step of the journey does. `never` is cut short by the deadline of that step. */
function play<T>(how: Step, yes: T, no: T): Maybe<T> {
  if (how === 'throws') return broken();
  if (how === 'rejects') return Promise.reject(new TypeError('broken'));
  if (how === 'never') return new Promise(() => {});
  if (how === 'leaves') world.socket.destroy();
  return how === 'no' ? Promise.resolve(no) : yes;
}

describe('whatever each step does', () => {
  it('the client gets one answer, the record one line, and the seat is given back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const dialStep = fc.constantFrom<Step>('yes', 'no', 'throws', 'rejects', 'leaves');
    await fc.assert(
      fc.asyncProperty(step, step, dialStep, fc.boolean(), async (identity, guard, upstream, observe) => {
        world = new World();
        world.routes = [{ ...world.routes[0]!, door: [{ ...world.routes[0]!.door[0]!, observe }] }];
        world.identity = () =>
          play<Identification>(identity, fakePrincipal(), refuse('credential_invalid', ''));
        world.guard = () => play<Verdict>(guard, PASS, refuse('origin_denied', ''));
        dials.mockImplementation(async () =>
          play<Dialled | Refused>(upstream, world.dialled(), refuse('upstream_refused', '')),
        );
        const done = world.upgrade();
        await vi.advanceTimersByTimeAsync(15_000);
        const { status, record } = await done;
        const steps = [identity, observe ? 'yes' : guard, upstream];
        const left = guard === 'leaves'; // observed or not
        const letIn = steps.every((each) => each === 'yes') && !left;
        expect(record.name === 'upgrade.accepted').toBe(letIn);
        expect(world.opened.length).toBe(letIn ? 1 : 0);
        expect(world.seats).toBe(letIn ? 1 : 0);
        if (letIn) expect(status).toBe(101);
        else if (!world.socket.destroyed) expect(status).toBe(record.status);
        if (!letIn && ['throws', 'rejects', 'never'].includes(identity)) expect(record.code).toBe('internal');
      }),
      { numRuns: 300 },
    );
  });
});
