// AX-10: the system clock is set an hour back, or forth. No open session is ended by it, and none lives longer.
import { afterEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/store/clock.ts';
import { Chat, echoes } from '../support/chat.ts';

const HOUR = 3_600_000; // ms

let chat: Chat;

afterEach(async () => {
  vi.restoreAllMocks();
  await chat.close();
});

it.each([
  ['back', -HOUR],
  ['forth', HOUR],
])('an hour %s', async (_name, step) => {
  const lifetime = { idle: '30s', maximum: '2h', heartbeat: '10s' };
  chat = await Chat.open({ route: { lifetime } });
  const peer = await chat.join();
  await echoes(peer);
  const swept = vi.spyOn(systemClock, 'monotonic');
  vi.spyOn(systemClock, 'now').mockImplementation(() => Date.now() + step);
  await vi.waitFor(() => expect(swept.mock.calls.length).toBeGreaterThan(4), 8_000); // two rounds of the sweep
  await echoes(peer, 'after the step');
  expect(chat.named('session.closed')).toEqual([]);
  vi.spyOn(systemClock, 'monotonic').mockImplementation(() => performance.now() + 901_000);
  expect(await peer.closed()).toMatchObject({ code: 3000 }); // its fifteen minutes are over, whatever the wall says
});
