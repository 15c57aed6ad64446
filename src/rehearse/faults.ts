import { z } from 'zod';
import { duration, rate } from '../pipeline/units.ts';
import { floodConnections, floodMessages } from './floods.ts';
import type { Injection } from './injection.ts';
import { floodMalformed } from './malformed.ts';
import type { GatewayNode } from './node.ts';
import type { Manner } from './provider.ts';
import type { Stage } from './stage.ts';

/** One row of the table. */
export interface Fault {
  readonly meaning: string;
  readonly options: z.ZodRawShape;
  /** Of the stage: what it must have. */
  readonly needs?: { readonly redis?: true; readonly nodes?: number };
  begin(stage: Stage, options: never): Promise<Injection>;
}

const share = z.number().gt(0).max(1);

/** Every fault, by name: rehearsals, help and documents derive from this table. */
export const FAULTS = {
  'provider-away': {
    meaning: 'The identity provider resets every connection.',
    options: {},
    begin: async ({ provider }) => mannered(provider, 'away', 'the identity provider is away'),
  },
  'provider-slow': {
    meaning: 'The identity provider answers late.',
    options: { by: duration.describe('How late.') },
    begin: async ({ provider }, { by }: { readonly by: number }) =>
      mannered(provider, { slow: by }, `the identity provider answers ${by / 1_000} s late`),
  },
  'backend-killed': {
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
    meaning: 'One gateway is killed, and started again.',
    options: {},
    needs: { nodes: 2 },
    begin: async ({ nodes }) => killed(nodes.slice(0, 1)),
  },
  'zone-lost': {
    meaning: 'Half of the gateways are killed at once, and started again.',
    options: {},
    needs: { nodes: 2 },
    begin: async ({ nodes }) => killed(nodes.slice(0, Math.ceil(nodes.length / 2))),
  },
  'connections-cut': {
    meaning: 'A share of all connections is reset at once, and their clients return: a reconnect storm.',
    options: { share: share.prefault(1).describe('Of all connections; 1 if left out.') },
    begin: async ({ balancer }, options: { readonly share: number }) => {
      const cut = balancer.cut('people', options.share);
      return { said: `${cut} connections are cut at once`, end: async () => 'they may return' };
    },
  },
  'connection-flood': {
    meaning: 'Connections from four addresses that say nothing.',
    options: { rate: rate.prefault('200/s').describe('Of new connections; 200/s if left out.') },
    begin: floodConnections,
  },
  'message-flood': {
    meaning: 'Connections that were admitted send more messages than they may.',
    options: {
      connections: z.int().min(1).max(50).prefault(5).describe('That send; 5 if left out.'),
      rate: rate.prefault('1000/s').describe('Of all messages together; 1000/s if left out.'),
    },
    begin: floodMessages,
  },
  'malformed-flood': {
    meaning: 'Handshakes and frames that break the protocol, as `sallyport fuzz` makes them.',
    options: {
      rate: rate.prefault('20/s').describe('Of new connections; 20/s if left out.'),
      seed: z.int().min(0).prefault(1).describe('The same one makes the same again; 1 if left out.'),
    },
    begin: floodMalformed,
  },
  'certificate-expiring': {
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
