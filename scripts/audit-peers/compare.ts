import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OLDER_SUITES, suiteOf, TLS13_SUITES } from '../../src/audit/probe/tls-names.ts';
import type { AuditReport } from '../../src/audit/run.ts';
import { isInstalled } from './fronts.ts';

/** What an audit says of a port’s TLS, and what others say, where they are installed. */
export interface Comparison {
  readonly audit: Verdicts;
  /** By tool. */
  readonly others: Readonly<Record<string, Verdicts>>;
}

/** The questions that all of them answer, or some. */
export type Verdicts = Readonly<Record<string, string>>;

/** Asks sslscan and testssl about a port of this machine. */
export async function compareTls(port: number, report: AuditReport): Promise<Comparison> {
  return {
    audit: verdictsOfReport(report),
    others: {
      ...(isInstalled('sslscan') && { sslscan: verdictsOfSslscan(await sslscan(port)) }),
      ...(isInstalled('testssl') && { 'testssl.sh': verdictsOfTestssl(await testssl(port)) }),
    },
  };
}

/** What sslscan writes of a port of this machine, as XML. */
export function sslscan(port: number): Promise<string> {
  return outputOf('sslscan', ['--xml=-', '--no-colour', `localhost:${port}`]);
}

/** Protocols and categories of ciphers; all else takes minutes. */
async function testssl(port: number): Promise<readonly Found[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-testssl-'));
  const file = join(folder, 'found.json');
  await outputOf('testssl', [
    '-p',
    '-s',
    '--quiet',
    '--warnings',
    'off',
    '--jsonfile',
    file,
    `localhost:${port}`,
  ]);
  const found = JSON.parse(readFileSync(file, 'utf8')) as Found[];
  rmSync(folder, { recursive: true });
  return found;
}

interface Found {
  readonly id: string;
  readonly finding: string;
}

function outputOf(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => child.on('error', reject).on('close', () => resolve(text)));
}

const said = (yes: boolean): string => (yes ? 'yes' : 'no');

/** The cipher suites that sslscan found, by their numbers. */
export function suitesOfSslscan(xml: string): number[] {
  const known = new Set([...OLDER_SUITES, ...TLS13_SUITES]);
  const ids = [...xml.matchAll(/<cipher [^>]*id="(0x[0-9A-F]+)"/gi)].map(([, id]) => Number(id));
  return [...new Set(ids)].filter((id) => known.has(id));
}

function verdictsOfSslscan(xml: string): Verdicts {
  const versions = [...xml.matchAll(/<protocol type="\w+" version="([\d.]+)" enabled="1"/g)].map(
    (each) => each[1]!,
  );
  const faults = suitesOfSslscan(xml).map((id) => suiteOf(id).fault);
  return {
    'old versions': said(versions.some((version) => ['2', '3', '1.0', '1.1'].includes(version))),
    'TLS 1.3': said(versions.includes('1.3')),
    'broken suites': said(faults.includes('broken')),
    'suites without forward secrecy': said(faults.includes('no forward secrecy')),
    'CBC suites': said(faults.includes('cbc')),
    compression: said(/<compression supported="1"/.test(xml)),
    'self-signed': said(xml.includes('<self-signed>true')),
    expired: said(xml.includes('<expired>true')),
    'signature with SHA-1': said(/<signature-algorithm>[^<]*sha1/i.test(xml)),
  };
}

function verdictsOfTestssl(found: readonly Found[]): Verdicts {
  const offered = (pattern: RegExp): boolean =>
    found.some(
      ({ id, finding }) => pattern.test(id) && /offered/.test(finding) && !/not offered/.test(finding),
    );
  return {
    'old versions': said(offered(/^(SSLv2|SSLv3|TLS1|TLS1_1)$/)),
    'TLS 1.3': said(offered(/^TLS1_3$/)),
    'broken suites': said(offered(/^cipherlist_(NULL|aNULL|EXPORT|LOW|3DES_IDEA)$/)),
  };
}

function verdictsOfReport({ results }: AuditReport): Verdicts {
  const resultOf = (id: string) => results.find((each) => each.id === id);
  const fails = (id: string): boolean => resultOf(id)?.verdict === 'fail';
  const tells = (id: string, text: string): boolean => resultOf(id)?.seen.includes(text) === true;
  return {
    'old versions': said(fails('tls-old-versions')),
    'TLS 1.3': said(!fails('tls-new-versions')),
    'broken suites': said(fails('tls-broken-suites')),
    'suites without forward secrecy': said(fails('tls-forward-secrecy')),
    'CBC suites': said(fails('tls-cbc-suites')),
    compression: said(fails('tls-compression')),
    'self-signed': said(tells('certificate-chain', 'signed by itself')),
    expired: said(tells('certificate-dates', 'expired on')),
    'signature with SHA-1': said(tells('certificate-signature', 'SHA-1')),
  };
}
