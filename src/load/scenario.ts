import { isIP } from 'node:net';
import { z } from 'zod';
import { duration, rate } from '../pipeline/units.ts';
import { contractLine } from './contract.ts';
import { templateOf } from './template.ts';

/** The text of a message template. */
export const templateText = z
  .string()
  .max(1_048_576)
  .refine(isTemplate, 'a template whose variables are known; `sallyport load --help` lists them');

function isTemplate(text: string): boolean {
  try {
    templateOf(text);
    return true;
  } catch {
    return false;
  }
}

const share = z.number().min(0).max(1);

const mint = z.strictObject({
  key: z.string().describe('A file with a private JWK or PKCS#8 PEM.'),
  algorithm: z.string().prefault('ES256'),
  keyId: z.string().optional(),
  lifetime: duration.prefault('10m'),
  claims: z
    .record(z.string(), z.unknown())
    .prefault({})
    .describe('`{user}` in a text is the number of the user.'),
});

/** Who comes, with which tokens. */
export const identities = z.union([
  z.strictObject({ tokens: z.string().describe('A file with a token a line; users take them in turn.') }),
  z.strictObject({ mint: mint.describe('Tokens are signed here, one for each connection.') }),
]);

/** Where to connect, in place of what the host of a URL resolves to. */
export const address = z
  .string()
  .refine(
    (text) => placeOf(text) !== undefined,
    'an address like 192.0.2.1, 192.0.2.1:8443 or [2001:db8::1]:8443',
  )
  .describe('Connect to this address, and port if it has one, whatever the host of the URL resolves to.');

/** The parts of an `address`; undefined if it is none. */
export function placeOf(text: string): { readonly host: string; readonly port?: number } | undefined {
  if (isIP(text) !== 0) return { host: text };
  const [, bracketed, plain = bracketed ?? '', port] =
    /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const right = isIP(plain) === (bracketed === undefined ? 4 : 6) && Number(port) <= 65_535;
  return right ? { host: plain, port: Number(port) } : undefined;
}

const message = z.strictObject({
  template: templateText,
  weight: z.int().min(1).max(1_000).prefault(1).describe('How often it is chosen, beside the others.'),
});

const pace = z.union([
  z.strictObject({
    outstanding: z
      .int()
      .min(1)
      .max(1_000)
      .describe('Closed loop: so many messages wait for their answer at a time.'),
    think: duration.prefault('0s').describe('How long a user waits after an answer.'),
  }),
  z.strictObject({
    rate: rate.describe(
      'Open loop: messages are due at this rate from all users together, whatever the answers do.',
    ),
  }),
]);

/** What must come true, tried on connections of its own while the load runs. */
const outcome = z.union([
  z.strictObject({
    name: z.string(),
    burst: z
      .strictObject({
        messages: z.int().min(1).max(100_000),
        passing: z
          .int()
          .min(0)
          .describe('How many of them are answered as usual; the others must be refused.'),
        refusal: z.string().describe('A text that an answer holds which refuses a message.'),
      })
      .describe('Messages sent at once: “the 101st message of a second is refused”.'),
  }),
  z.strictObject({
    name: z.string(),
    expiry: z
      .strictObject({
        lifetime: duration.prefault('3s').describe('Of the token; needs identities.mint.'),
        within: duration.describe('How long after that the connection may last.'),
      })
      .describe('“An expired token is out within 2 s.”'),
  }),
  z.strictObject({
    name: z.string(),
    upgrade: z
      .strictObject({
        token: z.enum(['none', 'garbage', 'expired', 'forged']),
        status: z.array(z.int()).min(1).prefault([401]),
      })
      .describe('An upgrade that must be refused.'),
  }),
]);

/** A load: who connects, what they send, what is done to them, and what must hold. */
export const SCENARIO = z.strictObject({
  target: z.url({ protocol: /^wss$/, error: 'a URL like wss://host/path' }).describe('The endpoint.'),
  address: address.optional(),
  tls: z
    .strictObject({ ca: z.string().optional(), insecure: z.boolean().prefault(false) })
    .prefault({})
    .describe('A PEM file to trust, or nothing to check.'),
  origin: z.string().optional(),
  protocols: z.array(z.string()).prefault([]),
  headers: z.record(z.string(), z.string()).prefault({}),
  identities: identities.optional(),
  processes: z.int().min(1).max(64).prefault(1).describe('Of the generator.'),
  connections: z.int().min(1).max(1_000_000).prefault(10),
  ramp: duration.prefault('1s').describe('Over which they are opened.'),
  duration: duration.prefault('10s').describe('Of the steady load, after the ramp.'),
  messages: z.array(message).max(100).prefault([]),
  answer: z
    .union([z.literal('order'), z.string().regex(/^\//, 'a JSON pointer, or "order"')])
    .prefault('order')
    .describe('How an answer is told: the next message that comes, or a JSON pointer to the `{id}` in it.'),
  answerTimeout: duration.prefault('10s'),
  pace: pace
    .prefault({ outstanding: 1, think: '1s' })
    .describe('If left out, one message a second at most on each connection.'),
  slowReaders: share.prefault(0).describe('The share of users that send, and never read.'),
  churn: rate.optional().describe('Connections that are closed and opened again.'),
  storm: z
    .strictObject({ at: duration.describe('After the ramp.'), share: share.prefault(1) })
    .optional()
    .describe('A share of all connections is cut and returns at once.'),
  outcomes: z.array(outcome).max(50).prefault([]),
  contract: z.array(contractLine).max(100).prefault([]),
});

/** Durations in milliseconds, defaults filled in. */
export type Scenario = z.output<typeof SCENARIO>;
export type ScenarioInput = z.input<typeof SCENARIO>;
export type Outcome = Scenario['outcomes'][number];

/** One thing that is wrong with a scenario: where, and what was expected. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/** @throws ScenarioError with a line for each problem. */
export function scenarioOf(written: unknown): Scenario {
  const { success, data, error } = SCENARIO.safeParse(written);
  if (!success) {
    const lines = error.issues.map(({ path, message: text }) => `${path.join('.') || 'scenario'}: ${text}`);
    throw new ScenarioError(lines.join('\n'));
  }
  const problems = contradictions(data);
  if (problems.length > 0) throw new ScenarioError(problems.join('\n'));
  return data;
}

/** Connections that one process can hold: a descriptor each, and some to spare. */
const PER_PROCESS = 18_000;

function contradictions({ connections, processes, outcomes, identities: who, messages }: Scenario): string[] {
  const mints = who !== undefined && 'mint' in who;
  return [
    connections / processes > PER_PROCESS &&
      `processes: ${Math.ceil(connections / PER_PROCESS)} at least for ${connections} connections`,
    outcomes.some(
      (each) => 'expiry' in each || ('upgrade' in each && /expired|forged/.test(each.upgrade.token)),
    ) &&
      !mints &&
      'outcomes: an expired or forged token needs identities.mint',
    outcomes.some((each) => 'burst' in each) && messages.length === 0 && 'outcomes: a burst needs messages',
  ].filter((each) => typeof each === 'string');
}
