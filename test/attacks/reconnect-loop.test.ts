// RL-10: a client that is refused comes back at once, again and again. It is told to wait, then not even answered, and
// nothing is done for it.
import { afterEach, expect, it } from 'vitest';
import { Chat } from '../support/chat.ts';
import { UpgradeRefused } from '../support/raw-client.ts';
import { jwtOptionsOf, newSigner, tokenOf } from '../support/tokens.ts';

let chat: Chat;

afterEach(() => chat.close());

it('is told to wait, longer than it takes to ask again', async () => {
  chat = await Chat.open({
    config: { identities: { staff: { jwt: jwtOptionsOf({ badTokens: '5/m', jwks: 'keys.json' }) } } },
  });
  const answers: UpgradeRefused[] = [];
  for (let i = 0; i < 12; i++) {
    const headers = { Authorization: `Bearer ${tokenOf(newSigner())}` };
    answers.push((await chat.knock({}, { headers })) as UpgradeRefused);
  }
  const statuses = answers.map(({ status }) => status);
  const flooded = statuses.indexOf(429);
  expect(flooded).toBeGreaterThan(0);
  expect(new Set(statuses.slice(0, flooded))).toEqual(new Set([401]));
  expect(new Set(statuses.slice(flooded))).toEqual(new Set([429]));
  for (const { headers } of answers.slice(flooded)) {
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(5);
  }
  expect(chat.upstream.requests).toEqual([]);
});

it('is told to wait longer each time, whatever it is refused for, until it is let in', async () => {
  chat = await Chat.open();
  const told = async (): Promise<number[]> => {
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      const { status, headers } = (await chat.knock({ exp: 1 })) as UpgradeRefused;
      expect(status).toBe(401);
      waits.push(Number(headers.get('retry-after') ?? 0));
    }
    return waits;
  };
  const waits = await told();
  expect(waits.slice(0, 3)).toEqual([0, 0, 0]);
  // At least 2, 4, 8, 16 and 32 s, and a spread of 8 s above.
  for (const [i, wait] of waits.slice(3).entries()) {
    expect(wait).toBeGreaterThanOrEqual(2 ** (i + 1));
    expect(wait).toBeLessThanOrEqual(2 ** (i + 1) + 8);
  }
  expect(await chat.knock()).toBe('in');
  expect((await told()).slice(0, 3)).toEqual([0, 0, 0]);
});

it('is not answered at all once it opens connections faster than an address may', async () => {
  chat = await Chat.open({ listener: { limits: { perAddress: { connections: 100, handshakes: '5/m' } } } });
  const outcomes = [];
  for (let i = 0; i < 12; i++) {
    const outcome = await chat.knock({ exp: 1 }).catch((error: NodeJS.ErrnoException) => error.code);
    outcomes.push(outcome instanceof UpgradeRefused ? outcome.status : outcome);
  }
  expect(outcomes.slice(0, 5)).toEqual(Array(5).fill(401));
  expect(outcomes.slice(5)).toEqual(Array(7).fill('ECONNRESET'));
  await chat.gateway.logged('connection.refused', ({ code }) => code === 'address_handshakes');
  expect(chat.named('connection.refused')).toHaveLength(7);
});
