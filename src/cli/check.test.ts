import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testIo } from '../../test/support/io.ts';
import { createDevelopmentCa } from '../edge/development-ca.ts';
import { run } from './run.ts';

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-check-'));
  const ca = await createDevelopmentCa();
  for (const name of ['public', 'admin']) {
    const { cert, key } = await ca.issue({ dns: ['localhost'] });
    writeFileSync(path.join(folder, `${name}.pem`), cert);
    writeFileSync(path.join(folder, `${name}.key`), key, { mode: 0o600 });
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What `check` says of a configuration with these sections beside the usual ones: path and message of each problem. */
async function problemsOf(sections: string): Promise<[string, string][]> {
  const file = path.join(folder, 'sallyport.yaml');
  writeFileSync(
    file,
    `listeners: { public: { address: 127.0.0.1:0, tls: { certificates: [{ cert: public.pem, key: public.key }] } } }
identities: { visitors: { anonymous: {} } }
routes: [{ name: chat, match: { path: /chat }, origins: none-required, identify: [visitors], upstream: { url: ws://127.0.0.1:9 } }]
${sections}
`,
  );
  const io = testIo();
  await run(['check', '--json', file], io);
  const { problems } = JSON.parse(io.output.join('\n')) as { problems: { path: string; message: string }[] };
  return problems.map(({ path: at, message }) => [at, message]);
}

const admin = (cert: string, key: string): string =>
  `admin: { address: 127.0.0.1:0, token: operators-0123456789, tls: { cert: ${cert}, key: ${key} } }`;

test('nothing is wrong where nothing is wrong', async () => {
  expect(await problemsOf(`${admin('admin.pem', 'admin.key')}\nstate: { directory: data }`)).toEqual([]);
});

test.each([
  ['admin.pem', 'none.key', 'admin.tls.key', /none\.key: cannot read the file: there is no such file/],
  ['admin.pem', 'public.key', 'admin.tls.key', /the key does not belong to the certificate/],
  ['admin.key', 'admin.key', 'admin.tls.cert', /admin\.key: /],
])('the admin listener with %s and %s has its fault at %3$s', async (cert, key, at, message) => {
  expect(await problemsOf(admin(cert, key))).toEqual([[at, expect.stringMatching(message)]]);
});

test('what a gateway should remember and cannot read is a problem', async () => {
  writeFileSync(path.join(folder, 'data.mdb'), 'no database');
  expect(await problemsOf('state: { directory: . }')).toEqual([
    ['state.directory', expect.stringMatching(/is damaged/)],
  ]);
});
