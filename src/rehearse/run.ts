import { type LoadReport, load } from '../load/run.ts';
import { scenarioOf } from '../load/scenario.ts';
import { Alarms } from './alarms/alarms.ts';
import type { Rule } from './alarms/rules.ts';
import { Chronicle } from './chronicle.ts';
import { Course } from './course.ts';
import { NamedEndpoint } from './endpoint.ts';
import type { EventSeen, Evidence, FaultSeen } from './evidence.ts';
import { inject, type Scene } from './inject.ts';
import { lineText } from './narration.ts';
import type { GatewayNode, LogLine } from './node.ts';
import { paused } from './paused.ts';
import { alarmsIn, type Judged, judgeAll } from './promises.ts';
import { type Impairment, impairmentOf, recoveryOf } from './recovery.ts';
import { type Rehearsal, RehearsalError } from './rehearsal.ts';
import { Stage } from './stage.ts';
import { Trials } from './trials.ts';
import { Witness } from './witness.ts';

/** How often health is asked for, and somebody comes to the door, in milliseconds. */
const ROUND = 500;

/** How long all connections of the load may take to open, in milliseconds. */
const PATIENCE = 60_000;

export interface RehearsalReport {
  readonly rehearsal: Rehearsal;
  readonly evidence: Evidence;
  readonly judged: readonly Judged[];
  readonly impairment: Impairment | undefined;
  /** Milliseconds; infinite if something was wrong to the end. */
  readonly recovery: number;
  /** `bound`: nothing is broken, but a promise about times cannot be judged, as the generator could not keep up. */
  readonly verdict: 'held' | 'broken' | 'bound';
}

export interface RehearsalOptions {
  /** What files of the rehearsal are relative to. */
  readonly folder: string;
  /** Which alarms there are. */
  readonly rules: readonly Rule[];
  /** Told what is done just now. */
  readonly progress?: (now: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Starts a stage, or comes to the endpoint that is named, puts the load on it, injects the faults, watches, judges, and leaves
 * nothing behind.
 *
 * @throws RehearsalError if it names an alarm that no rule has; Error if the stage cannot be started, the endpoint lets nobody
 * in, or the signal ended it.
 */
export async function rehearse(
  rehearsal: Rehearsal,
  { folder, rules, progress = () => {}, signal = new AbortController().signal }: RehearsalOptions,
): Promise<RehearsalReport> {
  const unknown = alarmsIn(rehearsal.must).find((alarm) => rules.every(({ name }) => name !== alarm));
  if (unknown !== undefined) throw new RehearsalError(`must: no rule has an alarm ${unknown}`);
  const chronicle = new Chronicle();
  const events: EventSeen[] = [];
  const heard = ({ name }: GatewayNode, line: LogLine): void => {
    if (!chronicle.begun) return;
    events.push({ at: chronicle.now, node: name, event: line.event, fields: line });
    const text = lineText(line);
    if (text !== undefined) chronicle.note('event', text, name);
  };
  const { target } = rehearsal;
  progress(target ? 'coming to the endpoint' : 'starting the stage');
  const ground = target
    ? await NamedEndpoint.open(rehearsal, target, folder)
    : await Stage.open(rehearsal.stage, heard, signal);
  try {
    const play = { folder, ground, chronicle, rules, progress, signal };
    return judged(rehearsal, await perform(rehearsal, play), events);
  } finally {
    await ground.close();
  }
}

interface Play extends Scene {
  readonly folder: string;
  readonly rules: readonly Rule[];
  readonly signal: AbortSignal;
}

type Seen = Omit<Evidence, 'events'>;

async function perform(rehearsal: Rehearsal, play: Play): Promise<Seen> {
  const { folder, ground, chronicle, rules, progress, signal } = play;
  const course = new Course(chronicle, rehearsal.connections, progress);
  const trials = new Trials(ground, chronicle);
  const witness = new Witness(ground.nodes, chronicle);
  const alarms = new Alarms(rules, ground, chronicle);
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  progress('putting the load on');
  const scenario = scenarioOf({ ...rehearsal.load, ...ground.entry('people') });
  const loading = load(scenario, {
    folder,
    signal: ends,
    progress: (now) => course.heard(now),
  });
  loading.catch(() => over.abort());
  const injecting: Promise<FaultSeen>[] = [];
  try {
    await Promise.race([course.standing, loading, late(ends)]);
    signal.throwIfAborted();
    const rounds = [
      every(() => witness.look(), ends),
      every(() => trials.round(), ends),
      every(() => alarms.round(), ends),
    ];
    injecting.push(...rehearsal.faults.map((fault) => inject(fault, play, ends)));
    const injected = Promise.all(injecting);
    injected.catch(() => over.abort());
    const report = await loading;
    const ended = Math.min(chronicle.now, rehearsal.duration / 1_000);
    over.abort();
    await Promise.all(rounds);
    signal.throwIfAborted();
    return seenOf(rehearsal, report, {
      ended,
      faults: await injected,
      course,
      trials,
      witness,
      alarms,
      chronicle,
    });
  } finally {
    over.abort();
    // Whatever ended it: what was broken is mended before anybody is told.
    await Promise.allSettled([loading, ...injecting]);
  }
}

function seenOf(
  rehearsal: Rehearsal,
  { summary }: LoadReport,
  parts: {
    readonly ended: number;
    readonly faults: readonly FaultSeen[];
    readonly course: Course;
    readonly trials: Trials;
    readonly witness: Witness;
    readonly alarms: Alarms;
    readonly chronicle: Chronicle;
  },
): Seen {
  const before = <T extends { readonly at: number }>(all: readonly T[]): T[] =>
    all.filter(({ at }) => at <= parts.ended);
  return {
    connections: rehearsal.connections,
    summary,
    samples: before(parts.course.samples),
    trials: before(parts.trials.seen),
    health: before(parts.witness.seen),
    alarms: parts.alarms.seen.filter(({ since }) => since <= parts.ended),
    entries: before(parts.chronicle.entries),
    began: Math.min(...parts.faults.map(({ began }) => began)),
    over: Math.max(...parts.faults.map(({ over }) => over)),
    faults: parts.faults,
    ended: parts.ended,
  };
}

function judged(rehearsal: Rehearsal, seen: Seen, events: readonly EventSeen[]): RehearsalReport {
  const evidence: Evidence = { ...seen, events: events.filter(({ at }) => at <= seen.ended) };
  const all = judgeAll(rehearsal.must, evidence);
  const broken = all.some(({ kept }) => kept === false);
  return {
    rehearsal,
    evidence,
    judged: all,
    impairment: impairmentOf(evidence),
    recovery: recoveryOf(evidence),
    verdict: broken ? 'broken' : all.some(({ kept }) => kept === undefined) ? 'bound' : 'held',
  };
}

/** Does it again and again, one at a time, until it ends. */
async function every(work: () => Promise<void>, ends: AbortSignal): Promise<void> {
  while (!ends.aborted) {
    const begun = performance.now();
    await work();
    await paused(Math.max(0, ROUND - (performance.now() - begun)), ends);
  }
}

async function late(ends: AbortSignal): Promise<void> {
  if (await paused(PATIENCE, ends))
    throw new Error(
      `the load did not stand after ${PATIENCE / 1_000} s: not all of its connections were let in`,
    );
}
