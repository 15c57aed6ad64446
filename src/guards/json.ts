import { z } from 'zod';
import type { RefusalCode } from '../errors.ts';
import { guardKind } from '../pipeline/guard.ts';
import { PASS, type Refused, refuse } from '../pipeline/verdict.ts';
import type { JsonFault } from './json/limits.ts';
import { JsonScanner } from './json/scan.ts';

/** What a route that says nothing is held to. */
const DEFAULTS = { maxDepth: 32, maxKeys: 1_000, maxItems: 10_000 };

const refuseOrAllow = z.enum(['refuse', 'allow']).optional();

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
  options: {
    messages: {
      maxDepth: z.int().min(1).max(256).optional().describe('Nested objects and arrays. Default 32.'),
      maxKeys: z.int().min(1).max(1_000_000).optional().describe('Keys in one message. Default 1000.'),
      maxItems: z
        .int()
        .min(1)
        .max(10_000_000)
        .optional()
        .describe('Array items in one message. Default 10000.'),
      duplicateKeys: refuseOrAllow.describe('An object that repeats a key. Default refuse.'),
      inexactNumbers: refuseOrAllow.describe(
        'Integers that a double rounds (9007199254740993) and numbers out of its range. Default refuse.',
      ),
    },
  },

  create({ messages }, { dialect }) {
    if (!dialect.json) return undefined;
    const scanner = new JsonScanner({
      maxDepth: messages?.maxDepth ?? DEFAULTS.maxDepth,
      maxKeys: messages?.maxKeys ?? DEFAULTS.maxKeys,
      maxItems: messages?.maxItems ?? DEFAULTS.maxItems,
      allowDuplicates: messages?.duplicateKeys === 'allow',
      allowInexact: messages?.inexactNumbers === 'allow',
    });
    return {
      onPayload({ binary, bytes }) {
        if (binary) return BINARY;
        const fault = scanner.scan(bytes);
        return fault === undefined ? PASS : REFUSALS_BY_FAULT[fault];
      },
    };
  },
});

const BINARY = refuse('message_kind', 'JSON comes as text');

const REFUSALS_BY_FAULT = Object.fromEntries(
  Object.entries(FAULTS).map(([fault, [code, reason]]) => [fault, refuse(code, reason)]),
) as Readonly<Record<JsonFault, Refused>>;
