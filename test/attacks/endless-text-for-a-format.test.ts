// JS-17: 60 KiB made for the expression behind each format. One that backtracks would take minutes.
import { expect, it } from 'vitest';
import { schemaRoute } from '../support/schema-route.ts';

const LENGTH = 60_000;
const fill = (unit: string) => unit.repeat(Math.floor(LENGTH / unit.length));

const EVIL: Readonly<Record<string, readonly string[]>> = {
  email: [`${fill('a.')}@`, `a@${fill('a-')}`, `a@${fill('a.')}!`, fill('@')],
  hostname: [fill('a-'), `${fill('a.')}!`, fill('a')],
  uri: [`a:${fill('%20')}%`, `${fill('a+')}`, `http://${fill('a:')}|`, `http://${fill('//')} `],
  'uri-reference': [`${fill('%20')}%`, `${fill('a@')} `],
  'date-time': [`2026-01-01T00:00:00.${fill('1')}`, fill('2026-')],
  time: [`00:00:00.${fill('1')}`],
  duration: [`P${fill('1')}`, `P${fill('1Y')}`],
  ipv4: [fill('1.')],
  ipv6: [fill('1:'), fill(':'), fill('::')],
  uuid: [fill('0123-')],
  'json-pointer': [`${fill('/~0')}~`],
  byte: [`${fill('aGkh')}=a==`],
};

const cases = Object.entries(EVIL).flatMap(([format, texts]) =>
  texts.map((text) => [format, text.slice(0, 6), text] as const),
);

it.each(cases)('%s holds no more than a moment: %s…', async (format, _, text) => {
  const schema = {
    type: 'object',
    properties: { type: true, text: { type: 'string', format } },
    additionalProperties: false,
  };
  const pair = schemaRoute({ 'chat.send': schema }).connect();
  await pair.refuses(JSON.stringify({ type: 'chat.send', text }), 'schema_invalid');
  pair.end();
});

it('a format that would compile what was sent does not load', () => {
  expect(() => schemaRoute({ 'chat.send': { type: 'string', format: 'regex' } })).toThrow(
    /unknown format "regex"/,
  );
});
