import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { run } from '../../src/cli/run.ts';
import type { GuardKind } from '../../src/pipeline/guard.ts';
import { buildGuard, codeOf, fakeCandidate, fakeContext, fakeServices } from '../support/guard.ts';
import { testIo } from '../support/io.ts';
import { documents, type Fence, fencesOf } from '../support/markdown.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';

// Every YAML block in the documents is what it says it is:
// `sallyport.yaml` a whole configuration, `part` some of its sections, `route` some keys of a route, the page’s earlier ones included.

const ENVIRONMENT = {
  SALLYPORT_ADMIN_TOKEN: 'operators-0123456789',
  SALLYPORT_METRICS_TOKEN: 'metrics-0123456789',
  INTROSPECTION_SECRET: 'a secret',
  SIGNALS_SECRET: 'a-secret-of-both',
  STATE_PASSWORD: 'a-password-of-redis',
};

const BASE = `
listeners: { public: { address: 0.0.0.0:8443, tls: { certificates: [{ cert: cert.pem, key: key.pem }] } } }
identities:
  visitors: { anonymous: {} }
  staff: { jwt: { issuer: https://id.example.com, audience: chat, algorithms: [RS256] } }
routes:
  - { name: chat, match: { path: /chat }, origins: none-required, identify: [visitors], upstream: { url: ws://127.0.0.1:9000 } }
`;

const SEND = {
  type: 'object',
  required: ['type', 'room'],
  properties: { type: { const: 'chat.send' }, room: { type: 'string' } },
  additionalProperties: false,
};

interface Block extends Fence {
  readonly file: string;
}

const blocks = documents()
  .filter((file) => !file.startsWith('docs/reference/'))
  .flatMap((file) => fencesOf(file).map((fence): Block => ({ file, ...fence })))
  .filter(({ language }) => language === 'yaml')
  .map((block): [string, Block] => [`${block.file}:${block.line} ${block.info}`, block]);

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await createSandbox();
  sandbox.write('schemas/chat.send.json', JSON.stringify(SEND));
});

afterAll(() => sandbox.remove());

/** A `route` block adds to those before it on the same page. */
function configurationOf({ file, info, line, text }: Block): string {
  if (info === 'sallyport.yaml') return text;
  const base = parse(BASE);
  if (info === 'part') return stringify({ ...base, ...parse(text) });
  const before = blocks.filter(
    ([, each]) => each.file === file && each.info === 'route' && each.line <= line,
  );
  const route = Object.assign({}, base.routes[0], ...before.map(([, each]) => parse(each.text)));
  return stringify({ ...base, routes: [route] });
}

describe('configurations', () => {
  it.each(blocks.filter(([, { info }]) => ['sallyport.yaml', 'part', 'route'].includes(info)))(
    '%s loads',
    async (_, fence) => {
      const file = sandbox.write('sallyport.yaml', configurationOf(fence));
      const io = testIo({ environment: ENVIRONMENT });
      await run(['check', file], io);
      expect(io.errors).toEqual([]);
      expect(io.output).toEqual([`${file}: no problems`]);
    },
  );

  it('are all of a known sort', () => {
    const sorts = [
      'sallyport.yaml',
      'part',
      'route',
      'kubernetes',
      'scenario',
      'rehearsal',
      'workflow',
      'unknown',
    ];
    expect(blocks.filter(([, { info }]) => !sorts.includes(info)).map(([name]) => name)).toEqual([]);
  });

  it.each(blocks)('%s is YAML', (_, { text }) => {
    for (const document of parseAllDocuments(text)) expect(document.errors).toEqual([]);
  });
});

describe('the guard of write-a-guard.md', () => {
  const [fence] = fencesOf('docs/guides/write-a-guard.md').filter(({ info }) => info === 'guard');

  /** Beside the sources' packages, so that they are found; its imports lead to the sources themselves. */
  async function load(): Promise<GuardKind> {
    mkdirSync('.sallyport', { recursive: true });
    const folder = mkdtempSync('.sallyport/guide-');
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = resolve(join(folder, 'hours.ts'));
    writeFileSync(file, fence!.text.replace("'sallyport/guard'", `'${resolve('src/guard.ts')}'`));
    return ((await import(file)) as { hours: GuardKind }).hours;
  }

  it('keeps the hours', async () => {
    const services = fakeServices();
    const guard = buildGuard(await load(), { hours: { from: 8, to: 18 } }, fakeContext({ services }));
    const at = async (hour: number) => {
      services.clock.wall = Date.UTC(2026, 0, 1, hour, 59);
      return codeOf(await guard?.onUpgrade?.(fakeCandidate()));
    };
    expect(await at(7)).toBe('not_authorized');
    expect(await at(8)).toBe('pass');
    expect(await at(17)).toBe('pass');
    expect(await at(18)).toBe('not_authorized');
  });
});
