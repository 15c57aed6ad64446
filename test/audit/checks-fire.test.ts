import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/audit/checks/list.ts';
import { BAD_SERVERS, type Case } from './bad-servers.ts';
import { startBadServer } from './gullible.ts';
import { findingOf } from './harness.ts';
import { startHelloServer } from './hello-server.ts';
import { hasOpenssl, startOpensslServer } from './openssl-server.ts';

// Each check is seen to fire, on a server made to be bad. That each stays silent on a good one: checks-are-silent.test.ts.

async function start({
  hello,
  openssl,
  manners,
  certificate,
}: Case): Promise<{ port: number; ca?: string; stop(): void }> {
  if (hello) return startHelloServer(hello);
  return openssl ? startOpensslServer(openssl) : startBadServer(manners, certificate);
}

describe('a check fires', () => {
  it('is shown for every check, and no other', () => {
    expect(Object.keys(BAD_SERVERS).sort()).toEqual(CHECKS.map(({ id }) => id).sort());
  });

  const cases = Object.entries(BAD_SERVERS).filter(([, { openssl }]) => !openssl || hasOpenssl);
  it.each(cases)('%s', async (id, row) => {
    const { setup, verdict = 'fail', seen = '' } = row;
    const server = await start(row);
    try {
      const result = await findingOf(id, {
        port: server.port,
        ...(server.ca && { ca: server.ca }),
        ...setup,
      });
      expect(result).toMatchObject({ verdict, seen: expect.stringContaining(seen) });
    } finally {
      server.stop();
    }
  });
});
