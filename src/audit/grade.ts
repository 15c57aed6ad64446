import type { Group, Verdict, Weight } from './check.ts';

/** From the best to the worst. */
export const GRADES = ['A+', 'A', 'B', 'C', 'D', 'E', 'F'] as const;

export type Grade = (typeof GRADES)[number];

/** What a grade is made from. */
export interface Graded {
  readonly id: string;
  readonly group: Group;
  readonly weight: Weight;
  readonly verdict: Verdict;
}

interface Rule {
  /** The best grade that is left when the rule holds. */
  readonly atMost: Grade;
  readonly when: string;
  readonly holds: (results: readonly Graded[]) => boolean;
}

/** How many faults of this weight there are; a warning counts as one of the next lower weight. */
function faults(results: readonly Graded[], weight: Weight): number {
  const lighter: Partial<Record<Weight, Weight>> = {
    critical: 'high',
    high: 'medium',
    medium: 'low',
    low: 'low',
  };
  return results.filter((each) =>
    each.verdict === 'fail'
      ? each.weight === weight
      : each.verdict === 'warn' && lighter[each.weight] === weight,
  ).length;
}

/** Each step down, one row: the lowest `atMost` of those that hold is the grade. Docs and reports derive from it. */
export const RULES: readonly Rule[] = [
  { atMost: 'F', when: 'a critical check fails', holds: (all) => faults(all, 'critical') > 0 },
  { atMost: 'E', when: 'three checks of high weight fail', holds: (all) => faults(all, 'high') >= 3 },
  { atMost: 'D', when: 'a check of high weight fails', holds: (all) => faults(all, 'high') > 0 },
  { atMost: 'C', when: 'four checks of medium weight fail', holds: (all) => faults(all, 'medium') >= 4 },
  { atMost: 'B', when: 'a check of medium weight fails', holds: (all) => faults(all, 'medium') > 0 },
  { atMost: 'B', when: 'five checks of low weight fail', holds: (all) => faults(all, 'low') >= 5 },
  { atMost: 'A', when: 'a check of low weight fails', holds: (all) => faults(all, 'low') > 0 },
  {
    atMost: 'A',
    when: 'a check that could be run came to no conclusion',
    holds: (all) => all.some(({ verdict }) => verdict === 'inconclusive'),
  },
  {
    atMost: 'A',
    when: 'no WebSocket could be opened, so that frames and limits were not seen',
    holds: (all) =>
      all.some(({ group, verdict }) => (group === 'frames' || group === 'limits') && verdict === 'skipped') &&
      !all.some(({ group, verdict }) => group === 'frames' && verdict !== 'skipped'),
  },
];

export const GRADE_NOTES = [
  'A warning counts as a fault of the next lower weight; of low weight, as one of low weight.',
  'Advice, facts and skipped checks do not count.',
] as const;

/** The grade, and the rules that took it from A+. */
export function grade(results: readonly Graded[]): { grade: Grade; because: readonly string[] } {
  const held = RULES.filter(({ holds }) => holds(results));
  const worst = Math.max(0, ...held.map(({ atMost }) => GRADES.indexOf(atMost)));
  return { grade: GRADES[worst]!, because: held.map(({ atMost, when }) => `at most ${atMost}: ${when}`) };
}

/** Whether a grade is as good as this one, or better. */
export function isAtLeast(given: Grade, least: Grade): boolean {
  return GRADES.indexOf(given) <= GRADES.indexOf(least);
}
