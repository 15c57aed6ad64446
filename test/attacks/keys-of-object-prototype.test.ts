// JS-04
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const NAMES = [
  'toString',
  'hasOwnProperty',
  'length',
  'valueOf',
  'constructor',
  'prototype',
  'then',
  'toJSON',
];

it.each(NAMES)('takes %s for the plain key that it is', async (name) => {
  const pair = new Guarded({
    limits: { perType: { other: '5/s' }, perConnection: { messages: '50/s' } },
  }).connect();
  expect(await pair.send(`{"type":"chat.ping","${name}":1}`)).toBe('pass');
  expect(await pair.send(`{"type":"${name}","map":{"${name}":{"${name}":[]}}}`)).toBe('pass');
  pair.end();
});

it.each(NAMES)('does not find %s on a message that has no such key', async (name) => {
  const pair = new Guarded({
    authorize: [
      { when: 'message.type == "chat.ping"', allow: 'true' },
      { allow: `has(message.${name}) || "${name}" in message` },
    ],
  }).connect();
  await pair.refuses('{"type":"a"}', 'not_authorized');
  pair.end();
});

it('cannot be led to a prototype by a rule that takes its key from the message', async () => {
  const rules = [
    { when: 'message.type == "chat.ping"', allow: 'true' },
    { allow: 'message[message.key] != null' },
  ];
  const pair = new Guarded({ authorize: rules }).connect();
  for (const key of NAMES) await pair.refuses(`{"type":"a","key":"${key}"}`, 'not_authorized');
  pair.end();
});
