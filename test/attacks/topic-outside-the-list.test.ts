// AC-03
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const gate = new Guarded({
  authorize: [
    { when: 'message.type == "subscribe"', allow: 'message.topic in claims.topics' },
    { when: 'message.type == "chat.ping"', allow: 'true' },
  ],
});
const subscribe = (topic: unknown) => JSON.stringify({ type: 'subscribe', topic });
const ada = { claims: { topics: ['news/sport', 'news/café'] } };

it('lets a listed topic pass', async () => {
  const pair = gate.connect(ada);
  expect(await pair.send(subscribe('news/sport'))).toBe('pass');
  pair.end();
});

it.each([
  'news/weather',
  '#',
  '*',
  'news/*',
  'news/+',
  'news/../news/sport',
  'news//sport',
  'news/sport/',
  'News/Sport',
  ' news/sport',
  'news/sport\u0000',
  'news/ѕport',
  'news/cafe\u0301',
  '$SYS/broker',
  '',
  null,
  7,
  ['news/sport'],
  { topic: 'news/sport' },
])('refuses %j', async (topic) => {
  const pair = gate.connect(ada);
  await pair.refuses(subscribe(topic), 'not_authorized');
  pair.end();
});
