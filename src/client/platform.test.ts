import { afterEach, expect, it, vi } from 'vitest';
import { platformNetwork, platformSocket, systemTimers } from './platform.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

it('hears the events of a browser until it has heard enough', () => {
  const events = new EventTarget();
  const navigator = { onLine: true };
  vi.stubGlobal('navigator', navigator);
  vi.stubGlobal('addEventListener', events.addEventListener.bind(events));
  vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events));
  const network = platformNetwork();
  const heard: (boolean | undefined)[] = [];
  const stop = network?.watch(() => heard.push(network.online()));
  for (const type of ['offline', 'online', 'offline']) {
    navigator.onLine = type === 'online';
    events.dispatchEvent(new Event(type));
  }
  stop?.();
  events.dispatchEvent(new Event('online'));
  expect(heard).toEqual([false, true, false]);
});

it('knows nothing of the network where nobody tells', () => {
  vi.stubGlobal('addEventListener', undefined);
  expect(platformNetwork()).toBeUndefined();
});

it('takes the WebSocket of the platform', () => {
  const WebSocket = class {};
  vi.stubGlobal('WebSocket', WebSocket);
  expect(platformSocket()).toBe(WebSocket);
});

it('has a clock and timers of its own', async () => {
  const before = systemTimers.now();
  const ran = await new Promise<string>((resolve) => {
    systemTimers.clear(systemTimers.set(() => resolve('cleared'), 0));
    systemTimers.set(() => resolve('ran'), 1);
  });
  expect(ran).toBe('ran');
  expect(systemTimers.now()).toBeGreaterThanOrEqual(before);
});
