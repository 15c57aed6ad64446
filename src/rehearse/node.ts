import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { textAt } from './asked.ts';
import { guardChild, LOADER, programOf } from './child.ts';

/** A line of a gateway's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string };

/** How long a gateway may take until it serves, in milliseconds. */
const PATIENCE = 60_000;

/** One gateway: a process of `sallyport serve`. It comes back on other ports. */
export class GatewayNode {
  readonly name: string;
  readonly #file: string;
  readonly #token: string;
  readonly #heard: (node: GatewayNode, line: LogLine) => void;
  /** Of its listener and its admin API; undefined while it is not there. */
  port: number | undefined;
  adminPort: number | undefined;
  ready = false;
  /** Whether it has served, and nobody killed it: also if it has ended by itself. */
  running = false;
  #child: ChildProcess | undefined;
  #said: string[] = [];

  /** @param token of its admin API */
  constructor(name: string, file: string, token: string, heard: (node: GatewayNode, line: LogLine) => void) {
    this.name = name;
    this.#file = file;
    this.#token = token;
    this.#heard = heard;
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const args = [...LOADER, programOf('../cli/main'), 'serve', this.#file];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: false });
    guardChild(child);
    this.#child = child;
    this.#said = [];
    const serves = new Promise<void>((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        this.#line(line);
        if (this.port !== undefined && this.adminPort !== undefined) resolve();
      });
    });
    createInterface(child.stderr).on('line', (line) => this.#said.push(line));
    const ended = once(child, 'close').then(() => {
      if (this.#child === child) this.#gone();
      throw new Error(`${this.name} did not start: ${this.#said.join(' ')}`);
    });
    ended.catch(() => {}); // it may end when it has served
    await Promise.race([serves, ended, late(this.name)]);
    this.ready = true;
    this.running = true;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.running = false;
    this.#gone();
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** What its admin API answers to a GET; undefined if it does not. Never rejects. */
  async ask(path: string): Promise<string | undefined> {
    if (this.adminPort === undefined) return undefined;
    return await textAt(`http://127.0.0.1:${this.adminPort}${path}`, { token: this.#token });
  }

  #gone(): void {
    this.#child = undefined;
    this.port = undefined;
    this.adminPort = undefined;
    this.ready = false;
  }

  #line(text: string): void {
    let line: LogLine;
    try {
      line = JSON.parse(text) as LogLine;
    } catch {
      this.#said.push(text);
      return;
    }
    if (line.event === 'gateway.started') this.port = portOf(line);
    if (line.event === 'admin.started') this.adminPort = portOf(line);
    this.#heard(this, line);
  }
}

function portOf({ address }: LogLine): number {
  return Number(String(address).split(':').at(-1));
}

function late(name: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`${name} did not start in ${PATIENCE / 1_000} s`)), PATIENCE).unref();
  });
}
