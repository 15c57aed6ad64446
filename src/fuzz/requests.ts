import type { Login } from '../audit/login.ts';
import { upgradeRequest } from '../audit/probe/request.ts';
import type { Target } from '../audit/target.ts';
import { type Case, type Expectation, stepOf } from './case.ts';
import type { Random } from './random.ts';

/** An upgrade request in pieces. */
interface Request {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly rest: string;
}

type Apply = (request: Request, random: Random, canary: string) => Request;

/** One way to change a request, and what a right server does then (RFC 6455 §4.2.1, RFC 9112). */
interface Change {
  readonly what: string;
  readonly expected: Expectation;
  readonly apply: Apply;
}

const refuses = (what: string, apply: Apply): Change => ({ what, expected: 'refuses', apply });
const anything = (what: string, apply: Apply): Change => ({ what, expected: 'anything', apply });

const add = (request: Request, ...fields: Request['fields']): Request => ({
  ...request,
  fields: [...request.fields, ...fields],
});

const set = (request: Request, name: string, value: string): Request => ({
  ...request,
  fields: request.fields.map((field) => (field[0].toLowerCase() === name ? [field[0], value] : field)),
});

const drop = (request: Request, name: string): Request => ({
  ...request,
  fields: request.fields.filter(([each]) => each.toLowerCase() !== name),
});

const KEY = 'sec-websocket-key';
const VERSION = 'sec-websocket-version';
const PROTOCOL = 'Sec-WebSocket-Protocol';
const EXTENSIONS = [
  'permessage-deflate',
  'permessage-deflate; server_max_window_bits=99',
  'x; y="\\"',
  ',,,,',
  `a${' ;b'.repeat(2_000)}`,
];

