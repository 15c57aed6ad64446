import type { TlsOptions } from '../config/listener.ts';
import { type Watching, watchFiles } from '../config/watch.ts';
import { OptionsError, type OptionsProblem } from '../pipeline/context.ts';
import type { Services } from '../store/services.ts';
import type { LoadedPair } from './certificates.ts';
import { type Credentials, filesOf, loadCredentials } from './credentials.ts';

const HOUR = 3_600_000; // ms
const DAY = 24 * HOUR;
/** When an operator is reminded that a certificate runs out, in days before. */
const REMINDERS = [1, 7, 30] as const;

/** A certificate in service. */
export interface CertificateStatus {
  readonly listener: string;
  /** The file name as configured. */
  readonly certificate: string;
  /** Hexadecimal, lower case. */
  readonly serial: string;
  /** Distinguished name of the issuer. */
  readonly issuer: string;
  /** SHA-256, hexadecimal in pairs. */
  readonly fingerprint: string;
  /** DNS names and addresses. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch; of the whole chain. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly warnings: readonly string[];
}

/** What came of an attempt to put new files in service. */
export interface RotationReport {
  readonly listener: string;
  /** Whether anything was replaced: false if the files are the same, or were not taken. */
  readonly rotated: boolean;
  /** Why the old ones stay; empty if all is well. */
  readonly problems: readonly OptionsProblem[];
  readonly certificates: readonly CertificateStatus[];
}

/** Where a rotation works: the parts of the listener it needs. */
export interface RotationHost {
  readonly name: string;
  readonly services: Services;
  resolve(path: string): string;
  /** Puts these in service. Synchronous: between two connections there is nothing half swapped. */
  swap(credentials: Credentials): void;
  /** The CA bundle or the revocation list is another one. */
  trustChanged(): void;
}

/**
 * Keeps a listener's certificates, keys, CA bundle and revocation list fresh. New files are read and checked whole; if
 * anything is wrong with them the old ones stay in service, it is said, and tried again.
 */
export class Rotation {
  readonly #host: RotationHost;
  #tls: TlsOptions;
  #current: Credentials | undefined;
  #problems: readonly OptionsProblem[] = [];
  #watching: Watching | undefined;
  /** Attempts run one at a time, in order. */
  #queue: Promise<unknown> = Promise.resolve();
  readonly #reminded = new Map<string, number>();
  #calendar: NodeJS.Timeout | undefined;

  constructor(host: RotationHost, tls: TlsOptions) {
    this.#host = host;
    this.#tls = tls;
  }

  /**
   * Loads for the first time and begins to watch.
   *
   * @throws OptionsError if the files are not good enough to begin with.
   */
  async start(): Promise<void> {
    this.#take(await this.#load(this.#tls));
    this.#watching = watchFiles(this.#files(), () => this.#onChange());
    this.#calendar = setInterval(() => this.#remind(), HOUR).unref();
  }

