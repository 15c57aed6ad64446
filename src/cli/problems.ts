import { type ConfigProblem, problemText } from '../config/problem.ts';
import type { Exit } from './exit.ts';
import type { Io } from './io.ts';
import type { Given } from './verb.ts';

/** Lists what is wrong with a configuration. */
export function writeProblems(problems: readonly ConfigProblem[], given: Given, io: Io): Exit {
  if (given.flag('json')) io.out(JSON.stringify({ problems }, undefined, 2));
  else {
    for (const problem of problems) io.err(problemText(problem));
    io.err(io.style('red', problems.length === 1 ? '1 problem' : `${problems.length} problems`));
  }
  return 'problems';
}
