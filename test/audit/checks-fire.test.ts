import { describe, expect, it, vi } from 'vitest';
import { CHECKS } from '../../src/audit/checks/list.ts';
import { BAD_SERVERS } from './bad-servers.ts';
import { type Case, startCase } from './case.ts';
import { findingOf } from './harness.ts';
import { MORE_CASES } from './more-cases.ts';
import { hasOpenssl } from './openssl-server.ts';

// Each check is seen to fire, on a server made to be bad. That each stays silent on a good one: checks-are-silent.test.ts.

// They wait far more than they work: some for 12 s, if the machine is slow.
vi.setConfig({ maxConcurrency: 8, testTimeout: 60_000 });

describe('a check fires', () => {
  it('is shown for every check, and no other', () => {
    expect(Object.keys(BAD_SERVERS).sort()).toEqual(CHECKS.map(({ id }) => id).sort());
  });

  const cases = Object.entries(BAD_SERVERS).filter(([, { openssl }]) => !openssl || hasOpenssl);
  it.concurrent.each(cases)('%s', async (id, row) => expectFinding(id, { verdict: 'fail', ...row }));
});

describe('a check also says', () => {
  it.concurrent.each(MORE_CASES)('%s: %s', (id, _, row) => expectFinding(id, row));
});

async function expectFinding(id: string, row: Case): Promise<void> {
  const server = await startCase(row);
  try {
    const setup = { port: server.port, ...(server.ca && { ca: server.ca }), ...row.setup };
    expect(await findingOf(id, setup)).toMatchObject({
      verdict: row.verdict,
      seen: expect.stringMatching(row.seen instanceof RegExp ? row.seen : literal(row.seen ?? '')),
    });
  } finally {
    server.stop();
  }
}

function literal(text: string): RegExp {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}
