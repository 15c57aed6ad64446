// JS-23
import { expect, it } from 'vitest';
import { MAX_PENDING } from '../../src/dialects/pending.ts';
import { Guarded } from '../support/guarded.ts';
import { text } from '../support/raw-frames.ts';

const call = (id: unknown, method = 'sum') => JSON.stringify({ jsonrpc: '2.0', id, method });

/** The error that a route answers a message with. */
async function answerTo(dialect: object, message: string) {
  const pair = new Guarded({ dialect }).connect();
  pair.client.send(text(message));
  const answer = JSON.parse((await pair.client.nextOf('text')).payload.toString());
  expect(pair.upstream.received).toEqual([]);
  pair.end();
  return answer;
}

it.each([
  ['null', null],
  ['an object', { $gt: '' }],
  ['a list', [1]],
  ['true', true],
  ['a fraction', 0.5],
  ['10^6 characters', 'x'.repeat(60_000)],
])('json-rpc takes no id that is %s, and does not echo it', async (_, id) => {
  expect(await answerTo({ 'json-rpc': {} }, call(id))).toMatchObject({ id: null, error: { code: -32600 } });
});

it.each([
  ['a number', 5],
  ['negative', -1],
  ['empty', ''],
  ['37 characters', 'x'.repeat(37)],
  ['null', null],
])('ocpp takes no id that is %s', async (_, id) => {
  const answer = await answerTo({ ocpp: {} }, JSON.stringify([2, id, 'Beat', {}]));
  expect(answer.slice(0, 3)).toEqual([4, '-1', 'RpcFrameworkError']);
});

it('one id for two calls at once is refused, so that no answer can pass as that of another', async () => {
  const pair = new Guarded({ dialect: { 'json-rpc': { calls: 'both' } } }).connect();
  pair.client.send(text(call(1, 'sum')), text(call(1, 'transfer')));
  expect(JSON.parse((await pair.client.nextOf('text')).payload.toString())).toMatchObject({ id: null });
  expect((await pair.upstream.nextOf('text')).payload.toString()).toContain('sum');
  expect(pair.upstream.received).toHaveLength(1);
  pair.end();
});

it('what is remembered of calls is bounded', async () => {
  const pair = new Guarded({ dialect: { ocpp: {} } }).connect();
  for (let i = 0; i < 20 * MAX_PENDING; i++) pair.client.send(text(JSON.stringify([2, `${i}`, 'Beat', {}])));
  await pair.upstream.until(({ received }) => received.length === 20 * MAX_PENDING, 'all calls');
  // the oldest is forgotten, so its answer goes nowhere; the newest is known
  pair.upstream.send(text('[3,"0",{}]'), text(`[3,"${20 * MAX_PENDING - 1}",{"ok":true}]`));
  expect((await pair.client.nextOf('text')).payload.toString()).toContain('ok');
  pair.end();
});
