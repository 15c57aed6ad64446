import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/audit/checks/list.ts';
import type { AuditReport } from '../../src/audit/run.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { RawServer } from '../support/raw-server.ts';
import { auditOf } from './harness.ts';

// A gateway with its default configuration, in front of a server that echoes: no check fires, and the grade is A+.

const ORIGIN = 'https://app.example.com';
let gateway: RunningGateway;
let upstream: RawServer;
let report: AuditReport;

beforeAll(async () => {
  upstream = await RawServer.listen({ echo: true, answersPing: true });
  gateway = await startGateway({
    config: `routes:\n  - name: all\n    match: { path: /live }\n    origins: ['${ORIGIN}']\n    identify: [visitors]\n    upstream: { url: ${upstream.url} }\n`,
  });
  report = await auditOf({
    port: gateway.port,
    ca: gateway.ca.cert,
    path: '/live',
    always: [['Origin', ORIGIN]],
    allowance: { rate: 20 },
    patience: { verdict: 2_000, handshake: 14_000, incomplete: 14_000 },
  });
}, 120_000);

afterAll(async () => {
  await gateway?.stop();
  await upstream?.close();
});

describe('the gateway', () => {
  it('gets the best grade', () => {
    const wrong = report.results.filter(({ verdict }) => !['pass', 'info', 'skipped'].includes(verdict));
    expect(wrong).toEqual([]);
    expect(report.grade).toBe('A+');
  });

  it.each(CHECKS.map(({ id }) => id))('%s', (id) => {
    const result = report.results.find((each) => each.id === id);
    expect(result).toMatchObject({ verdict: 'pass' });
  });
});
