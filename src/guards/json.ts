import { z } from 'zod';
import type { RefusalCode } from '../errors.ts';
import { guardKind } from '../pipeline/guard.ts';
import { PASS, type Refused, refuse } from '../pipeline/verdict.ts';
import type { JsonFault } from './json/limits.ts';
import { JsonReader } from './json/reader.ts';
import { JsonScanner } from './json/scan.ts';

const refuseOrAllow = z.enum(['refuse', 'allow']).default('refuse');

const messages = {
  maxDepth: z.int().min(1).max(256).default(32).describe('Objects and arrays within each other.'),
  maxKeys: z.int().min(1).max(1_000_000).default(1_000).describe('Keys of all objects of a message.'),
  maxItems: z.int().min(1).max(10_000_000).default(1_000).describe('Items of all arrays of a message.'),
  duplicateKeys: refuseOrAllow.describe('A key that an object repeats.'),
  inexactNumbers: refuseOrAllow.describe(
    'An integer that a double rounds (9007199254740993), or a number out of its range.',
  ),
} as const;

/** What a route that says nothing is held to. */
const DEFAULTS = z.object(messages).parse({});

const FAULTS: Readonly<Record<JsonFault, readonly [RefusalCode, string]>> = {
  depth: ['json_structure', 'it nests deeper than messages.maxDepth'],
  keys: ['json_structure', 'it has more keys than messages.maxKeys'],
  items: ['json_structure', 'it has more array items than messages.maxItems'],
  duplicate: ['json_unsafe', 'an object repeats a key'],
  prototype: ['json_unsafe', 'a key reaches for a prototype'],
  nul: ['json_unsafe', 'a key holds a NUL'],
  surrogate: ['json_unsafe', 'an escape is half a surrogate pair'],
  number: ['json_unsafe', 'a number cannot be held without rounding'],
  malformed: ['message_malformed', 'it is not JSON'],
};

/**
 * The shape of JSON, judged on its bytes before it is parsed: how deep and how much, and whether two readers could read
 * it differently (RFC 8259 sections 4, 6 and 8.2).
 */
export const json = guardKind({
  name: 'json',
  options: { messages },

  create(options, { dialect }) {
    if (!dialect.json) return undefined;
    const { duplicateKeys, inexactNumbers, ...limits } = { ...DEFAULTS, ...options.messages };
    const structure = {
      ...limits,
      allowDuplicates: duplicateKeys === 'allow',
      allowInexact: inexactNumbers === 'allow',
    };
    const scanner = new JsonScanner(structure);
    const reader = new JsonReader(structure);
    return {
      onPayload(payload) {
        if (payload.binary) return BINARY;
        if (payload.plain) payload.parsed = reader.read(payload.bytes, payload.text());
        if (payload.parsed !== undefined) return PASS;
        const fault = scanner.scan(payload.bytes);
        return fault === undefined ? PASS : REFUSALS_BY_FAULT[fault];
      },
    };
  },
});

const BINARY = refuse('message_kind', 'JSON comes as text');

const REFUSALS_BY_FAULT = Object.fromEntries(
  Object.entries(FAULTS).map(([fault, [code, reason]]) => [fault, refuse(code, reason)]),
) as Readonly<Record<JsonFault, Refused>>;
