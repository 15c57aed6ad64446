import { spawnSync } from 'node:child_process';
import { OLDER_SUITES, suiteOf, TLS13_SUITES } from '../../src/audit/probe/tls-names.ts';
import type { AuditReport } from '../../src/audit/run.ts';

/** What sslscan says of a port, beside what an audit says. */
export interface Comparison {
  readonly sslscan: Verdicts;
  readonly audit: Verdicts;
}

/** The questions that both answer. */
export type Verdicts = Readonly<Record<string, string>>;

/** Asks sslscan about a port of this machine, and puts its answers beside those of a report. */
export function compareWithSslscan(port: number, report: AuditReport): Comparison {
  const { stdout } = spawnSync('sslscan', ['--xml=-', '--no-colour', `localhost:${port}`], {
    encoding: 'utf8',
  });
  return { sslscan: verdictsOf(stdout), audit: verdictsOfReport(report) };
}

/** Reads the XML of sslscan. */
export function verdictsOf(xml: string): Verdicts {
  const protocols = [...xml.matchAll(/<protocol type="(\w+)" version="([\d.]+)" enabled="1"/g)].map(
    ([, type, version]) => (type === 'ssl' ? `SSL ${version}.0` : `TLS ${version}`),
  );
  const ids = [...xml.matchAll(/<cipher [^>]*id="(0x[0-9A-F]+)"/gi)].map(([, id]) => Number(id));
  const known = new Set([...OLDER_SUITES, ...TLS13_SUITES]);
  const faults = ids.filter((id) => known.has(id)).map((id) => suiteOf(id).fault);
  return {
    'old versions': protocols.some((name) => /SSL|1\.[01]/.test(name)) ? 'yes' : 'no',
    'TLS 1.3': protocols.includes('TLS 1.3') ? 'yes' : 'no',
    'broken suites': faults.includes('broken') ? 'yes' : 'no',
    'suites without forward secrecy': faults.includes('no forward secrecy') ? 'yes' : 'no',
    'CBC suites': faults.includes('cbc') ? 'yes' : 'no',
    compression: /<compression supported="1"/.test(xml) ? 'yes' : 'no',
  };
}

/** The same questions, of a report. */
export function verdictsOfReport({ results }: Pick<AuditReport, 'results'>): Verdicts {
  const fails = (id: string): string =>
    results.find((each) => each.id === id)?.verdict === 'fail' ? 'yes' : 'no';
  return {
    'old versions': fails('tls-old-versions'),
    'TLS 1.3': fails('tls-new-versions') === 'yes' ? 'no' : 'yes',
    'broken suites': fails('tls-broken-suites'),
    'suites without forward secrecy': fails('tls-forward-secrecy'),
    'CBC suites': fails('tls-cbc-suites'),
    compression: fails('tls-compression'),
  };
}
