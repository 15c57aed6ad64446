import { z } from 'zod';
import { GUARD_KINDS } from '../guards/kinds.ts';
import { emergencyOptions } from '../identity/emergency.ts';
import { IDENTITY_KINDS } from '../identity/kinds.ts';
import { type GuardKind, OTHER_JUDGES } from '../pipeline/guard.ts';
import { duration } from '../pipeline/units.ts';
import { signalOptions } from '../signals/options.ts';
import { admin } from './admin.ts';
import { cluster } from './cluster.ts';
import { drain } from './drain.ts';
import type { JsonSchema } from './json-schema.ts';
import { listeners } from './listener.ts';
import { name } from './name.ts';
import { oneKind } from './one-kind.ts';
import { overload } from './overload.ts';
import { type Route, routeOf } from './route.ts';
import { state } from './state.ts';

/** One process, several, or one for each processor that there is. */
const workers = z.union([z.literal('auto'), z.int().min(1).max(256)]).prefault(1);

/** What is measured of each holder, for bills. */
const usage = z.strictObject({
  keep: duration
    .prefault('400d')
    .describe('How long a day’s counts are kept, in the place that `state` names.'),
});

/** One entry of `identities`. */
export const IDENTITY = oneKind(IDENTITY_KINDS, 'identity');

/** What a configuration can say: more where a program brings guards of its own. */
export interface Language {
  /** In the order in which they judge. */
  readonly guards: readonly GuardKind[];
  readonly route: z.ZodType<Route>;
  readonly config: z.ZodType<Config>;
  /** The JSON Schema (2020-12) of the configuration file. */
  jsonSchema(): JsonSchema;
}

/** The parsed configuration: durations in milliseconds, sizes in bytes, defaults filled in. Immutable by convention. */
export type Config = Readonly<z.output<ReturnType<typeof configOf>>>;

/**
 * The language of a gateway with the guards that are built in, and with these behind them.
 *
 * @throws RangeError if two guards have one name, or one has a name that is taken; Error if two own the same key of a route.
 */
export function languageOf(more: readonly GuardKind[]): Language {
  const guards = [...GUARD_KINDS, ...more];
  const names = guards.map((kind) => kind.name);
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice !== undefined) throw new RangeError(`two guards have the name ${JSON.stringify(twice)}`);
  const taken = names.find((each) => OTHER_JUDGES.includes(each));
  if (taken !== undefined)
    throw new RangeError(`${JSON.stringify(taken)} is no name for a guard: it is taken`);
  const route = routeOf(guards);
  const config = configOf(route);
  let jsonSchema: JsonSchema | undefined;
  return {
    guards,
    route,
    config,
    jsonSchema() {
      jsonSchema ??= z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
      return jsonSchema;
    },
  };
}

function configOf(route: z.ZodType<Route>) {
  return z.strictObject({
    listeners: listeners
      .refine((all) => Object.keys(all).length > 0, 'must not be empty')
      .describe('The public doors, by name.'),
    admin: admin.optional().describe('The listener for operators; left out, there is none.'),
    state: state
      .optional()
      .describe(
        'Where that is kept which outlives the process, and which nodes share. Left out: nothing does, and revocations end with it.',
      ),
    cluster: cluster
      .optional()
      .describe(
        'Where the nodes that share `state` reach each other, so that a client that comes back to another node finds its session. Left out, it does only on the node where it was. Not to be changed while it runs.',
      ),
    node: name
      .optional()
      .describe(
        'What operators call this gateway among those that share its `state`: the admin API shows where a session is. Left out, the name of the machine. Not to be changed while it runs.',
      ),
    workers: workers.describe(
      'How many processes `sallyport serve` runs: `auto` is one for each processor. They share the listeners, and what one knows all know. Not to be changed while it runs.',
    ),
    usage: usage
      .optional()
      .describe(
        'Counts messages, bytes and time by route, tenant and subject, to be read by the admin API. Left out: nothing is counted. Not to be changed while it runs.',
      ),
    drain: drain.prefault({}).describe('How the gateway stops.'),
    overload: overload.prefault({}).describe('When memory or time run short, and what is then refused.'),
    signals: z
      .record(name, signalOptions)
      .prefault({})
      .describe(
        'Who may say, by security event tokens (RFC 8417) at `/.well-known/sallyport/events`, that credentials are good no more; by name.',
      ),
    emergency: emergencyOptions
      .optional()
      .describe(
        'Who may come in by what was known of their credentials while an identity provider is away and an operator has switched emergency mode on. Left out: nobody, and it cannot be switched on.',
      ),
    identities: z.record(name, IDENTITY).describe('Ways to know who connects, by name.'),
    routes: z.array(route).min(1).max(10_000).describe('What can be reached, and under which rules.'),
  });
}

/** What the configuration file of `sallyport serve` can say. */
export const LANGUAGE: Language = languageOf([]);

/** The whole configuration. Types, JSON Schema, editor help and reference derive from it. */
export const CONFIG = LANGUAGE.config;

/** The JSON Schema (2020-12) of the configuration file, for editors and for the reference. */
export function configJsonSchema(): JsonSchema {
  return LANGUAGE.jsonSchema();
}
