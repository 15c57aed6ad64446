import type { Case } from './case.ts';

/** How many times a finding is tried again to make it smaller. */
const TRIES = 40;

/** Leaves out of a case whatever is not needed for `still` to hold: steps first, then how they are split. */
export async function minimise(found: Case, still: (smaller: Case) => Promise<boolean>): Promise<Case> {
  let smallest = found;
  let left = TRIES;
  const keeps = async (smaller: Case): Promise<boolean> => {
    if (left-- <= 0 || !(await still(smaller))) return false;
    smallest = smaller;
    return true;
  };
  if (smallest.split !== 'none') await keeps({ ...smallest, split: 'none' });
  for (const step of found.steps) {
    const steps = smallest.steps.filter((each) => each !== step);
    if (!step.essential && steps.length > 0) await keeps({ ...smallest, steps });
  }
  return smallest;
}
