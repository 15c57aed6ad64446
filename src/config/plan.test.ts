// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the configuration
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentRecorder } from '../record/recorder.ts';
import { createServices } from '../store/services.ts';
import { diagnose } from './diagnose.ts';
import { fromValues, isLoaded, loadConfig } from './load.ts';
import { type CompiledPlan, compilePlan, isPlan } from './plan.ts';
import { type ConfigProblem, problemText } from './problem.ts';

let folder: string;
const services = createServices(silentRecorder);
const AUTHORITY = rootCertificates[0]!;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-plan-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const put = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);

/** Writes a configuration with these routes, and with one listener and one identity. */
function write(routes: string): string {
  put(
    'sallyport.yaml',
    `listeners: { public: { address: 127.0.0.1:0, tls: { certificates: [{ cert: c.pem, key: k.pem }] } } }
identities: { visitors: { anonymous: {} }, guests: { anonymous: { subject: guest } } }
routes:
${routes}`,
  );
  return path.join(folder, 'sallyport.yaml');
}

const route = (name: string, more = ''): string => `
  - name: ${name}
    match: { path: /${name} }
    origins: none-required
    identify: [visitors]
    upstream: { url: ws://127.0.0.1:9000 }
${more}`;

function compiled(file: string, previous?: CompiledPlan): CompiledPlan | ConfigProblem[] {
  const loaded = loadConfig(file, {});
  return isLoaded(loaded) ? compilePlan(loaded, services, previous) : loaded;
}

function planOf(file: string, previous?: CompiledPlan): CompiledPlan {
  const plan = compiled(file, previous);
  if (!isPlan(plan)) throw new Error(plan.map(problemText).join('\n'));
  return plan;
}

function problemsOf(file: string): string[] {
  const plan = compiled(file);
  if (isPlan(plan)) throw new Error('it has no problems');
  return plan.map((problem) => problemText({ ...problem, file: path.relative(folder, problem.file) }));
}

test('each reload counts one up', () => {
  const first = planOf(write(route('a')));
  expect(first.generation).toBe(1);
  expect(planOf(write(route('a')), first).generation).toBe(2);
});

test('a route knows its identities, in order, and all are known for health', () => {
  const plan = planOf(write(route('a').replace('[visitors]', '[guests]')));
  expect(plan.routes[0]!.identities.map(({ name }) => name)).toEqual(['guests']);
  expect(plan.identities.map(({ name }) => name)).toEqual(['visitors', 'guests']);
});

test('what a route leaves out has its default', () => {
  const [only] = planOf(write(route('a'))).routes;
  expect(only).toMatchObject({
    host: undefined,
    protocols: [],
    onInvalid: 'answer',
    inflate: false,
    frames: { maxBytes: 65_536 },
    lifetime: {
      idle: Number.POSITIVE_INFINITY,
      maximum: Number.POSITIVE_INFINITY,
      heartbeat: 30_000,
      refreshGrace: 0,
    },
    upstream: { forward: {}, passHeaders: [], connectTimeout: 5_000, handshakeTimeout: 10_000 },
  });
});

test('guards are armed where they act, and observe where they are told to', () => {
  const more = '    limits: { perSubject: { connections: 5, messages: 20/s } }\n    observe: [rate]\n';
  const [only] = planOf(write(route('a', more))).routes;
  expect(only!.door.map(({ name, observe }) => [name, observe])).toContainEqual(['connections', false]);
  expect(only!.inspect.client.map(({ name, observe }) => [name, observe])).toContainEqual(['rate', true]);
  expect(only!.inspect.server.map(({ name }) => name)).not.toContain('rate');
});

test('a subprotocol that is deprecated says so', () => {
  const more = '    protocols: [chat.v2, { name: chat.v1, deprecated: use chat.v2 }]\n';
  const [only] = planOf(write(route('a', more))).routes;
  expect(only!.protocols).toEqual(['chat.v2', 'chat.v1']);
  expect([...only!.deprecated]).toEqual([['chat.v1', 'use chat.v2']]);
});

