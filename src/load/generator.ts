import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type Credentials, credentialsOf } from './credentials.ts';
import { endpointOf } from './endpoint.ts';
import type { Scenario } from './scenario.ts';
import type { Endpoint } from './socket.ts';
import { type Cost, type PartReport, Tally } from './tally.ts';
import { idOf, templateOf } from './template.ts';
import { type Stage, User } from './user.ts';

/** One process's part of a load. */
export interface Part {
  readonly scenario: Scenario;
  /** What files are relative to. */
  readonly folder: string;
  /** From 0. */
  readonly process: number;
}

/** How often it is looked whether messages are due, or overdue, in milliseconds. */
const TICK = 1;
const CHECK = 250;

/** For how long messages are sent without a pause, in milliseconds. */
const MOST_AT_ONCE = 20;

/** Runs one process's part of a load. */
export class Generator implements Stage {
  readonly scenario: Scenario;
  readonly endpoint: Endpoint;
  readonly credentials: Credentials;
  readonly tally = new Tally();
  running = true;
  readonly #part: Part;
  readonly #users: User[];
  readonly #templates: readonly ReturnType<typeof templateOf>[];
  readonly #pointer: readonly string[];
  readonly #timers: NodeJS.Timeout[] = [];
  #serial = 0;
  #recovery: number | undefined;

  /** @throws ScenarioError */
  constructor(part: Part, path: (name: string) => string) {
    const { scenario, process } = part;
    this.#part = part;
    this.scenario = scenario;
    this.endpoint = endpointOf(scenario, path);
    this.credentials = credentialsOf(scenario, path);
    this.#templates = scenario.messages.flatMap(({ template, weight }) =>
      Array.from({ length: weight }, () => templateOf(template)),
    );
    this.#pointer = scenario.answer === 'order' ? [] : scenario.answer.slice(1).split('/').map(unescaped);
    const mine = (i: number): boolean => i % scenario.processes === process;
    const numbers = Array.from({ length: scenario.connections }, (_, i) => i).filter(mine);
    this.#users = numbers.map((number) => new User(this, number));
  }

  next(user: number): { readonly text: string; readonly id: string } {
    const scope = { user, serial: this.#serial++, process: this.#part.process };
    const template = this.#templates[scope.serial % this.#templates.length]!;
    return { text: template(scope), id: idOf(scope) };
  }

  idIn(answer: Buffer): string | undefined {
    try {
      let value: unknown = JSON.parse(answer.toString());
      for (const name of this.#pointer) value = (value as Record<string, unknown> | null)?.[name];
      return typeof value === 'string' ? value : undefined;
    } catch {
      return undefined;
    }
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#users.filter((user) => user.open).length;
  }

  /** Opens, sends for as long as the scenario says or until it is aborted, waits for answers and closes. */
  async run(signal: AbortSignal): Promise<PartReport> {
    await this.#ramp(signal);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    const cpu = process.cpuUsage();
    const begun = performance.now();
    delay.enable();
    this.#begin();
    await pause(this.scenario.duration, undefined, { signal }).catch(() => {});
    const lasted = performance.now() - begun;
    const cost = costOf(delay, process.cpuUsage(cpu), lasted);
    for (const timer of this.#timers) clearInterval(timer);
    await this.#finish();
    return { tally: this.tally.export(), cost, lasted, recovery: this.#recovery };
  }

  async #ramp(signal: AbortSignal): Promise<void> {
    const { ramp } = this.scenario;
    const begun = performance.now();
    const opened: Promise<void>[] = [];
    for (const [i, user] of this.#users.entries()) {
      if (signal.aborted) return;
      const due = begun + (ramp * i) / this.#users.length;
      if (due > performance.now() + TICK) await pause(due - performance.now());
      opened.push(user.connect());
    }
    const left = begun + ramp - performance.now();
    if (left > 0) await pause(left);
    await Promise.race([
      Promise.all(opened),
      pause(PATIENCE, undefined, { ref: false, signal }).catch(() => {}),
    ]);
  }

  #begin(): void {
    const { pace, churn, storm, answerTimeout, processes } = this.scenario;
    if (this.#templates.length > 0) {
      if ('rate' in pace) this.#openLoop(pace.rate.count / pace.rate.period / processes);
      else for (const user of this.#users) user.fill();
    }
    this.#every(CHECK, () => {
      for (const user of this.#users) {
        user.overdue(performance.now(), answerTimeout);
        user.fill();
      }
    });
    if (churn) this.#every((churn.period / churn.count) * processes, () => void this.#renew());
    if (storm) this.#timers.push(setTimeout(() => void this.#storm(storm.share), storm.at));
  }

  /** Messages are due by the clock. Their latency counts from then, also if we, or no connection, are there too late. */
  #openLoop(perMillisecond: number): void {
    const begun = performance.now();
    let sent = 0;
    let user = 0;
    this.#every(TICK, () => {
      const now = performance.now();
      for (const all = (now - begun) * perMillisecond; sent < all; sent++) {
        if (performance.now() - now > MOST_AT_ONCE) return; // the rest is late, and that is measured
        const due = begun + sent / perMillisecond;
        this.tally.lag.record((now - due) * 1_000);
        user = (user + 1) % this.#users.length;
        this.#users[user]!.send(due);
      }
    });
  }

  async #renew(): Promise<void> {
    const user = this.#users[Math.floor(Math.random() * this.#users.length)]!;
    if (!user.open) return;
    user.close();
    await user.connect();
    user.fill();
  }

  async #storm(share: number): Promise<void> {
    const begun = performance.now();
    const cut = this.#users.slice(0, Math.round(this.#users.length * share));
    for (const user of cut) user.cut();
    await Promise.all(cut.map((user) => user.connect()));
    if (cut.every((user) => user.open)) this.#recovery = performance.now() - begun;
    for (const user of cut) user.fill();
  }

  async #finish(): Promise<void> {
    this.running = false;
    const { answerTimeout } = this.scenario;
    for (let waited = 0; waited < answerTimeout; waited += CHECK) {
      const left = this.#users.reduce((sum, user) => sum + user.overdue(performance.now(), answerTimeout), 0);
      if (left === 0) break;
      await pause(CHECK);
    }
    for (const user of this.#users) user.close();
  }

  #every(milliseconds: number, work: () => void): void {
    this.#timers.push(setInterval(work, milliseconds));
  }
}

/** How long users may still take to open when the ramp is over, in milliseconds: who is refused comes again and again. */
const PATIENCE = 2_000;

function costOf(delay: IntervalHistogram, cpu: NodeJS.CpuUsage, lasted: number): Cost {
  delay.disable();
  return {
    cpu: (cpu.user + cpu.system) / 1_000 / Math.max(1, lasted),
    delay: delay.percentile(99) / 1e6,
    memory: process.memoryUsage.rss(),
  };
}

/** RFC 6901 §4. */
function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
