import { z } from 'zod';
import { OptionsError, type OptionsProblem, type RouteContext } from '../pipeline/context.ts';
import { guardKind } from '../pipeline/guard.ts';
import type { Direction, Message } from '../pipeline/message.ts';
import { PASS, refuse, type Verdict } from '../pipeline/verdict.ts';
import { type Checks, type Contract, ContractLoader } from './schema/contract.ts';

/** A file, folder or AsyncAPI document; or a JSON Schema file for each type. */
const source = z.union([z.string().min(1), z.record(z.string().min(1), z.string().min(1))]);

/** Several versions of a contract, by the subprotocol that chooses them. */
const versions = z.record(
  z.string().min(1),
  z.strictObject({ file: source.describe('The schemas of this version.') }),
);

const schemas = z.union([source, versions]);

type SchemasOption = z.infer<typeof schemas>;

const UNKNOWN_TYPE = Object.freeze(refuse('type_unknown', 'no schema covers this type'));
const NO_CONTRACT = Object.freeze(refuse('type_unknown', 'no schemas for this subprotocol'));

/**
 * Each message satisfies the schema of its type, and a type that has none is refused.
 * `messages.validate: both` judges what the server sends too.
 */
export const schema = guardKind({
  name: 'schema',
  options: {
    messages: {
      schemas: schemas
        .optional()
        .describe(
          'A JSON Schema file, a folder of them, an AsyncAPI document, a file for each type, or all this by subprotocol.',
        ),
      validate: z.enum(['client', 'both']).default('client').describe('Whose messages must satisfy them.'),
    },
  },
  create({ messages }, context) {
    const option = messages?.schemas;
    if (option === undefined) return undefined;
    const contracts = loadContracts(option, context);
    const directions: readonly Direction[] =
      messages?.validate === 'both' ? ['client', 'server'] : ['client'];
    if (contracts instanceof Map) {
      return {
        directions,
        onMessage(message, connection) {
          const contract = contracts.get(connection.protocol);
          return contract ? judge(contract[message.direction], message) : NO_CONTRACT;
        },
      };
    }
    return { directions, onMessage: (message) => judge(contracts[message.direction], message) };
  },
});

function judge(checks: Checks, message: Message): Verdict {
  const validator = checks.every ?? (message.type === undefined ? undefined : checks.types.get(message.type));
  if (validator) return validator(message.content) ?? PASS;
  return message.framing ? PASS : UNKNOWN_TYPE;
}

/** One contract for all, or one for each subprotocol. Throws OptionsError with every fault that was found. */
function loadContracts(option: SchemasOption, context: RouteContext): Contract | Map<string, Contract> {
  const loader = new ContractLoader(context);
  const versioned = asVersions(option);
  const at = ['messages', 'schemas'];
  const contracts = versioned
    ? new Map(
        Object.entries(versioned).map(([name, { file }]) => [name, loader.load(file, [...at, name, 'file'])]),
      )
    : loader.load(option as z.infer<typeof source>, at);
  loader.finish();
  const problems = [
    ...(versioned ? protocolProblems(Object.keys(versioned), context) : []),
    ...loader.problems,
  ];
  if (problems.length > 0) throw new OptionsError(problems);
  for (const { file, type } of loader.open) {
    context.services.recorder.event('schema.open', { route: context.route, file, type });
  }
  return contracts;
}

function asVersions(option: SchemasOption): z.infer<typeof versions> | undefined {
  if (typeof option === 'string') return undefined;
  return Object.values(option).some((value) => typeof value === 'object')
    ? (option as z.infer<typeof versions>)
    : undefined;
}

/** Every subprotocol of the route has a contract, and every contract a subprotocol. */
function protocolProblems(versions: readonly string[], context: RouteContext): OptionsProblem[] {
  const path = ['messages', 'schemas'];
  const missing = context.protocols.filter((name) => !versions.includes(name));
  const unknown = versions.filter((name) => !context.protocols.includes(name));
  return [
    ...missing.map((name) => ({ path, message: `subprotocol ${name} has no schemas` })),
    ...unknown.map((name) => ({
      path: [...path, name],
      message: `the route does not speak subprotocol ${name}`,
    })),
  ];
}