const CHANGES: readonly Change[] = [
  refuses('no Host', (r) => drop(r, 'host')),
  refuses('two Hosts', (r, _, canary) => add(r, ['Host', `${canary}.example`])),
  refuses('another method', (r, random) => ({
    ...r,
    method: random.pick(['POST', 'PUT', 'HEAD', 'get', 'PRI']),
  })),
  refuses('HTTP/1.0', (r) => ({ ...r, version: 'HTTP/1.0' })),
  refuses('a version that is none', (r, random) => {
    return { ...r, version: random.pick(['HTTP/9.9', 'HTTP/1', 'http/1.1', 'HTTP/1.1x']) };
  }),
  refuses('no key', (r) => drop(r, KEY)),
  refuses('a key of another length', (r, random) => {
    return set(r, KEY, random.bytes(random.pick([0, 1, 15, 17, 64])).toString('base64'));
  }),
  refuses('another WebSocket version', (r, random) => {
    return set(r, VERSION, random.pick(['0', '8', '12', '14', '13, 8', '+13', '013']));
  }),
  refuses('no WebSocket version', (r) => drop(r, VERSION)),
  refuses('no Upgrade', (r) => drop(r, 'upgrade')),
  refuses('another Upgrade', (r, random) =>
    set(r, 'upgrade', random.pick(['h2c', 'websockets', 'web socket'])),
  ),
  refuses('no Connection', (r) => drop(r, 'connection')),
  refuses('Connection without Upgrade', (r) => set(r, 'connection', 'keep-alive')),
  refuses('a body', (r, _, canary) => {
    return { ...add(r, ['Content-Length', String(canary.length)]), rest: canary };
  }),
  refuses('a chunked body', (r, _, canary) => {
    const rest = `${canary.length.toString(16)}\r\n${canary}\r\n0\r\n\r\n`;
    return { ...add(r, ['Transfer-Encoding', 'chunked']), rest };
  }),
  refuses('both lengths', (r) => add(r, ['Content-Length', '5'], ['Transfer-Encoding', 'chunked'])),
  refuses('a space before the colon', (r, _, canary) => add(r, [`X-${canary} `, '1'])),
  refuses('a folded field', (r, _, canary) => add(r, ['X-Folded', `a\r\n ${canary}`])),
  refuses('a NUL in a value', (r, _, canary) => add(r, ['X-Nul', `${canary}\0`])),
  refuses('a bare CR in a value', (r, _, canary) => add(r, ['X-Cr', `${canary}\rx`])),
  refuses('a target with a space', (r, _, canary) => ({ ...r, target: `/${canary} x` })),
  refuses('a target without a slash', (r, _, canary) => ({ ...r, target: canary })),
  anything('a path nobody serves', (r, _, canary) => ({ ...r, target: `/${canary}` })),
  anything('dots in the path', (r, random) => {
    return { ...r, target: random.pick(['/../..', '/%2e%2e/', '/./', '//', '/a/../b']) };
  }),
  anything('an escape that is none', (r, random) => {
    return { ...r, target: random.pick(['/%', '/%zz', '/%00', '/\u00ff']) };
  }),
  anything('a long target', (r, random, canary) => {
    return { ...r, target: `/${canary}${'a'.repeat(random.pick([1_000, 9_000, 70_000]))}` };
  }),
  anything('a query', (r, _, canary) => ({ ...r, target: `${r.target}?q=${canary}` })),
  anything('many fields', (r, random, canary) => {
    const count = random.pick([50, 200, 2_000]);
    return add(r, ...Array.from({ length: count }, (_, i) => [`X-${i}`, canary] as const));
  }),
  anything('a long field', (r, random, canary) => {
    return add(r, ['X-Long', canary + 'b'.repeat(random.pick([4_000, 20_000, 100_000]))]);
  }),
  anything('a foreign Origin', (r, _, canary) => add(r, ['Origin', `https://${canary}.example`])),
  anything('an Origin that is none', (r, random) => {
    return add(r, ['Origin', random.pick(['null', '', '://', 'https://a b', 'file://'])]);
  }),
  anything('many subprotocols', (r, random, canary) => {
    return add(r, [
      PROTOCOL,
      Array(random.pick([10, 1_000]))
        .fill(canary)
        .join(', '),
    ]);
  }),
  anything('extensions', (r, random) => add(r, ['Sec-WebSocket-Extensions', random.pick(EXTENSIONS)])),
  anything('a token that is none', (r, random, canary) => {
    const token = random.pick([canary, `${canary}.${canary}.${canary}`, 'a'.repeat(9_000)]);
    return add(drop(r, 'authorization'), ['Authorization', `Bearer ${token}`]);
  }),
  anything('bytes behind the request', (r, random) => {
    return { ...r, rest: random.bytes(random.pick([1, 100, 9_000])).toString('latin1') };
  }),
];

/** The upgrade request that is right, in pieces. */
function requestOf(target: Target, login: Login): Request {
  const [first = '', ...lines] = upgradeRequest(target, login)
    .bytes.toString('latin1')
    .trimEnd()
    .split('\r\n');
  const [method = '', path = '', version = ''] = first.split(' ');
  const fields = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return { method, target: path, version, fields, rest: '' };
}

/** One upgrade request with one to three things changed. What the strictest of them demands is expected. */
export function requestCase(random: Random, target: Target, login: Login): Case {
  const canary = `zq${random.word(10)}`;
  const right = set(requestOf(target, login), KEY, random.bytes(16).toString('base64'));
  const changes = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => random.pick(CHANGES));
  const request = changes.reduce((before, { apply }) => apply(before, random, canary), right);
  // Of several changes one may undo another: only a single one is held to what it is.
  const expected = changes.length === 1 ? changes[0]!.expected : 'anything';
  const lines = [
    `${request.method} ${request.target} ${request.version}`,
    ...request.fields.map(([name, value]) => `${name}: ${value}`),
  ];
  const head = Buffer.from(`${lines.map((line) => `${line}\r\n`).join('')}\r\n${request.rest}`, 'latin1');
  const what = changes.map((change) => change.what).join(', ');
  const split = head.length < 4_000 ? random.pick(['none', 'none', 'bytes'] as const) : 'none';
  return { version: 1, stage: 'handshake', steps: [stepOf(what, head)], split, expected, canary };
}
