import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/audit/checks/list.ts';
import { BAD_SERVERS } from './bad-servers.ts';
import { startBadServer } from './gullible.ts';
import { findingOf } from './harness.ts';

// Each check is seen to fire, on a server made to be bad. That each stays silent on a good one: checks-are-silent.test.ts.

describe('a check fires', () => {
  it('is shown for every check, and no other', () => {
    expect(Object.keys(BAD_SERVERS).sort()).toEqual(CHECKS.map(({ id }) => id).sort());
  });

  it.concurrent.each(Object.entries(BAD_SERVERS))(
    '%s',
    async (id, { manners, setup, verdict = 'fail', seen = '' }) => {
      const server = await startBadServer(manners);
      try {
        const result = await findingOf(id, { port: server.port, ca: server.ca, ...setup });
        expect(result).toMatchObject({ verdict, seen: expect.stringContaining(seen) });
      } finally {
        server.stop();
      }
    },
  );
});
