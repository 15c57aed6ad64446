import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { accept } from './answers.ts';
import { type BadServer, type Manners, startBadServer } from './gullible.ts';
import { auditOf, findingOf, type Setup } from './harness.ts';

// What an audit does where an endpoint is not there, not ready, or not willing.

let server: BadServer | undefined;

afterEach(() => server?.stop());

async function start(manners: Manners = {}): Promise<Setup> {
  server = await startBadServer(manners);
  return { port: server.port, ca: server.ca };
}

const status = (code: number): string => `HTTP/1.1 ${code} No\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n`;

describe('an endpoint that does not open', () => {
  it('is judged by what can be seen, and gets A at best', async () => {
    const setup = await start({ answer: () => status(401) });
    const report = await auditOf({ ...setup, only: ['certificate-name', 'frames', 'plain-request'] });
    expect(report.grade).toBe('A');
    const mask = report.results.find(({ id }) => id === 'mask-required');
    expect(mask).toMatchObject({
      verdict: 'skipped',
      seen: 'a right upgrade is not accepted: 401; --token, --origin or --protocol may help',
    });
  });

  it('is not taken for one that refuses what is wrong, if it says “later”', async () => {
    const setup = await start({ answer: () => status(429) });
    expect(await findingOf('method', setup)).toMatchObject({
      verdict: 'skipped',
      seen: expect.stringContaining('429'),
    });
  });
});

describe('“later” to one request', () => {
  it('is asked again, and has no conclusion', async () => {
    let posts = 0;
    const setup = await start({
      answer: ({ start }) => (start.startsWith('P') && ++posts ? status(429) : undefined),
    });
    expect(await findingOf('method', setup)).toMatchObject({
      verdict: 'inconclusive',
      seen: 'the endpoint answers 429',
    });
    expect(posts).toBeGreaterThanOrEqual(3);
  });

  it('is a refusal where it is a 503, and a right upgrade opens meanwhile', async () => {
    const setup = await start({ answer: ({ start }) => (start.startsWith('P') ? status(503) : undefined) });
    expect(await findingOf('method', setup)).toMatchObject({ verdict: 'pass', seen: 'POST: 503; PUT: 503' });
  });
});

describe('an endpoint that wants its own origin', () => {
  it('gets it', async () => {
    const setup = await start({
      answer: (request) =>
        request.headers.get('origin') === `https://localhost:${server?.port}` ? accept(request) : status(403),
    });
    expect(await findingOf('origin-foreign', setup)).toMatchObject({ verdict: 'pass', seen: '403' });
  });
});

it('without TLS, the grade is F, and nothing throws', async () => {
  const plain = createServer().on('upgrade', (request, socket) => {
    socket.write(
      accept({
        start: '',
        headers: new Map(Object.entries(request.headers)),
        rest: Buffer.alloc(0),
      } as never),
    );
  });
  plain.listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const { port } = plain.address() as AddressInfo;
  const report = await auditOf({ port, only: ['transport', 'mask-required'] });
  plain.close().closeAllConnections();
  expect(report.grade).toBe('F');
  expect(report.results.find(({ id }) => id === 'plaintext')).toMatchObject({ verdict: 'fail' });
  expect(report.results.find(({ id }) => id === 'certificate-chain')).toMatchObject({
    verdict: 'inconclusive',
  });
  expect(report.results.find(({ id }) => id === 'mask-required')).toMatchObject({ verdict: 'skipped' });
});

it('nobody there is an error, not a report', async () => {
  const { port } = await start();
  server?.stop();
  await expect(auditOf({ port })).rejects.toThrow('no TCP connection: ECONNREFUSED');
});

it('a spent budget leaves checks without a conclusion, and the grade at A', async () => {
  const setup = await start({
    answer: ({ start, headers }) =>
      start.startsWith('GET') && headers.get('upgrade') === 'websocket' ? undefined : status(400),
  });
  const report = await auditOf({
    ...setup,
    only: ['method', 'upgrade-fields'],
    allowance: { connections: 4 },
  });
  expect(report).toMatchObject({ grade: expect.stringMatching(/[A-F]/), spent: { connections: 4 } });
  expect(report.results).toContainEqual(
    expect.objectContaining({ verdict: 'inconclusive', seen: 'the budget of 4 connections is spent' }),
  );
});
