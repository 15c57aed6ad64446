// PD-06, PD-07, PD-08, PD-10, PD-11
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.open({ messages: { compression: 'inflate' }, upstream: { echo: true } });
});

afterAll(() => bench.close());

const name = 'permessage-deflate';

it.each([
  'permessage-bzip2',
  `${name}; unknown`,
  `${name}; server_no_context_takeover; server_no_context_takeover`,
  `${name}; client_max_window_bits=0`,
  `${name}; client_max_window_bits=7`,
  `${name}; client_max_window_bits=16`,
  `${name}; client_max_window_bits=08`,
  `${name}; client_max_window_bits=abc`,
  `${name}; client_max_window_bits=10; client_max_window_bits=10`,
  `${name}; server_max_window_bits`,
  `${name}; server_max_window_bits=99999`,
  `${name}; server_no_context_takeover=1`,
])('does not agree to %s', async (offer) => {
  const { client, headers } = await bench.pair({ offer });
  expect(headers.has('sec-websocket-extensions')).toBe(false);
  client.destroy();
});

it.each([
  name,
  `${name}; client_max_window_bits`,
  `${name}; client_max_window_bits=15`,
  `${name}; client_max_window_bits="15"`,
  `${name}; client_max_window_bits=8`,
  `${name}; server_max_window_bits=8`,
  `${name}; server_no_context_takeover; client_no_context_takeover`,
  `${name}; unknown, ${name}; client_max_window_bits=7, ${name}`,
  `${Array.from({ length: 15 }, () => `${name}; unknown`).join(', ')}, ${name}`,
])('agrees to %s', async (offer) => {
  const { client, headers } = await bench.pair({ offer });
  expect(headers.get('sec-websocket-extensions')).toMatch(/^permessage-deflate; /);
  client.destroy();
});

it.each(['permessage-deflate;', 'permessage-deflate; =', ', permessage-deflate', 'permessage-deflate; a="'])(
  'refuses or declines %s, which breaks the grammar',
  async (offer) => {
    const answer = await bench.pair({ offer }).catch((error: unknown) => error);
    if (answer instanceof Error) expect(answer).toMatchObject({ status: 400 });
    else
      expect((answer as { headers: Map<string, string> }).headers.has('sec-websocket-extensions')).toBe(
        false,
      );
  },
);
