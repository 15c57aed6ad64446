import { describe, expect, it, vi } from 'vitest';
import { fakePrincipal, ManualClock } from '../../test/support/guard.ts';
import { binary, close, OPEN, ping, pong, text } from '../../test/support/raw-frames.ts';
import { arm, fromClient, fromServer, Wired, wordRoute } from '../../test/support/wired-session.ts';
import { silentRecorder } from '../record/recorder.ts';
import { createServices } from '../store/services.ts';
import { retire } from './drain.ts';
import { Registry } from './registry.ts';
import { Sweep } from './sweep.ts';

const ended = ({ client }: Wired) => client.said.findLast((said) => said.startsWith('close'));

describe('a deadline', () => {
  it('of the credential', () => {
    const wired = new Wired(wordRoute({ lifetime: { refreshGrace: 2_000 } }), {
      principal: fakePrincipal({ expiresAt: Date.UTC(2026, 0, 1) + 3_000 }),
    });
    wired.pass(4_500);
    expect(ended(wired)).toBeUndefined();
    wired.pass(500);
    expect(ended(wired)).toBe('close 3000 session_expired');
  });

  it('of silence: messages of either side put it off, pings do not', () => {
    const wired = new Wired(wordRoute({ lifetime: { idle: 10_000 } }));
    wired.pass(8_000);
    wired.client.hear(fromClient(text('x')));
    wired.pass(8_000);
    wired.upstream.hear(fromServer(text('x')));
    wired.pass(8_000);
    expect(ended(wired)).toBeUndefined();
    wired.client.hear(fromClient(ping()));
    wired.pass(2_500);
    expect(ended(wired)).toBe('close 3008 idle');
  });

  it('of age', () => {
    const wired = new Wired(wordRoute({ lifetime: { maximum: 5_000 } }));
    for (let i = 0; i < 4; i++) {
      wired.client.hear(fromClient(text('busy')));
      wired.pass(1_000);
    }
    expect(ended(wired)).toBeUndefined();
    wired.pass(1_000);
    expect(ended(wired)).toBe('close 4001 too_old');
  });

  it('of an unfinished message, from its first byte', () => {
    const route = wordRoute({ frames: { incompleteTimeout: 3_000 } });
    const wired = new Wired(route);
    wired.client.hear(fromClient(text('begun', OPEN)));
    wired.pass(2_000);
    wired.client.hear(fromClient(ping()));
    wired.pass(2_000);
    expect(ended(wired)).toBe('close 1008 message_incomplete');
    expect(wired.named('message.refused')[0]).toMatchObject({ guard: 'frames', code: 'message_incomplete' });
    expect(route.counters.client.refused).toBe(1);
  });

  it('of a header that does not end', () => {
    const wired = new Wired(wordRoute({ frames: { incompleteTimeout: 3_000 } }));
    wired.client.hear(fromClient(text('begun')).subarray(0, 1));
    wired.pass(4_000);
    expect(ended(wired)).toBe('close 1008 message_incomplete');
  });

  it('of an unfinished message of the upstream', () => {
    const wired = new Wired(wordRoute({ frames: { incompleteTimeout: 3_000 } }));
    wired.upstream.hear(fromServer(text('begun', OPEN)));
    wired.pass(4_000);
    expect(ended(wired)).toBe('close 1014 upstream_invalid');
  });

  it('of a message is not that of the next one', () => {
    const wired = new Wired(wordRoute({ frames: { incompleteTimeout: 3_000 } }));
    const bytes = fromClient(text('abcdef'));
    wired.client.hear(bytes.subarray(0, 5));
    for (let i = 0; i < 10; i++) {
      wired.pass(1_000);
      wired.client.hear(Buffer.concat([bytes.subarray(5), bytes.subarray(0, 5)]));
    }
    expect(ended(wired)).toBeUndefined();
  });

  it('of a message does not run while a guard thinks about it', () => {
    const guard = arm({ onMessage: () => new Promise(() => {}) });
    const wired = new Wired(wordRoute({ client: [guard], frames: { incompleteTimeout: 1_000 } }));
    wired.client.hear(fromClient(text('x'), text('begun', OPEN)));
    wired.pass(3_000);
    expect(ended(wired)).toBeUndefined();
  });

  it('of a slow client, from the time that it was full', () => {
    const wired = new Wired(wordRoute({ lifetime: { slowConsumer: 3_000 } }));
    wired.client.stuck = true;
    wired.upstream.hear(fromServer(binary(Buffer.alloc(60_000)), binary(Buffer.alloc(60_000))));
    wired.pass(3_000);
    expect(wired.session.ending).toBe(false);
    wired.pass(500);
    expect(wired.session.ending).toBe(true);
    expect(ended(wired)).toBeUndefined(); // it waits behind what the client did not take
    wired.client.flow();
    expect(ended(wired)).toBe('close 1013 slow_consumer');
  });

  it('of a slow client starts anew when it has drained', async () => {
    const wired = new Wired(wordRoute({ lifetime: { slowConsumer: 3_000 } }));
    for (let i = 0; i < 3; i++) {
      wired.client.stuck = true;
      wired.upstream.hear(fromServer(binary(Buffer.alloc(60_000)), binary(Buffer.alloc(60_000))));
      wired.pass(2_500);
      wired.client.flow();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(wired.session.ending).toBe(false);
  });

  it('of a slow upstream is its fault, not the client’s', () => {
    const wired = new Wired(wordRoute({ lifetime: { slowConsumer: 3_000 } }));
    wired.upstream.stuck = true;
    wired.client.hear(fromClient(binary(Buffer.alloc(60_000)), binary(Buffer.alloc(60_000))));
    expect(wired.client.isPaused()).toBe(true);
    wired.pass(3_500);
    expect(ended(wired)).toBe('close 1014 upstream_timeout');
  });

  it('of a close that nobody answers', () => {
    const wired = new Wired(wordRoute({ lifetime: { closeTimeout: 2_000 } }));
    wired.session.end('session_kicked');
    wired.pass(2_000);
    expect(wired.client.destroyed).toBe(false);
    wired.pass(500);
    expect(wired.client.destroyed).toBe(true);
    expect(wired.upstream.destroyed).toBe(true);
  });

  // UP-07
  it('of a peer that answers the close and never goes', () => {
    const wired = new Wired(wordRoute({ lifetime: { closeTimeout: 2_000 } }));
    wired.session.end('session_kicked');
    wired.upstream.hear(fromServer(close(1001)));
    wired.pass(2_500);
    expect(wired.upstream.destroyed).toBe(true);
  });

  it('of a route that is gone: some time soon, not all at once', () => {
    const registry = new Registry();
    const clock = new ManualClock();
    const all = Array.from({ length: 50 }, () => new Wired(wordRoute(), {}, { registry, clock }));
    retire(registry, clock.ticks, 10_000);
    all[0]!.pass(5_000);
    const half = all.filter(({ session }) => session.ending).length;
    expect(half).toBeGreaterThan(5);
    expect(half).toBeLessThan(45);
    all[0]!.client.hear(fromClient(text('still here')));
    all[0]!.pass(5_500);
    expect(all.every((wired) => ended(wired) === 'close 1012 route_gone')).toBe(true);
  });
});

describe('a heartbeat', () => {
  const beating = wordRoute({ lifetime: { heartbeat: 10_000 } });

  it('pings both legs, and any sign of life will do', () => {
    const wired = new Wired(beating);
    for (let i = 1; i <= 6; i++) {
      wired.pass(10_000);
      expect(wired.client.said.filter((said) => said === 'ping').length).toBeGreaterThanOrEqual(i - 1);
      wired.client.hear(i % 2 ? fromClient(pong()) : fromClient(text('alive')));
      wired.upstream.hear(fromServer(pong()));
    }
    expect(wired.upstream.frames.every(({ masked }) => masked)).toBe(true);
    expect(wired.client.frames.some(({ masked }) => masked)).toBe(false);
    expect(wired.session.ending).toBe(false);
  });

  it('gives up a client after two misses', () => {
    const wired = new Wired(beating);
    for (let i = 0; i < 29; i++) {
      wired.pass(1_000);
      wired.upstream.hear(fromServer(pong()));
    }
    expect(ended(wired)).toBeUndefined();
    wired.pass(2_500);
    expect(ended(wired)).toBe('close 3008 heartbeat_missed');
  });

  it('gives up an upstream after two misses', () => {
    const wired = new Wired(beating);
    for (let i = 0; i < 40; i++) {
      wired.pass(1_000);
      wired.client.hear(fromClient(pong()));
    }
    expect(ended(wired)).toBe('close 1014 upstream_lost');
  });

  it('counts no miss against a leg that we do not read', () => {
    const wired = new Wired(beating);
    wired.upstream.stuck = true;
    wired.client.hear(fromClient(binary(Buffer.alloc(60_000)), binary(Buffer.alloc(60_000))));
    for (let i = 0; i < 60; i++) {
      wired.pass(1_000);
      wired.upstream.hear(fromServer(pong()));
    }
    expect(ended(wired)).toBeUndefined();
  });
});

describe('time that was lost', () => {
  // OP-07
  it('is nobody’s fault: a gateway that was stopped ends no session when it wakes', () => {
    const lifetime = { idle: 20_000, heartbeat: 5_000, slowConsumer: 5_000 };
    const wired = new Wired(wordRoute({ lifetime, frames: { incompleteTimeout: 5_000 } }));
    wired.client.stuck = true;
    wired.upstream.hear(
      fromServer(binary(Buffer.alloc(60_000)), binary(Buffer.alloc(60_000)), text('x', OPEN)),
    );
    wired.client.hear(fromClient(text('half', OPEN)));
    wired.pass(1_000);
    wired.clock.pass(3_600_000); // SIGSTOP, and an hour later SIGCONT
    wired.sweep.tick();
    wired.pass(1_000);
    expect(wired.session.ending).toBe(false);
    wired.pass(5_000);
    expect(wired.session.ending).toBe(true); // and from here on deadlines are what they were
  });

  it('is no ping that was missed', () => {
    const wired = new Wired(wordRoute({ lifetime: { heartbeat: 5_000 } }));
    wired.pass(11_000); // the first ping has gone unanswered
    wired.clock.pass(60_000);
    wired.sweep.tick();
    wired.pass(3_000);
    expect(wired.session.ending).toBe(false);
    wired.pass(3_000);
    expect(wired.session.ending).toBe(true);
  });

  it('does not make a credential last longer', () => {
    const wired = new Wired(wordRoute(), {
      principal: fakePrincipal({ expiresAt: Date.UTC(2026, 0, 1) + 10_000 }),
    });
    wired.clock.pass(3_600_000);
    wired.sweep.tick();
    expect(ended(wired)).toBe('close 3000 session_expired');
  });

  // AX-10
  it('is not made by a clock that was set', () => {
    const wired = new Wired(wordRoute({ lifetime: { idle: 20_000, maximum: 60_000, heartbeat: 30_000 } }), {
      principal: fakePrincipal({ expiresAt: Date.UTC(2026, 0, 1) + 60_000 }),
    });
    for (const step of [3_600_000, -7_200_000, 86_400_000]) {
      wired.clock.wall += step;
      wired.pass(1_000);
    }
    expect(wired.session.ending).toBe(false);
  });
});

describe('the timer', () => {
  // AX-04
  it('looks at all sessions, in slices that leave room for others', async () => {
    const registry = new Registry();
    const clock = new ManualClock();
    const all = Array.from(
      { length: 300 },
      () => new Wired(wordRoute({ lifetime: { maximum: 100 } }), {}, { registry, clock }),
    );
    const sweep = new Sweep(registry, createServices(silentRecorder, clock), 500, 0);
    clock.pass(500);
    sweep.tick();
    expect(all.filter(({ session }) => session.ending).length).toBe(1);
    await vi.waitFor(() => expect(all.every(({ session }) => session.ending)).toBe(true));
  });

  it('starts, stops, and keeps no process alive', async () => {
    const registry = new Registry();
    const clock = new ManualClock();
    const wired = new Wired(wordRoute({ lifetime: { maximum: 100 } }), {}, { registry, clock });
    const sweep = new Sweep(registry, createServices(silentRecorder, clock), 5);
    sweep.start();
    clock.pass(500);
    await vi.waitFor(() => expect(wired.session.ending).toBe(true));
    sweep.stop();
  });
});
