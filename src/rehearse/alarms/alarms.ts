import type { Chronicle } from '../chronicle.ts';
import type { Alarm } from '../evidence.ts';
import type { Ground } from '../ground.ts';
import { evaluate } from './evaluate.ts';
import { type Labels, type Sample, samplesIn } from './exposition.ts';
import { metricsOf } from './expression.ts';
import { History, keyOf } from './history.ts';
import type { Rule } from './rules.ts';

/** Scrapes all instances and evaluates the rules, as Prometheus would; says which alarms would have gone off. */
export class Alarms {
  readonly seen: { -readonly [K in keyof Alarm]: Alarm[K] }[] = [];
  readonly #rules: readonly Rule[];
  readonly #ground: Pick<Ground, 'instances' | 'scrape'>;
  readonly #chronicle: Chronicle;
  readonly #wanted: ReadonlySet<string>;
  readonly #history = new History();
  /** Those that are true now, by rule and series. */
  readonly #now = new Map<string, { -readonly [K in keyof Alarm]: Alarm[K] }>();

  constructor(rules: readonly Rule[], ground: Pick<Ground, 'instances' | 'scrape'>, chronicle: Chronicle) {
    this.#rules = rules;
    this.#ground = ground;
    this.#chronicle = chronicle;
    this.#wanted = new Set(rules.flatMap(({ expression }) => metricsOf(expression)));
  }

  /** Scrapes each once and evaluates all rules. Never rejects. */
  async round(): Promise<void> {
    const scraped = await Promise.all(this.#ground.instances.map((name) => this.#samplesOf(name)));
    this.#history.add(Date.now(), scraped.flat());
    for (const rule of this.#rules) this.#judge(rule);
  }

  /** `up` is 0 for whoever does not answer: Prometheus says that itself. */
  async #samplesOf(instance: string): Promise<Sample[]> {
    const text = await this.#ground.scrape(instance);
    const place: Labels = { job: 'sallyport', instance };
    const up = { name: 'up', labels: place, value: text === undefined ? 0 : 1 };
    const samples = samplesIn(text ?? '', this.#wanted);
    return [up, ...samples.map((each) => ({ ...each, labels: { ...each.labels, ...place } }))];
  }

  #judge(rule: Rule): void {
    const { now } = this.#chronicle;
    const found = new Map(
      evaluate(rule.expression, this.#history).map(({ labels }) => [keyOf(labels), labels]),
    );
    for (const [key, labels] of found) {
      const id = `${rule.name} ${key}`;
      const alarm = this.#now.get(id) ?? this.#raise(id, rule, labels, now);
      if (alarm.fired === undefined && now - alarm.since >= alarm.holds) {
        alarm.fired = now;
        this.#chronicle.note('alarm', `${rule.name} fires ${alarm.labels}`);
      }
    }
    for (const [id, alarm] of this.#now) {
      if (alarm.name !== rule.name || found.has(id.slice(rule.name.length + 1))) continue;
      alarm.until = now;
      this.#now.delete(id);
      this.#chronicle.note('alarm', `${rule.name} is over ${alarm.labels}`);
    }
  }

  #raise(id: string, { name, severity, holds }: Rule, labels: Labels, since: number) {
    const text = Object.entries(labels)
      .filter(([label]) => label !== 'job')
      .map(([label, value]) => `${label}=${value}`)
      .join(' ');
    const alarm = {
      name,
      labels: text,
      severity,
      since,
      holds: holds / 1_000,
      fired: undefined,
      until: undefined,
    };
    this.#now.set(id, alarm);
    this.seen.push(alarm);
    if (holds > 0)
      this.#chronicle.note('alarm', `${name} is pending, fires after ${holds / 1_000} s: ${text}`);
    return alarm as Alarms['seen'][number];
  }
}
