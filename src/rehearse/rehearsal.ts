import { z } from 'zod';
import { ScenarioError, scenarioOf } from '../load/scenario.ts';
import { duration } from '../pipeline/units.ts';
import { FAULTS, type Fault, type FaultName } from './faults.ts';
import { promise, type RehearsalPromise } from './promises.ts';
import { target } from './target.ts';

const when = {
  at: duration.describe('After the steady load stands.'),
  for: duration.optional().describe('Then it is taken back; left out, it lasts to the end.'),
};

const faultKinds = Object.entries(FAULTS).map(([name, { options }]) =>
  z.strictObject({ fault: z.literal(name), ...when, ...options }),
);

/** A fault, when, for how long, and its own options. Durations in milliseconds. */
export type PlannedFault = {
  readonly fault: FaultName;
  readonly at: number;
  readonly for?: number | undefined;
};

const fault = z.discriminatedUnion('fault', faultKinds as never).transform((each) => each as PlannedFault);

const stage = z.strictObject({
  nodes: z.int().min(1).max(8).prefault(1).describe('Gateways behind the balancer.'),
  redis: z.boolean().prefault(false).describe('They share a Redis server.'),
  gateway: z
    .record(z.string(), z.unknown())
    .prefault({})
    .describe('Goes over the configuration of the gateways.'),
});

/** What the stage gives a load: a rehearsal does not say it. */
const GIVEN = ['target', 'tls', 'identities', 'storm', 'outcomes', 'contract', 'processes'] as const;

const REHEARSAL = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a name of small letters, digits and hyphens'),
  about: z.string().max(1_000).describe('What it shows, in a sentence or two.'),
  stage: stage.prefault({}),
  target: target.optional().describe('In place of a stage: an endpoint that there is.'),
  load: z
    .record(z.string(), z.unknown())
    .describe(`A scenario of \`sallyport load\`, without ${GIVEN.join(', ')}.`),
  faults: z.array(fault).min(1).max(20),
  must: z.array(promise).min(1).max(100).describe('What must hold.'),
});

/** A game day: a load, what is done to it, and what must hold. Durations in milliseconds. */
export type Rehearsal = z.output<typeof REHEARSAL> & {
  /** Of the steady load, in milliseconds. */
  readonly duration: number;
  /** Of the steady load. */
  readonly connections: number;
};

/** The file is no rehearsal; the message has a line for each problem. */
export class RehearsalError extends Error {
  override readonly name = 'RehearsalError';
}

/** @throws RehearsalError */
export function rehearsalOf(written: unknown): Rehearsal {
  const { success, data, error } = REHEARSAL.safeParse(written);
  if (!success) {
    const lines = error.issues.map(({ path, message }) => `${path.join('.') || 'rehearsal'}: ${message}`);
    throw new RehearsalError(lines.join('\n'));
  }
  const rehearsal = { ...data, ...sizeOf(data.load) };
  const problems = [
    ...contradictions(rehearsal),
    ...(data.target ? unseen(rehearsal, data.target.metrics.length > 0) : shortcomings(rehearsal)),
  ];
  if (data.target && 'stage' in (written as object))
    problems.unshift('stage: an endpoint that is named has none');
  if (problems.length > 0) throw new RehearsalError(problems.join('\n'));
  return rehearsal;
}

/** Checks the load as far as it is said, and gives how large it is. */
function sizeOf(load: Readonly<Record<string, unknown>>): Pick<Rehearsal, 'duration' | 'connections'> {
  const given = GIVEN.filter((name) => name in load);
  if (given.length > 0)
    throw new RehearsalError(
      `load: ${given.join(', ')} ${given.length > 1 ? 'are' : 'is'} not for a rehearsal to say`,
    );
  try {
    const { duration: lasts, connections } = scenarioOf({ ...load, target: 'wss://localhost/' });
    return { duration: lasts, connections };
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw new RehearsalError(error.message.replaceAll(/^/gm, 'load.'));
  }
}

function contradictions({ faults, duration: whole }: Rehearsal): string[] {
  return faults.flatMap((each, i) => {
    const ends = each.at + (each.for ?? 0);
    const lasts = each.fault === 'command' && each.for !== undefined;
    return [
      ends >= whole && `faults.${i}: it ends at ${ends / 1_000} s, and the load after ${whole / 1_000} s`,
      lasts && !('undo' in each) && `faults.${i}: a command that is to last for a while needs undo`,
    ].filter((problem) => typeof problem === 'string');
  });
}

/** What a stage lacks for its faults. */
function shortcomings({ stage: { nodes, redis }, faults }: Rehearsal): string[] {
  return faults.flatMap((each, i) => {
    const row: Fault = FAULTS[each.fault];
    const needs = row.on === 'stage' ? row.needs : undefined;
    return [
      nodes < (needs?.nodes ?? 1) && `faults.${i}: ${each.fault} needs stage.nodes: ${needs?.nodes}`,
      needs?.redis === true && !redis && `faults.${i}: ${each.fault} needs stage.redis: true`,
    ].filter((problem) => typeof problem === 'string');
  });
}

/** What cannot be done to an endpoint that was named, nor seen of it: its processes are not ours. */
function unseen({ faults, must }: Rehearsal, scraped: boolean): string[] {
  return [
    ...faults.flatMap(({ fault }, i) =>
      FAULTS[fault].on === 'stage'
        ? [
            `faults.${i}: ${fault} needs a stage of its own; what only you can break is { fault: command, run: …, undo: … }`,
          ]
        : [],
    ),
    ...must.flatMap((each, i) => {
      const what = sightOf(each);
      if (what === undefined || (what === 'alarm' && scraped)) return [];
      const why = what === 'alarm' ? 'it needs target.metrics' : 'that is seen of a stage of its own alone';
      return [`must.${i}: ${what}: ${why}`];
    }),
  ];
}

function sightOf(each: RehearsalPromise): string | undefined {
  if ('line' in each) return undefined;
  return ['event', 'check', 'unready', 'alarm'].find((name) => name in each.sight);
}
