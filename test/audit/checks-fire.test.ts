import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/audit/checks/list.ts';
import { BAD_SERVERS } from './bad-servers.ts';
import { startCase } from './case.ts';
import { findingOf } from './harness.ts';
import { hasOpenssl } from './openssl-server.ts';

// Each check is seen to fire, on a server made to be bad. That each stays silent on a good one: checks-are-silent.test.ts.

describe('a check fires', () => {
  it('is shown for every check, and no other', () => {
    expect(Object.keys(BAD_SERVERS).sort()).toEqual(CHECKS.map(({ id }) => id).sort());
  });

  const cases = Object.entries(BAD_SERVERS).filter(([, { openssl }]) => !openssl || hasOpenssl);
  it.each(cases)('%s', async (id, row) => {
    const { setup, verdict = 'fail', seen = '' } = row;
    const server = await startCase(row);
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
