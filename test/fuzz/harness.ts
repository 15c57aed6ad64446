import { rootCertificates } from 'node:tls';
import { Budget, DEFAULT_ALLOWANCE } from '../../src/audit/budget.ts';
import type { Asker } from '../../src/audit/probe/ask.ts';
import { DEFAULT_PATIENCE } from '../../src/audit/reach.ts';
import { resolveTarget } from '../../src/audit/target.ts';
import { type FuzzReport, type FuzzRequest, fuzz } from '../../src/fuzz/run.ts';

/** An endpoint on this machine, who is asked without a pause. */
export async function askerOf(
  port: number,
  ca: string,
  token?: string,
  patience = { answer: 2_000, verdict: 1_000 },
): Promise<Asker> {
  return {
    target: await resolveTarget(`wss://localhost:${port}/chat`, async () => '127.0.0.1'),
    budget: new Budget({
      ...DEFAULT_ALLOWANCE,
      connections: 100_000,
      rate: 10_000,
      bytes: 1e9,
      seconds: 600,
    }),
    patience: { ...DEFAULT_PATIENCE, ...patience },
    trust: { roots: [...rootCertificates, ca], client: undefined },
    login: { always: [], token, place: { kind: 'header' } },
  };
}

/** A run with this seed. */
export function run(
  asker: Asker,
  seed: number,
  cases: number,
  more: Partial<Pick<FuzzRequest, 'messages' | 'memory'>> = {},
): Promise<FuzzReport> {
  const { signal } = new AbortController();
  const request: FuzzRequest = {
    asker,
    seed,
    cases,
    signal,
    messages: undefined,
    memory: undefined,
    ...more,
  };
  return fuzz(
    request,
    () => {},
    () => {},
  );
}
