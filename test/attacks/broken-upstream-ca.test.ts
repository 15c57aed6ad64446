// UP-11 D4: authorities for an upstream that cannot be read must not become "all public ones".
import { rootCertificates } from 'node:tls';
import { expect, it } from 'vitest';
import { ConfigError } from '../../src/config/problem.ts';
import { startGateway } from '../support/gateway.ts';

const [whole] = rootCertificates as [string];

/** What is wrong with a route whose upstream is vouched for by this file. */
async function problemsWith(bundle: string): Promise<string[]> {
  const upstream = { url: 'wss://127.0.0.1:9', ca: 'upstream.pem' };
  const route = { name: 'chat', match: { path: '/chat' }, origins: 'none-required', identify: ['visitors'] };
  try {
    const config = { routes: [{ ...route, upstream }] };
    await (await startGateway({ config, files: { 'upstream.pem': bundle } })).stop();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path }) => path);
    throw error;
  }
}

it.each([
  ['empty', ''],
  ['white space', ' \n'],
  ['garbage', 'garbage'],
  ['cut off in its second certificate', whole + whole.slice(0, 200)],
  ['damaged', whole.replace(/M/g, '!')],
])('refuses a file that is %s', async (_, bundle) => {
  expect(await problemsWith(bundle)).toEqual(['routes[0].upstream.ca']);
});

it('takes a whole one', async () => {
  expect(await problemsWith(whole)).toEqual([]);
});
