import { describe, expect, it } from 'vitest';
import { ClientBench } from '../../test/support/client.ts';
import type { Failed } from './events.ts';
import type { ClientOptions } from './options.ts';
import type { Fetch } from './platform.ts';

/** A client whose gateway answers what the test says: a body for 200, a status for no. */
class Desked extends ClientBench {
  readonly asked: { url: string; headers: Readonly<Record<string, string>>; body: unknown }[] = [];
  readonly answers: (object | number)[] = [];

  constructor(options: ClientOptions = {}) {
    const fetch: Fetch = async (url, { headers, body }) => {
      this.asked.push({ url, headers, body: JSON.parse(body) });
      const answer = this.answers.shift() ?? 500;
      const status = typeof answer === 'number' ? answer : 200;
      return { ok: status < 300, status, json: async () => answer };
    };
    let tokens = 0;
    super({ getToken: () => ({ token: `t${++tokens}`, expiresIn: 100_000 }), fetch, ...options });
  }

  get errors(): string[] {
    return this.of('error').map((event) => (event as Failed).error.code);
  }
}

const TICKET = { ticket: 'k1', session: 's1' };

describe('a ticket', () => {
  it('is fetched with the token, and alone travels with the socket', async () => {
    const bench = new Desked({ ticket: true, protocols: ['chat.v1'] });
    bench.answers.push(TICKET);
    await bench.open();
    expect(bench.asked).toEqual([
      {
        url: 'https://localhost/.well-known/sallyport/tickets',
        headers: { 'content-type': 'application/json', authorization: 'Bearer t1' },
        body: { path: '/chat' },
      },
    ]);
    expect(bench.socket.offers).toEqual(['chat.v1', 'ticket.k1']);
    expect(bench.client.session).toBe('s1');
  });

  it('is fetched by cookie where there is no token', async () => {
    const bench = new Desked({ ticket: true, getToken: undefined as never });
    bench.answers.push(TICKET);
    await bench.open();
    expect(bench.asked[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([403, {}])('that is answered with %j is a failed attempt', async (answer) => {
    const bench = new Desked({ ticket: true });
    bench.answers.push(answer);
    bench.client.connect();
    await bench.settle();
    expect([bench.errors, bench.client.state, bench.sockets]).toEqual([['ticket_failed'], 'waiting', []]);
  });
});

describe('renewing', () => {
  /** A client with a session whose token has 100 s left; half of the spread makes it renew after 80. */
  async function open(options: ClientOptions = {}): Promise<Desked> {
    const bench = new Desked({ ticket: true, ...options });
    bench.answers.push(TICKET);
    await bench.open();
    return bench;
  }

  it('brings a new token before the old one runs out, and the next before that one does', async () => {
    const bench = await open();
    bench.answers.push({ expiresIn: 10_000 });
    await bench.after(79_999);
    expect(bench.asked).toHaveLength(1);
    await bench.after(1);
    expect(bench.asked[1]).toMatchObject({
      url: 'https://localhost/.well-known/sallyport/sessions/s1/refresh',
      headers: { authorization: 'Bearer t2' },
      body: { path: '/chat' },
    });
    bench.answers.push({});
    await bench.after(8_000);
    expect(bench.asked).toHaveLength(3);
    await bench.after(10_000_000);
    expect([bench.asked.length, bench.errors, bench.client.state]).toEqual([3, [], 'open']);
  });

  it('tries again while there is time, and says each time that it failed', async () => {
    const bench = await open();
    bench.answers.push(503, { expiresIn: 100_000 });
    await bench.after(80_000);
    await bench.after(5_000);
    expect([bench.asked.length, bench.errors]).toEqual([3, ['refresh_failed']]);
  });

  it.each([401, 403, 404])('does not insist after %d', async (status) => {
    const bench = await open();
    bench.answers.push(status);
    await bench.after(99_000);
    expect([bench.asked.length, bench.errors]).toEqual([2, ['refresh_failed']]);
  });

  it('ends with its connection', async () => {
    const bench = await open();
    bench.answers.push(TICKET);
    bench.socket.end(1006);
    await bench.after(500);
    await bench.after(80_000);
    expect(bench.asked.filter(({ url }) => url.includes('refresh'))).toEqual([]);
  });

  it('is not done unless it is wanted, nor where nobody knows the session', async () => {
    const unwanted = await open({ refresh: false });
    await unwanted.after(99_000);
    expect(unwanted.asked).toHaveLength(1);
    const unknown = new Desked();
    await unknown.open();
    await unknown.after(99_000);
    expect(unknown.asked).toEqual([]);
  });
});
