import { z } from 'zod';
import { templateText } from '../load/scenario.ts';
import { duration, rate } from '../pipeline/units.ts';
import { runCommand } from './command.ts';
import { floodConnections, floodMessages } from './floods.ts';
import type { Ground } from './ground.ts';
import type { Injection } from './injection.ts';
import { floodMalformed } from './malformed.ts';
import type { GatewayNode } from './node.ts';
import type { Manner } from './provider.ts';
import type { Stage } from './stage.ts';

interface Row {
  readonly meaning: string;
  readonly options: z.ZodRawShape;
}

/** Can be done to any endpoint: it comes from outside. */
interface OutsideFault extends Row {
  readonly on: 'any';
  begin(ground: Ground, options: never): Promise<Injection>;
}

/** Needs what a rehearsal started itself. */
interface StageFault extends Row {
  readonly on: 'stage';
  /** What the stage must have. */
  readonly needs?: { readonly redis?: true; readonly nodes?: number };
  begin(stage: Stage, options: never): Promise<Injection>;
}

/** One row of the table. */
export type Fault = OutsideFault | StageFault;

const share = z.number().gt(0).max(1);

/** Every fault, by name: rehearsals, help and documents derive from this table. */
export const FAULTS = {
  'provider-away': {
    on: 'stage',
    meaning: 'The identity provider resets every connection.',
    options: {},
    begin: async ({ provider }) => mannered(provider, 'away', 'the identity provider is away'),
  },
  'provider-slow': {
    on: 'stage',
    meaning: 'The identity provider answers late.',
    options: { by: duration.describe('How late.') },
    begin: async ({ provider }, { by }: { readonly by: number }) =>
      mannered(provider, { slow: by }, `the identity provider answers ${by / 1_000} s late`),
  },
  'backend-killed': {
    on: 'stage',
    meaning: 'The backend is killed, and started again on the same port.',
    options: {},
    begin: async ({ backend }) => {
      await backend.kill();
      return {
        said: 'the backend is killed',
        end: async () => {
          await backend.start();
          return 'the backend is back';
        },
      };
    },
  },
  'node-killed': {
    on: 'stage',
    meaning: 'One gateway is killed, and started again.',
    options: {},
    needs: { nodes: 2 },
    begin: async ({ nodes }) => killed(nodes.slice(0, 1)),
  },
  'zone-lost': {
    on: 'stage',
    meaning: 'Half of the gateways are killed at once, and started again.',
    options: {},
    needs: { nodes: 2 },
    begin: async ({ nodes }) => killed(nodes.slice(0, Math.ceil(nodes.length / 2))),
  },
  'connections-cut': {
    on: 'any',
    meaning: 'A share of all connections is reset at once, and their clients return: a reconnect storm.',
    options: { share: share.prefault(1).describe('Of all connections; 1 if left out.') },
    begin: async (ground, options: { readonly share: number }) => {
      const cut = ground.cut(options.share);
      return { said: `${cut} connections are cut at once`, end: async () => 'they may return' };
    },
  },
  'connection-flood': {
    on: 'any',
    meaning: 'Connections that say nothing; on a stage, from four addresses.',
    options: { rate: rate.prefault('200/s').describe('Of new connections; 200/s if left out.') },
    begin: floodConnections,
  },
  'message-flood': {
    on: 'any',
    meaning: 'Connections that were admitted send more messages than they may.',
    options: {
      connections: z.int().min(1).max(50).prefault(5).describe('That send; 5 if left out.'),
      rate: rate.prefault('1000/s').describe('Of all messages together; 1000/s if left out.'),
      message: templateText
        .prefault('{"type":"flood","id":"{id}"}')
        .describe('What is sent, a template as in a load.'),
      refusal: z
        .string()
        .prefault('"error"')
        .describe('A text that an answer holds which refuses a message.'),
    },
    begin: floodMessages,
  },
  'malformed-flood': {
    on: 'any',
    meaning: 'Handshakes and frames that break the protocol, as `sallyport fuzz` makes them.',
    options: {
      rate: rate.prefault('20/s').describe('Of new connections; 20/s if left out.'),
      seed: z.int().min(0).prefault(1).describe('The same one makes the same again; 1 if left out.'),
    },
    begin: floodMalformed,
  },
  'certificate-expiring': {
    on: 'stage',
    meaning: 'The certificate in service is one that is about to run out, until it is renewed.',
    options: { days: z.number().gt(0).max(60).prefault(2).describe('That it has left; 2 if left out.') },
    begin: async (stage, { days }: { readonly days: number }) => {
      await stage.certify(days);
      return {
        said: `the certificate runs out in ${days} days`,
        end: async () => {
          await stage.certify(90);
          return 'the certificate is renewed';
        },
      };
    },
  },
  'redis-away': {
    on: 'stage',
    meaning: 'The Redis server that the nodes share is killed, and started again empty.',
    options: {},
    needs: { redis: true },
    begin: async ({ redis }) => {
      await redis!.kill();
      return {
        said: 'Redis is away',
        end: async () => {
          await redis!.start();
          return 'Redis is back, and empty';
        },
      };
    },
  },
  command: {
    on: 'any',
    meaning:
      'A command of yours, in a shell: for what only you can break. `undo` mends it, also if the rehearsal is interrupted.',
    options: {
      run: z.string().min(1).max(4_096).describe('Breaks it; must end with 0.'),
      undo: z.string().min(1).max(4_096).optional().describe('Mends it; needed with `for`.'),
      patience: duration.prefault('30s').describe('How long each may take; 30 s if left out.'),
    },
    begin: runCommand,
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof FAULTS;

function mannered(provider: Stage['provider'], manner: Manner, said: string): Injection {
  provider.manner = manner;
  return {
    said,
    end: async () => {
      provider.manner = 'well';
      return 'the identity provider answers again';
    },
  };
}

async function killed(nodes: readonly GatewayNode[]): Promise<Injection> {
  const names = nodes.map(({ name }) => name).join(', ');
  await Promise.all(nodes.map((node) => node.kill()));
  return {
    said: `killed: ${names}`,
    end: async () => {
      await Promise.all(nodes.map((node) => node.start()));
      return `started again: ${names}`;
    },
  };
}
