import type { Chat } from './chat.ts';
import { UpgradeRefused } from './raw-client.ts';
import { text } from './raw-frames.ts';
import type { RawPeer } from './raw-peer.ts';

const FAILS = ['local', 'open', 'closed'] as const;
type Fail = (typeof FAILS)[number];

/** A route for each guard that counts together with others, and for each way in which it can fail. */
export const LIMIT_ROUTES = FAILS.flatMap((fail) => [
  {
    name: `rate-${fail}`,
    match: { path: `/rate-${fail}` },
    messages: { onInvalid: 'drop' },
    limits: { perSubject: { messages: '5/h' }, refusals: '1000/s', fail: { rate: fail } },
  },
  {
    name: `seats-${fail}`,
    match: { path: `/seats-${fail}` },
    limits: { perSubject: { connections: 1 }, fail: { connections: fail } },
  },
  {
    name: `quota-${fail}`,
    match: { path: `/quota-${fail}` },
    messages: { onInvalid: 'drop' },
    limits: { quota: { perSubject: { day: { messages: 5 } } }, fail: { quota: fail } },
  },
]);

/** What `passedOf` should find while nodes cannot count together. */
export const AWAY = {
  'rate local': 4, // and the one by which it was known
  'rate open': 10,
  'rate closed': 0,
  'seats local': ['in', 429],
  'seats open': ['in', 'in'],
  'seats closed': [503, 503],
  'quota local': 5,
  'quota open': 10,
  'quota closed': 429,
};

/** What each limit lets through of ten messages, or of two connections, of subjects that nobody has seen yet. */
export async function passedOf(chat: Chat, subjects = 'during'): Promise<Record<string, unknown>> {
  const passed: Record<string, unknown> = {};
  for (const fail of FAILS) {
    const sub = `${subjects}-${fail}`;
    const talker = await chat.join({ sub }, limited('rate', fail));
    await passes(chat, talker, `rate-${fail}`, 1); // it is known to this limit now whether anybody can be asked
    passed[`rate ${fail}`] = await passes(chat, talker, `rate-${fail}`);
    const seats = [await stay(chat, sub, 'seats', fail), await stay(chat, sub, 'seats', fail)];
    passed[`seats ${fail}`] = seats.map((seat) => (typeof seat === 'number' ? seat : 'in'));
    const quoted = await stay(chat, sub, 'quota', fail);
    passed[`quota ${fail}`] =
      typeof quoted === 'number' ? quoted : await passes(chat, quoted, `quota-${fail}`);
  }
  return passed;
}

/** The path of a route of these. */
export const limited = (guard: 'rate' | 'seats' | 'quota', fail: Fail) => ({ path: `/${guard}-${fail}` });

/** How many of so many messages this gateway lets through, from a client that is alone on the route. */
async function passes(chat: Chat, peer: RawPeer, route: string, count = 10): Promise<number> {
  const labels = { route, direction: 'client', outcome: 'forwarded' };
  const before = await chat.metric('sallyport_messages_total', labels);
  for (let i = 0; i < count; i++) peer.send(text(`m${i}`));
  peer.send({ opcode: 9, payload: Buffer.from('all judged?') });
  await peer.nextOf('pong');
  return (await chat.metric('sallyport_messages_total', labels)) - before;
}

/** Comes in and stays; the status where it is refused. */
async function stay(
  chat: Chat,
  sub: string,
  guard: 'seats' | 'quota',
  fail: Fail,
): Promise<RawPeer | number> {
  try {
    return await chat.join({ sub }, limited(guard, fail));
  } catch (error) {
    if (error instanceof UpgradeRefused) return error.status;
    throw error;
  }
}
