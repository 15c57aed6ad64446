import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { testIo } from '../../test/support/io.ts';
import { run } from './run.ts';

const TOKEN = { SALLYPORT_ADMIN_TOKEN: 'operators-token-0001' };

/** A server that answers as it is told, and where it is. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it.each([
  [[]],
  [['maybe']],
  [['on']],
  [['on', '--minutes', '0']],
  [['on', '--minutes', '1e3']],
  [['off', '--minutes', '5']],
  [['status', '--reason', 'x']],
  [['status', '--admin', 'http://gateway.example.com:9900']],
  [['status', '--admin', 'ftp://127.0.0.1']],
  [['status', '--admin', 'nowhere']],
])('does not understand %j', async (args) => {
  expect(await run(['emergency', ...args], testIo({ environment: TOKEN }))).toBe('usage');
});

it('does not ask without a token', async () => {
  const io = testIo();
  expect(await run(['emergency', 'status'], io)).toBe('usage');
  expect(io.errors).toEqual([expect.stringContaining('SALLYPORT_ADMIN_TOKEN')]);
});

it('sends what was said, once, with the token', async () => {
  const asked: unknown[] = [];
  const admin = await serve(async ({ method, url, headers }, response) => {
    asked.push([method, url, headers.authorization]);
    response.end('{"on":true,"until":"2026-01-01T00:00:00.000Z"}');
  });
  const io = testIo({ environment: TOKEN });
  expect(await run(['emergency', 'on', '--minutes', '5', '--admin', admin], io)).toBe('done');
  expect(asked).toEqual([['POST', '/emergency', 'Bearer operators-token-0001']]);
  expect(io.output).toEqual(['emergency mode is on until 2026-01-01T00:00:00.000Z']);
});

it.each<[string, RequestListener, RegExp]>([
  ['a problem', (_, to) => to.writeHead(409).end('{"detail":"too long"}'), /409: too long$/],
  ['a page', (_, to) => to.writeHead(502).end('<html>'), /502: Bad Gateway$/],
  ['a redirect', (_, to) => to.writeHead(302, { location: 'http://example.com' }).end(), /does not answer/],
  ['nothing', ({ socket }) => socket.destroy(), /does not answer/],
])('fails in one line when the answer is %s', async (_what, listener, line) => {
  const admin = await serve(listener);
  const io = testIo({ environment: TOKEN });
  expect(await run(['emergency', 'status', '--admin', admin], io)).toBe('failed');
  expect(io.errors).toEqual([expect.stringMatching(line)]);
});
