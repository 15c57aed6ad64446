import type { z } from 'zod';
import { type SignalOptions, signalOptions } from '../signals/options.ts';
import type { Services } from '../store/services.ts';
import type { Environment } from './environment.ts';
import { type Examined, examineFile, inOrder } from './load.ts';
import type { OneKind } from './one-kind.ts';
import { compileParts, type Parts } from './plan.ts';
import type { ConfigPath, ConfigProblem } from './problem.ts';
import type { Route } from './route.ts';
import { IDENTITY } from './schema.ts';

/**
 * Every problem that a configuration file has, at once: where the schema finds faults, what is left without them is
 * built nevertheless, so that a missing file or a wrong expression is seen in the same run as a misspelt key.
 */
export function diagnose(
  file: string,
  services: Services,
  environment: Environment = process.env,
): ConfigProblem[] {
  return diagnosed(examineFile(file, environment), services);
}

/** As `diagnose`, for what was read already. */
export function diagnosed(examined: Examined, services: Services): ConfigProblem[] {
  const parts = examined.config ?? soundParts(examined);
  return inOrder([...examined.problems, ...compileParts(examined.written, parts, services).problems]);
}

/** What can still be parsed once everything at fault is taken out. Routes keep their places. */
function soundParts({ written, issues }: Examined): Parts {
  const value = structuredClone(written.value) as
    | { identities?: unknown; signals?: unknown; routes?: unknown }
    | undefined;
  for (const issue of issues) remove(value, issue);
  const identities: Record<string, OneKind> = {};
  for (const [name, each] of Object.entries(mapping(value?.identities))) {
    const parsed = IDENTITY.safeParse(each);
    if (parsed.success) identities[name] = parsed.data;
  }
  const signals: Record<string, SignalOptions> = {};
  for (const [name, each] of Object.entries(mapping(value?.signals))) {
    const parsed = signalOptions.safeParse(each);
    if (parsed.success) signals[name] = parsed.data;
  }
  const routes = (Array.isArray(value?.routes) ? value.routes : []).map((route, index): Route | undefined =>
    isSpoilt(index, issues) ? undefined : written.language.route.safeParse(route).data,
  );
  return { identities, signals, routes };
}

/** Guards are built for the route's dialect: with a wrong one, what they complain of would be wrong too. */
function isSpoilt(index: number, issues: readonly z.core.$ZodIssue[]): boolean {
  return issues.some(({ path }) => path[0] === 'routes' && path[1] === index && path[2] === 'dialect');
}

function remove(value: unknown, issue: z.core.$ZodIssue): void {
  const path = issue.path as ConfigPath;
  if (issue.code === 'unrecognized_keys') for (const key of issue.keys) removeAt(value, [...path, key]);
  else removeAt(value, path);
}

/** Takes a key out; in a list (but `routes`) the list as a whole, for the places of what follows depend on it. */
function removeAt(value: unknown, path: ConfigPath): void {
  const inList = path.findIndex((step, at) => typeof step === 'number' && at > 1);
  const at = inList < 0 ? path : path.slice(0, inList);
  const last = at.at(-1);
  const parent = at.slice(0, -1).reduce<unknown>((found, step) => mapping(found)[step], value);
  if (typeof last === 'string') delete mapping(parent)[last];
}

function mapping(value: unknown): Record<string | number, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>) : {};
}
