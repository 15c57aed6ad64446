// RL-11: all come at once, as after a restart. All of them get in, some of them later, and who was there already
// is served meanwhile. Times are measured by `npm run bench:storm`.
import { afterEach, expect, it, vi } from 'vitest';
import { Admission, admissionOf } from '../../src/edge/admission.ts';
import { Turnstile } from '../../src/edge/turnstile.ts';
import { counterweight, TLS_SOCKET } from '../../src/record/counterweight.ts';
import { Chat, echoes } from '../support/chat.ts';
import { UpgradeRefused } from '../support/raw-client.ts';
import { text } from '../support/raw-frames.ts';
import type { RawPeer } from '../support/raw-peer.ts';

const HERD = 500;

let chat: Chat;

afterEach(() => {
  vi.restoreAllMocks();
  return chat.close();
});

/** Comes again until it is let in, as clients do. */
async function insist(sub: string): Promise<RawPeer> {
  for (;;) {
    try {
      return await chat.join({ sub });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (!(error instanceof UpgradeRefused) && code !== 'ECONNRESET') throw error;
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 400));
    }
  }
}

it('lets all of them in, and serves those who are there', { timeout: 180_000 }, async () => {
  chat = await Chat.open();
  const there = await chat.join({ sub: 'there' });
  const admission = admissionOf(chat.gateway.gateway.services);
  let in_ = 0;
  const coming = Array.from({ length: HERD }, async (_, i) => {
    const peer = await insist(`p${i}`);
    in_++;
    return peer;
  });
  let served = 0;
  while (in_ < HERD) {
    await echoes(there, `message ${served++}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const peers = await Promise.all(coming);
  // How many have to wait is for src/edge/admission.test.ts: here it hangs on how quickly the machine lets them come.
  expect(served).toBeGreaterThan(10);
  expect(admission.waiting).toBe(0);
  await Promise.all(peers.map((peer, i) => echoes(peer, `from ${i}`)));
  expect(there.ended).toBe(false);
  expect(await chat.metric('sallyport_connections', { route: 'chat' })).toBe(HERD + 1);
  expect(await chat.metric('sallyport_admission_waiting')).toBe(0);

  const { reserved } = counterweight; // which is less by what their sockets are
  expect(reserved).toBeGreaterThan(0);
  for (const peer of peers) peer.destroy();
  const back = reserved + (HERD - 100) * TLS_SOCKET;
  await vi.waitFor(() => expect(counterweight.reserved).toBeGreaterThan(back), { timeout: 10_000 });
});

it('resets who would wait too long, before TLS, and says so', async () => {
  chat = await Chat.open();
  const enter = vi.spyOn(Admission.prototype, 'enter').mockReturnValue(false); // as many wait as may
  expect(await chat.knock().catch(({ code }: NodeJS.ErrnoException) => code)).toBe('ECONNRESET');
  enter.mockRestore();
  expect(await chat.gateway.logged('connection.refused')).toMatchObject({ code: 'admission_full' });
  expect(chat.named('tls.failed')).toEqual([]);
  expect(chat.upstream.requests).toEqual([]);
  expect(await chat.knock()).toBe('in');
});

it('makes a session in a turn of its own, of all that its upstream has said before', async () => {
  chat = await Chat.open({ upstream: {} });
  const turn = { come: () => {} };
  // There is time to begin and to read the request, and then there is none.
  const enter = vi.spyOn(Turnstile.prototype, 'enter').mockReturnValueOnce(true).mockReturnValueOnce(true);
  enter.mockReturnValueOnce(false);
  const wait = vi.spyOn(Turnstile.prototype, 'wait').mockImplementationOnce(
    () =>
      new Promise((resolve) => {
        turn.come = resolve;
      }),
  );
  let in_ = false;
  const coming = chat.join({ sub: 'late' }).then((peer) => {
    in_ = true;
    return peer;
  });
  const upstream = await chat.upstream.next();
  upstream.send(text('welcome'));
  await vi.waitFor(() => expect(wait).toHaveBeenCalledOnce());
  expect(in_).toBe(false);
  turn.come();
  expect((await (await coming).nextOf('text')).payload.toString()).toBe('welcome');
});
