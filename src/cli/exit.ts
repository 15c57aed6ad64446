/** Every way a command ends, one row each: `--help`, docs and code derive from it. */
export const EXIT = {
  done: { code: 0, meaning: 'It was done; for explain, it would be let through.' },
  problems: { code: 1, meaning: 'The configuration has problems; they were listed.' },
  usage: { code: 2, meaning: 'The command line was not understood.' },
  failed: {
    code: 3,
    meaning: 'The system did not allow it: a busy port, a missing permission, a full disk.',
  },
  refused: { code: 4, meaning: 'For explain: the upgrade or the message would be refused.' },
  cut: { code: 5, meaning: 'For serve: a second signal ended it before all sessions were drained.' },
  belowGrade: { code: 6, meaning: 'For audit: the grade is below the minimum.' },
  contractBroken: { code: 7, meaning: 'For load: the contract was broken, or an outcome did not come true.' },
  generatorBound: {
    code: 8,
    meaning: 'For load and rehearse: the generator itself could not keep up, so nothing is said.',
  },
  findings: { code: 9, meaning: 'For fuzz: something was found, or is still there.' },
  rehearsalBroken: { code: 10, meaning: 'For rehearse: something that must hold did not.' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>;

export type Exit = keyof typeof EXIT;
