import { z } from 'zod';
import type { Candidate, Connection } from '../../src/pipeline/connection.ts';
import type { RouteContext } from '../../src/pipeline/context.ts';
import type { Fragment, Guard, GuardKind, OptionsOf } from '../../src/pipeline/guard.ts';
import type { Handshake } from '../../src/pipeline/handshake.ts';
import type { Direction, Message, Payload } from '../../src/pipeline/message.ts';
import type { Principal } from '../../src/pipeline/principal.ts';
import type { Verdict } from '../../src/pipeline/verdict.ts';
import { silentRecorder } from '../../src/record/recorder.ts';
import type { Clock } from '../../src/store/clock.ts';
import { createServices, type Services } from '../../src/store/services.ts';

/** A clock that moves only when told to. */
export class ManualClock implements Clock {
  /** Wall time, milliseconds since the epoch. */
  wall = Date.UTC(2026, 0, 1);
  /** Milliseconds that only grow. */
  ticks = 1_000;

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.ticks;
  }

  pass(ms: number): void {
    this.wall += ms;
    this.ticks += ms;
  }
}

export interface FakeServices extends Services {
  readonly clock: ManualClock;
}

export function fakeServices(): FakeServices {
  const clock = new ManualClock();
  return { ...createServices(silentRecorder, clock), clock };
}

export function fakeContext(more: Partial<RouteContext> = {}): RouteContext {
  return {
    route: 'chat',
    dialect: { name: 'json', json: true },
    protocols: [],
    readsCookie: false,
    services: fakeServices(),
    resolve: (path) => path,
    read: () => '',
    list: () => [],
    ...more,
  };
}

export const fakePrincipal = (more: Partial<Principal> = {}): Principal => ({
  identity: 'staff',
  subject: 'ada',
  tenant: 'acme',
  roles: [],
  claims: {},
  ...more,
});

export const fakeHandshake = (more: Partial<Handshake> = {}): Handshake => ({
  listener: 'public',
  address: '192.0.2.1',
  peer: '192.0.2.1',
  host: 'ws.example.com',
  path: '/chat',
  query: '',
  origin: undefined,
  headers: new Map(),
  protocols: [],
  extensions: '',
  key: 'dGhlIHNhbXBsZSBub25jZQ==',
  tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
  ...more,
});

export function fakeCandidate(
  handshake: Partial<Handshake> = {},
  principal: Partial<Principal> = {},
): Candidate {
  return {
    id: 'c1',
    route: 'chat',
    handshake: fakeHandshake(handshake),
    principal: fakePrincipal(principal),
  };
}

export function fakeConnection(more: Partial<Omit<Connection, 'slot'>> = {}): Connection {
  const slots = new Map<string, unknown>();
  return {
    id: 'c1',
    route: 'chat',
    principal: fakePrincipal(),
    address: '192.0.2.1',
    origin: undefined,
    host: 'ws.example.com',
    path: '/chat',
    protocol: '',
    since: Date.UTC(2026, 0, 1),
    slot<T>(key: string, make: () => T): T {
      if (!slots.has(key)) slots.set(key, make());
      return slots.get(key) as T;
    },
    ...more,
  };
}

export function fakePayload(content: string | Buffer, direction: Direction = 'client'): Payload {
  const binary = typeof content !== 'string';
  const bytes = Buffer.from(content as string);
  return { direction, binary, bytes, text: () => bytes.toString('utf8') };
}

/** A message as the `json` dialect reads it. */
export function fakeMessage(body: unknown, more: Partial<Message> = {}): Message {
  const type = (body as { type?: unknown } | null)?.type;
  return {
    direction: 'client',
    type: typeof type === 'string' ? type : undefined,
    id: undefined,
    body,
    content: body,
    ...more,
  };
}

/** Reads a route's keys through the kind's own schemas, as the configuration loader does, and builds the guard. */
export function buildGuard<F extends Fragment>(
  kind: GuardKind<F>,
  written: unknown,
  context: RouteContext = fakeContext(),
): Guard | undefined {
  return kind.create(schemaOf(kind.options).parse(written) as OptionsOf<F>, context);
}

/** The code of a refusal, or `pass`; guards of this kind answer at once. */
export function codeOf(verdict: Verdict | Promise<Verdict> | undefined): string {
  if (!verdict || verdict instanceof Promise) throw new Error('the guard did not answer at once');
  return verdict.pass ? 'pass' : verdict.code;
}

function schemaOf(fragment: Fragment): z.ZodType {
  const shape: Record<string, z.ZodType> = {};
  for (const [key, value] of Object.entries(fragment)) {
    shape[key] = value instanceof z.ZodType ? value : schemaOf(value as Fragment).optional();
  }
  return z.strictObject(shape);
}