test('every file that was read is there to be watched', () => {
  put('ca.pem', AUTHORITY);
  const file = write(route('a').replace('9000 }', '9000, ca: ca.pem }'));
  const plan = planOf(file);
  expect(plan.files).toEqual([file, path.join(folder, 'ca.pem')]);
  expect(plan.routes[0]!.upstream.ca).toBe(AUTHORITY);
});

test('the digest changes with the configuration and with every file, and with nothing else', () => {
  put('ca.pem', AUTHORITY);
  const text = route('a').replace('9000 }', '9000, ca: ca.pem }');
  const first = planOf(write(text));
  expect(planOf(write(`# a comment\n${text}`), first).digest).toBe(first.digest);
  expect(planOf(write(text.replace('9000', '9001'))).digest).not.toBe(first.digest);
  write(text);
  put('ca.pem', `${AUTHORITY}\n`);
  expect(planOf(path.join(folder, 'sallyport.yaml')).digest).not.toBe(first.digest);
});

test('what a guard cannot build has its line', () => {
  const more =
    "    dialect: { json: { type: /type } }\n    authorize:\n      - { allow: 'message.room ==' }\n";
  expect(problemsOf(write(route('a', more)))).toEqual([
    expect.stringMatching(/^sallyport\.yaml:12:18 routes\[0\]\.authorize\[0\]\.allow: /),
  ]);
});

test('what is wrong in a file that is named has its own', () => {
  put('chat.yaml', 'asyncapi: 3.0.0\ninfo: {}\noperations: 7\n');
  const more = '    dialect: { json: { type: /type } }\n    messages: { schemas: chat.yaml }\n';
  const [first] = problemsOf(write(route('a', more)));
  expect(first).toMatch(/chat\.yaml/);
});

test('a misspelt key does not hide a wrong expression, in the same route or another', () => {
  const wrong = "    dialect: { json: { type: /type } }\n    authorize: [{ allow: 'message.room ==' }]\n";
  const file = write(`${route('a', `${wrong}    lifetim: {}\n`)}${route('b', wrong)}`);
  const paths = diagnose(file, services, {}).map((problem) => problem.path);
  expect(paths).toEqual([
    'routes[0].authorize[0].allow',
    'routes[0].lifetim',
    'routes[1].authorize[0].allow',
  ]);
});

test('a configuration of values, from a program', () => {
  const values = {
    listeners: {
      public: { address: '127.0.0.1:0', tls: { certificates: [{ cert: 'c.pem', key: 'k.pem' }] } },
    },
    identities: { visitors: { anonymous: {} } },
    routes: [
      {
        name: 'a',
        match: { path: '/a' },
        origins: 'none-required',
        identify: ['visitors'],
        upstream: { url: 'ws://127.0.0.1:9000' },
      },
    ],
  };
  const loaded = fromValues(values, folder);
  if (!isLoaded(loaded)) throw new Error('it does not load');
  const plan = compilePlan(loaded, services);
  expect(isPlan(plan) && plan.files).toEqual([]);
  const broken = fromValues({ ...values, routes: [] }, folder);
  expect(broken).toMatchObject([
    { file: '(program)', line: 1, path: 'routes', message: 'must not be empty' },
  ]);
});

test.each([
  ['limits: { perSubject: { connections: "${VALUE}" } }', '5', '5 apples'],
  ['dangerouslyAllowCrossSiteCookies: "${VALUE}"', 'true', 'yes'],
])('%s may come from the environment', (line, right, wrong) => {
  const file = write(route('a', `    ${line}\n`));
  expect(isLoaded(loadConfig(file, { VALUE: right }))).toBe(true);
  expect(isLoaded(loadConfig(file, { VALUE: wrong }))).toBe(false);
});
