// JS-24
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';
import { text } from '../support/raw-frames.ts';

const wide = { maxBytes: '16MiB', maxKeys: 1_000_000, maxItems: 1_000_000 };

it('a batch of 10^5 calls is refused with one answer', async () => {
  const pair = new Guarded({ dialect: { 'json-rpc': {} }, messages: wide }).connect();
  const batch = Array.from({ length: 100_000 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'sum' }));
  pair.client.send(text(JSON.stringify(batch)));
  const answer = JSON.parse((await pair.client.nextOf('text')).payload.toString());
  expect(answer).toMatchObject({ id: null, error: { code: -32600, data: { code: 'json_structure' } } });
  expect(pair.client.received).toHaveLength(1);
  expect(pair.upstream.received).toEqual([]);
  pair.end();
});

it('one bad call in a batch refuses the batch', async () => {
  const pair = new Guarded({ dialect: { 'json-rpc': {} } }).connect();
  pair.client.send(
    text(
      '[{"jsonrpc":"2.0","id":1,"method":"sum"},{"jsonrpc":"2.0","id":2,"method":{"_placeholder":true,"num":-1}}]',
    ),
  );
  const answer = JSON.parse((await pair.client.nextOf('text')).payload.toString());
  expect(answer).toMatchObject([
    { id: 1, error: { code: -32600 } },
    { id: 2, error: { code: -32600 } },
  ]);
  expect(pair.upstream.received).toEqual([]);
  pair.end();
});
