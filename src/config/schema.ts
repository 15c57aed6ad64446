import { z } from 'zod';
import { IDENTITY_KINDS } from '../identity/kinds.ts';
import { duration } from '../pipeline/units.ts';
import { admin } from './admin.ts';
import type { JsonSchema } from './json-schema.ts';
import { listeners } from './listener.ts';
import { name } from './name.ts';
import { oneKind } from './one-kind.ts';
import { ROUTE } from './route.ts';

/** Where to keep what outlives the process. */
export const state = z.strictObject({
  directory: z
    .string()
    .min(1)
    .prefault('data')
    .describe(
      'The folder in which revocations are kept; made if there is none. For one gateway alone, and not to be changed while it runs.',
    ),
});

const drain = z.strictObject({
  window: duration
    .prefault('30s')
    .describe(
      'Over how long the sessions are closed, spread evenly, so that their clients do not come back at once.',
    ),
});

/** One entry of `identities`. */
export const IDENTITY = oneKind(IDENTITY_KINDS, 'identity');

/** The whole configuration. Types, JSON Schema, editor help and reference derive from it. */
export const CONFIG = z.strictObject({
  listeners: listeners
    .refine((all) => Object.keys(all).length > 0, 'must not be empty')
    .describe('The public doors, by name.'),
  admin: admin.optional().describe('The listener for operators; left out, there is none.'),
  state: state
    .optional()
    .describe('What outlives the process. Left out: nothing does, and revocations end with it.'),
  drain: drain.prefault({}).describe('How the gateway stops.'),
  identities: z.record(name, IDENTITY).describe('Ways to know who connects, by name.'),
  routes: z.array(ROUTE).min(1).max(10_000).describe('What can be reached, and under which rules.'),
});

/** The parsed configuration: durations in milliseconds, sizes in bytes, defaults filled in. Immutable by convention. */
export type Config = Readonly<z.output<typeof CONFIG>>;

let jsonSchema: JsonSchema | undefined;

/** The JSON Schema (2020-12) of the configuration file, for editors and for the reference. */
export function configJsonSchema(): JsonSchema {
  jsonSchema ??= z.toJSONSchema(CONFIG, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return jsonSchema;
}
