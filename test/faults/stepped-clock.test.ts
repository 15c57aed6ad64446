// AX-10 RL-09: the wall clock of a gateway process is set an hour forth and two back, while sessions live
import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { total } from '../support/exposition.ts';
import { closeCode, echo, ServedFleet } from '../support/served-fleet.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const HOUR = 3_600_000; // ms
const BURST = 20;

const signer = newSigner();
let fleet: ServedFleet;
/** Where the clock of the gateway stands. */
let ahead: number;

beforeEach(async () => {
  ahead = 0;
  process.env.CLOCK_STEPS = `${HOUR},${-2 * HOUR}`;
  const lifetime = "lifetime: { heartbeat: 1s, idle: 30m, maximum: '90m' }";
  const limits = `limits: { perSubject: { messages: 1/s, burst: ${BURST} }, refusals: 1000/s }`;
  fleet = await ServedFleet.start({
    workers: 1,
    hook: pathToFileURL(path.resolve('test/support/stepped-clock.mjs')).href,
    identity: `staff: ${JSON.stringify({ jwt: jwtOptionsOf() })}`,
    files: { 'keys.json': keySetText(signer) },
    more: `    ${lifetime}\n    messages: { onInvalid: drop }\n    ${limits}\n`,
  });
  delete process.env.CLOCK_STEPS;
});

afterEach(() => fleet.end());

async function step(by: number): Promise<void> {
  fleet.signal('SIGUSR2');
  ahead += by;
  await vi.waitFor(() => expect(fleet.errors).toContain(`the clock is ${ahead} ms ahead`), 5_000);
}

/** A token as it is issued now, by a clock that is so far ahead of ours. */
const bearer = (sub: string, clock = 0) => ({
  Authorization: `Bearer ${tokenOf(signer, claimsOf({ sub }, Date.now() + clock))}`,
});
const join = (sub: string, clock = 0) => fleet.connect('/chat', bearer(sub, clock));

/** Waits for two heartbeats: the sweep looks at all deadlines more often than that. */
async function beats(client: WebSocket): Promise<void> {
  for (let i = 0; i < 2; i++) await once(client, 'ping');
}

/** How many of so many messages are let through. */
async function passed(client: WebSocket, count: number): Promise<number> {
  const before = await forwarded();
  for (let i = 0; i < count; i++) client.send('m');
  client.ping();
  await once(client, 'pong'); // all were judged
  return (await forwarded()) - before;
}

async function forwarded(): Promise<number> {
  const labels = { route: 'chat', direction: 'client', outcome: 'forwarded' };
  return total((await fleet.admin('GET /metrics')).text, 'sallyport_messages_total', labels);
}

it('who is connected stays, who comes is judged by the clock as it is, and limits neither stop nor start anew', async () => {
  const [ada, bob] = [await join('ada'), await join('bob')];
  const old = bearer('carol');
  const spent = performance.now();
  expect(await passed(bob, 2 * BURST)).toBeGreaterThanOrEqual(BURST - 1);

  await step(HOUR);
  await beats(ada);
  expect(await echo(ada)).toBe('still here');
  await expect(fleet.connect('/chat', old)).rejects.toThrow('401'); // its fifteen minutes are over, by this clock
  expect(await echo(await join('carol', HOUR))).toBe('still here');
  const earned = (performance.now() - spent) / 1_000;
  expect(await passed(bob, 2 * BURST)).toBeLessThanOrEqual(earned + 2); // an hour would have paid for all

  await step(-2 * HOUR);
  await beats(ada);
  expect(await echo(ada)).toBe('still here');
  await expect(join('dora')).rejects.toThrow('401'); // an hour early, by this clock
  expect(await echo(await join('dora', -HOUR))).toBe('still here');
  await vi.waitFor(async () => expect(await passed(bob, 1)).toBe(1), { timeout: 10_000, interval: 200 });
  expect(fleet.lines.filter(({ event }) => event === 'session.closed')).toEqual([]);

  // Their tokens come from a future that this clock has not seen: they are revoked all the same, and again after that.
  const closed = closeCode(ada);
  await fleet.admin('POST /revocations', { by: 'subject', value: 'ada' });
  expect(await closed).toBe(4500);
  await expect(join('ada', -HOUR - 5_000)).rejects.toThrow('401');
  expect((await fleet.admin('GET /health/ready')).status).toBe(200);
});
