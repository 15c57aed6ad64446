import type { CertificateFacts, RotationFacts } from '../admin/operator.ts';
import type { HealthCheck } from '../record/health.ts';

/** What any worker shows, once. */
export function mergeCertificates(
  lists: readonly (readonly CertificateFacts[])[],
): readonly CertificateFacts[] {
  return unique(lists.flat());
}

/** One report a listener: what was replaced anywhere, and what was not taken anywhere. */
export function mergeRotations(
  reports: readonly (readonly RotationFacts[])[],
  missing: readonly string[],
): readonly RotationFacts[] {
  const listeners = [...new Set(reports.flat().map(({ listener }) => listener))];
  const merged = listeners.map((listener): RotationFacts => {
    const of = reports.flat().filter((each) => each.listener === listener);
    return {
      listener,
      replaced: unique(of.flatMap(({ replaced }) => replaced)),
      problems: unique(of.flatMap(({ problems }) => problems)),
    };
  });
  return missing.length === 0
    ? merged
    : [...merged, { listener: 'workers', replaced: [], problems: missing }];
}

/** What one worker found, and what it is called. */
export interface Findings {
  readonly worker: string;
  readonly checks: readonly HealthCheck[];
}

/** A check is well if all workers find it so. New connections should go elsewhere only if no worker can take them. */
export function mergeHealth(findings: readonly Findings[]): readonly HealthCheck[] {
  const names = [...new Set(findings.flatMap(({ checks }) => checks.map(({ name }) => name)))];
  return names.map((name) => {
    const found = findings.flatMap(({ worker, checks }) =>
      checks.filter((check) => check.name === name).map((check) => ({ worker, check })),
    );
    const ill = found.filter(({ check }) => !check.healthy);
    if (ill.length === 0) return found[0]!.check;
    const blocksReady = ill.length === found.length && ill.some(({ check }) => check.blocksReady);
    return { name, healthy: false, blocksReady, reason: reasonOf(ill, found.length) };
  });
}

/** What all say is said once; what some say, with their names. */
function reasonOf(ill: readonly { worker: string; check: HealthCheck }[], all: number): string {
  const reasons = unique(ill.map(({ check }) => check.reason ?? 'not well'));
  if (reasons.length === 1 && ill.length === all) return reasons[0]!;
  return ill.map(({ worker, check }) => `${worker}: ${check.reason ?? 'not well'}`).join('; ');
}

/** Each value once; two that say the same are the same. */
export function unique<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