  /** Reads the files again now. Never rejects: what is wrong is in the report. */
  rotate(): Promise<RotationReport> {
    return this.#serially(async () => {
      const before = this.#current;
      try {
        this.#take(await this.#load(this.#tls, before));
        this.#problems = [];
      } catch (error) {
        this.#fail(problemsOf(error));
      }
      return this.#report(before !== this.#current);
    });
  }

  /**
   * Loads what other options name, and returns the function that puts it in service. Names that were served before
   * may be gone: whoever changes the options means it.
   *
   * @throws OptionsError, and nothing has changed.
   */
  prepare(tls: TlsOptions): Promise<() => void> {
    return this.#serially(async () => {
      const loaded = await this.#load(tls);
      const before = this.#current;
      return () => {
        const changed = JSON.stringify(tls) !== JSON.stringify(this.#tls);
        const overtaken = before !== this.#current;
        this.#tls = tls;
        this.#problems = [];
        this.#take(loaded, changed);
        this.#watching?.update(this.#files());
        // What was read here may be older than what a rotation has put in service meanwhile: a revocation list, say.
        if (overtaken) void this.rotate();
      };
    });
  }

  get current(): Credentials | undefined {
    return this.#current;
  }

  status(): CertificateStatus[] {
    return (this.#current?.pairs ?? []).map((pair) => ({
      listener: this.#host.name,
      certificate: pair.label,
      serial: pair.leaf.serialNumber.toLowerCase(),
      issuer: pair.leaf.issuer.replaceAll('\n', ', '),
      fingerprint: pair.leaf.fingerprint256,
      names: [...pair.dns, ...pair.ip],
      notBefore: pair.notBefore,
      notAfter: pair.notAfter,
      warnings: pair.warnings,
    }));
  }

  /** What in service has run out, so that clients are refused. */
  expired(): string[] {
    const now = this.#host.services.clock.now();
    const late = (this.#current?.pairs ?? []).filter((pair) => pair.notAfter <= now);
    const list = this.#current?.trust?.revocations;
    return [
      ...late.map((pair) => `${pair.label} ran out at ${iso(pair.notAfter)}`),
      ...(list && list.nextUpdate <= now
        ? ['the revocation list ran out: no client certificate is trusted']
        : []),
    ];
  }

  /** Why new files are not in service; what was there before still is. */
  notTaken(): string[] {
    return this.#problems.map(({ message }) => message);
  }

  close(): void {
    this.#watching?.close();
    clearInterval(this.#calendar);
  }

  #load(tls: TlsOptions, before?: Credentials): Promise<Credentials> {
    const { services, resolve } = this.#host;
    return loadCredentials(tls, (path) => resolve(path), services.clock.now(), before);
  }

  #files(): string[] {
    return filesOf(this.#tls, (path) => this.#host.resolve(path));
  }

  /** Throwing tells the watcher that this change is still to be dealt with. */
  async #onChange(): Promise<void> {
    const { problems } = await this.rotate();
    if (problems.length > 0) throw new OptionsError(problems);
  }

  #take(next: Credentials, force = false): void {
    const before = this.#current;
    if (!force && before?.digest === next.digest) return;
    this.#current = next;
    this.#host.swap(next);
    for (const pair of next.pairs) this.#sayLoaded(pair, before);
    this.#remind();
    if (before && before.trustDigest !== next.trustDigest) this.#host.trustChanged();
  }

  #sayLoaded(pair: LoadedPair, before: Credentials | undefined): void {
    const old = before?.pairs.find(({ label }) => label === pair.label)?.leaf;
    if (old?.fingerprint256 === pair.leaf.fingerprint256) return;
    this.#host.services.recorder.event('certificate.loaded', {
      listener: this.#host.name,
      certificate: pair.label,
      serial: pair.leaf.serialNumber.toLowerCase(),
      names: [...pair.dns, ...pair.ip].join(' '),
      expires: iso(pair.notAfter),
      previous: old?.serialNumber.toLowerCase(),
      warnings: pair.warnings.length > 0 ? pair.warnings.join('; ') : undefined,
    });
  }

  #fail(problems: readonly OptionsProblem[]): void {
    const same = JSON.stringify(problems) === JSON.stringify(this.#problems);
    this.#problems = problems;
    if (same) return; // the poll found the same fault again
    for (const { file, message } of problems) {
      this.#host.services.recorder.event('certificate.rotation_failed', {
        listener: this.#host.name,
        file,
        error: message,
      });
    }
  }

  /** Says once for each certificate and reminder that it runs out. */
  #remind(): void {
    const { services, name } = this.#host;
    for (const pair of this.#current?.pairs ?? []) {
      const days = Math.floor((pair.notAfter - services.clock.now()) / DAY);
      const due = REMINDERS.find((reminder) => days < reminder);
      if (due === undefined || this.#reminded.get(pair.leaf.fingerprint256) === due) continue;
      this.#reminded.set(pair.leaf.fingerprint256, due);
      services.recorder.event('certificate.expiring', {
        listener: name,
        certificate: pair.label,
        serial: pair.leaf.serialNumber.toLowerCase(),
        expires: iso(pair.notAfter),
        days,
      });
    }
  }

  #report(rotated: boolean): RotationReport {
    return { listener: this.#host.name, rotated, problems: this.#problems, certificates: this.status() };
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}

function problemsOf(error: unknown): readonly OptionsProblem[] {
  return error instanceof OptionsError ? error.problems : [{ path: [], message: String(error) }];
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
