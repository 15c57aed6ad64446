import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { rulesOf } from '../../src/rehearse/alarms/rules.ts';
import { rehearsalOf } from '../../src/rehearse/rehearsal.ts';
import { type RehearsalReport, rehearse } from '../../src/rehearse/run.ts';

export const RULES = rulesOf(parse(readFileSync('deploy/alerts.yaml', 'utf8')));

type Written = Record<string, unknown> & {
  load: Record<string, unknown>;
  faults: Record<string, unknown>[];
  must: unknown[];
};

/** A rehearsal as it is shipped, not yet read. */
export function written(name: string): Written {
  return parse(readFileSync(`examples/rehearsals/${name}.yaml`, 'utf8')) as Written;
}

interface Small {
  readonly seconds: number;
  /** What takes the place of the last fault's own, or of all faults. */
  readonly fault?: object;
  readonly faults?: readonly object[];
  /** Goes over the configuration of the gateways. */
  readonly gateway?: object;
  /** Fewer than are shipped. */
  readonly nodes?: number;
}

/**
 * Runs a shipped rehearsal in small: few connections, and the last of its faults soon and for a second. Of what must hold,
 * times are left out: how quick this machine is just now is no matter of a test.
 */
export function inSmall(
  name: string,
  { seconds, fault, faults, gateway = {}, nodes }: Small,
): Promise<RehearsalReport> {
  const whole = written(name);
  const load = {
    ...whole.load,
    connections: 8,
    ramp: '1s', // who is not in when the load begins cannot be answered
    duration: `${seconds}s`,
    pace: { rate: '40/s' },
  };
  const soon = whole.faults.slice(-1).map((each) => ({ ...each, at: '1s', for: '1s', ...fault }));
  const must = whole.must.flatMap((each) => {
    if (typeof each === 'string') return /gap|time|latency/.test(each) ? [] : [each];
    const { within: _, ...sight } = each as { readonly within?: string };
    return [sight];
  });
  const stage = { ...(whole.stage as object), ...(nodes && { nodes }), gateway };
  return rehearse(rehearsalOf({ ...whole, stage, load, faults: faults ?? soon, must }), {
    folder: '.',
    rules: RULES,
  });
}

/** What did not hold, in words. */
export function broken({ judged }: RehearsalReport): string[] {
  return judged.filter(({ kept }) => kept === false).map(({ text, seen }) => `${text}: ${seen}`);
}
