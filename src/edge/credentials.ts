import { createHash, type X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { TlsOptions } from '../config/listener.ts';
import { OptionsError, type OptionsProblem } from '../pipeline/context.ts';
import { certificatesOf, PemError } from '../pipeline/pem.ts';
import { checkPair, type LoadedPair, lossOf, PairError } from './certificates.ts';
import type { ClientTrust } from './client-certificates.ts';
import { NameTable } from './names.ts';
import { tlsProfile } from './tls-profile.ts';

/** More than any certificate, key, bundle or list of ours needs. */
const MAX_FILE = 64 * 1_048_576; // 64 MiB: a large CRL

/** All that a listener shows and trusts, read and checked together, swapped together. Immutable. */
export interface Credentials {
  readonly pairs: readonly LoadedPair[];
  /** For the server itself: the first pair. OpenSSL resumes sessions and verifies nothing else before SNI is read. */
  readonly defaults: SecureContextOptions;
  /** By DNS name. */
  readonly contexts: NameTable<SecureContext>;
  /** Addresses that certificates name. */
  readonly addresses: ReadonlySet<string>;
  /** Undefined where no client certificates are asked for. */
  readonly trust: ClientTrust | undefined;
  /** Of all files: two loads that agree are the same credentials. */
  readonly digest: string;
  /** Of the CA bundle and revocation list alone. */
  readonly trustDigest: string;
}

/** Every file a listener reads, as absolute paths: what is to be watched. */
export function filesOf(tls: TlsOptions, resolve: (path: string) => string): string[] {
  const { certificates, roots, clientCertificates } = tls;
  const files = certificates.flatMap(({ cert, key }) => [cert, key]);
  for (const file of [roots, clientCertificates?.ca, clientCertificates?.crl]) if (file) files.push(file);
  return files.map(resolve);
}

/**
 * Reads and checks every file of a listener's `tls`.
 *
 * @param before what is in service: the new certificates must not have lost one of its names.
 * @throws OptionsError with every problem, and the file it is in.
 */
export async function loadCredentials(
  tls: TlsOptions,
  resolve: (path: string) => string,
  now: number,
  before?: Credentials,
): Promise<Credentials> {
  const files = new Files(resolve);
  const roots = await files.tried(['tls', 'roots'], tls.roots, async (file) =>
    tls.roots === undefined ? undefined : certificatesOf(await files.text(file)),
  );
  const pairs: LoadedPair[] = [];
  for (const [i, options] of tls.certificates.entries()) {
    const pair = await loadPair(files, options, i, now, roots, before);
    if (pair) pairs.push(pair);
  }
  const trust = await loadTrust(files, tls.clientCertificates, now);
  if (files.problems.length > 0) throw new OptionsError(files.problems);
  return assemble(tls, pairs, trust, files);
}

async function loadPair(
  files: Files,
  options: TlsOptions['certificates'][number],
  index: number,
  now: number,
  roots: readonly X509Certificate[] | undefined,
  before: Credentials | undefined,
): Promise<LoadedPair | undefined> {
  const at = (name: 'cert' | 'key') => ['tls', 'certificates', index, name];
  const cert = await files.tried(at('cert'), options.cert, (file) => files.text(file));
  const key = await files.tried(at('key'), options.key, (file) => files.text(file));
  if (cert === undefined || key === undefined) return undefined;
  try {
    const text = { label: options.cert, cert, key, passphrase: options.passphrase };
    const pair = checkPair(text, now, roots);
    const old = before?.pairs.find(({ label }) => label === options.cert);
    const loss = old && lossOf(old, pair);
    if (loss) throw new PairError('cert', loss);
    const open = await openness(files.path(options.key));
    files.note(at('key'), open ?? '');
    return open === undefined ? pair : { ...pair, warnings: [...pair.warnings, open] };
  } catch (error) {
    if (!(error instanceof PairError)) throw error;
    files.problem(at(error.file), options[error.file], error.message);
    return undefined;
  }
}

async function loadTrust(
  files: Files,
  options: TlsOptions['clientCertificates'],
  now: number,
): Promise<ClientTrust | undefined> {
  if (!options) return undefined;
  // What reads certificates and revocation lists is large: who trusts no client certificates does not load it.
  const { ClientTrust, readAnchors } = await import('./client-certificates.ts');
  const { loadRevocations } = await import('./revocation.ts');
  const at = ['tls', 'clientCertificates'];
  const anchors = await files.tried([...at, 'ca'], options.ca, async (file) =>
    readAnchors(await files.text(file)),
  );
  if (!anchors) return undefined;
  if (options.crl === undefined) return new ClientTrust(anchors, undefined);
  const revocations = await files.tried([...at, 'crl'], options.crl, async (file) =>
    loadRevocations(await files.bytes(file), anchors.map(String), now),
  );
  return revocations && new ClientTrust(anchors, revocations);
}

function assemble(
  tls: TlsOptions,
  pairs: readonly LoadedPair[],
  trust: ClientTrust | undefined,
  files: Files,
): Credentials {
  const contexts = new NameTable<SecureContext>();
  const problems: OptionsProblem[] = [];
  for (const [i, pair] of pairs.entries()) {
    try {
      const context = createSecureContext(contextOptions(tls, pair, trust));
      for (const name of pair.dns) contexts.add(name, context);
    } catch (error) {
      // OpenSSL's own judgement on top of ours: a digest or key below its security level.
      const message = `OpenSSL refuses it: ${(error as Error).message}`;
      problems.push({ path: ['tls', 'certificates', i, 'cert'], message, file: files.path(pair.label) });
    }
  }
  if (problems.length > 0) throw new OptionsError(problems);
  return {
    pairs,
    defaults: contextOptions(tls, pairs[0]!, trust),
    contexts,
    addresses: new Set(pairs.flatMap((pair) => pair.ip)),
    trust,
    digest: files.digest(() => true),
    trustDigest: files.digest((path) => path.includes('clientCertificates')),
  };
}

function contextOptions(
  tls: TlsOptions,
  { cert, key }: LoadedPair,
  trust: ClientTrust | undefined,
): SecureContextOptions {
  const crl = trust?.revocations?.pem;
  return {
    ...tlsProfile(tls.minVersion, trust !== undefined),
    cert,
    key,
    // Never a falsy `ca`: node takes it for "all public roots".
    ...(trust && { ca: [...trust.ca] }),
    ...(crl && { crl: [...crl] }),
  };
}

/** A note if others on this machine can read the key: in a container they often must, so it is no error. */
async function openness(file: string): Promise<string | undefined> {
  const { mode } = await stat(file);
  return mode & 0o044
    ? `the key can be read by others: its mode is ${(mode & 0o777).toString(8)}`
    : undefined;
}

type Path = readonly (string | number)[];

/** Reads files and gathers everything that is wrong with them, so that all of it is said at once. */
class Files {
  readonly problems: OptionsProblem[] = [];
  readonly #resolve: (path: string) => string;
  readonly #notes: [path: Path, note: string][] = [];
  #at: Path = [];

  constructor(resolve: (path: string) => string) {
    this.#resolve = resolve;
  }

  path(file: string): string {
    return this.#resolve(file);
  }

  problem(path: Path, file: string, message: string): void {
    this.problems.push({ path, message: `${file}: ${message}`, file: this.path(file) });
  }

  /** What the reader makes of this file, or undefined and a problem. */
  async tried<T>(
    path: Path,
    file: string | undefined,
    read: (file: string) => Promise<T>,
  ): Promise<T | undefined> {
    if (file === undefined) return undefined;
    this.#at = path;
    try {
      return await read(file);
    } catch (error) {
      if (!(error instanceof PemError) && !isSystemError(error)) throw error;
      this.problem(path, file, isSystemError(error) ? `cannot be read (${error.code})` : error.message);
      return undefined;
    }
  }

  async bytes(file: string): Promise<Buffer> {
    const path = this.path(file);
    const { size } = await stat(path);
    if (size > MAX_FILE) throw new PemError('is too large');
    const bytes = await readFile(path);
    this.note(this.#at, createHash('sha256').update(bytes).digest('hex'));
    return bytes;
  }

  /** Without a byte order mark. */
  async text(file: string): Promise<string> {
    return (await this.bytes(file)).toString('utf8').replace(/^\ufeff/, '');
  }

  /** What two loads must agree in to be the same. */
  note(path: Path, note: string): void {
    this.#notes.push([path, note]);
  }

  digest(of: (path: Path) => boolean): string {
    return this.#notes
      .filter(([path]) => of(path))
      .map(([path, note]) => `${path.join('.')}=${note}`)
      .join(' ');
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
