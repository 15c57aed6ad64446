import { isIP } from 'node:net';
import { createClient, createCluster, type RedisClientOptions } from '@redis/client';
import type { RedisPlace } from './redis-place.ts';
import { StoreError } from './store.ts';

/** One command. Replies are what RESP has: texts, numbers, lists, null. */
export type Send = (words: readonly string[]) => Promise<unknown>;

/** A connection that is open, or was: it never opens itself again. */
export interface RedisClient {
  /** Sends a command to the server that holds this key; to any where no key is given. */
  send(key: string | undefined, words: readonly string[]): Promise<unknown>;
  /** Each server that holds a part of the keys. */
  masters(): readonly Send[];
  /** Rejects if a part of it does not answer, or if the master is another one by now. */
  verify(): Promise<void>;
  /** Whether the connection has been lost. */
  readonly gone: boolean;
  /** Rejects what is still waiting. */
  destroy(): void;
}

/** What is heard of a connection before anybody asks. Both may be called several times. */
export interface ClientEvents {
  /** It has been lost, or has a fault. */
  fault(error: unknown): void;
}

type Node = RedisPlace['nodes'][number];

/** How long a connection may take to open, TLS and all, in milliseconds. */
export const CONNECT_TIMEOUT = 2_000;

/** The sentinels are asked at each of so many probes. */
const ASKED_EACH = 10;

/** Opens a connection for commands. Rejects if there is no master to be reached. */
export async function openClient(place: RedisPlace, events: ClientEvents): Promise<RedisClient> {
  if (place.form === 'cluster') return openCluster(place, events);
  const [first] = place.nodes;
  if (!first) throw new StoreError('no server is named');
  if (place.form === 'server') return single(await openNode(place, first, events), async () => {});
  const master = await askSentinels(place);
  const opened = await openNode(place, master, events);
  const [role] = (await opened.send(['ROLE'])) as readonly unknown[];
  if (role === 'master') return single(opened, sameMaster(place, master));
  opened.destroy();
  throw new StoreError(`the master that the sentinels name is a ${String(role)}`);
}

/** Asks the sentinels now and then: a master that they gave up may still answer those who are left on its side. */
function sameMaster(place: RedisPlace, master: Node): () => Promise<void> {
  let asked = 0;
  return async () => {
    if (++asked % ASKED_EACH !== 0) return;
    const now = await askSentinels(place).catch(() => master); // without them the master is still the master
    if (now.host !== master.host || now.port !== master.port)
      throw new StoreError('the master is another one');
  };
}

/** Where the sentinels say that the master is: the first one that answers is believed. */
export async function askSentinels(place: RedisPlace): Promise<Node> {
  const { nodes, tls, name = '', sentinelUsername: username, sentinelPassword: password } = place;
  const who = { tls, database: 0, ...(username && { username }), ...(password && { password }) };
  let fault: unknown;
  for (const node of nodes) {
    let sentinel: OpenNode | undefined;
    try {
      sentinel = await openNode({ form: 'server', nodes: [node], ...who }, node, { fault: () => {} });
      const answer = await sentinel.send(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]);
      if (!Array.isArray(answer))
        throw new StoreError(`the sentinels know no master ${JSON.stringify(name)}`);
      return { host: String(answer[0]), port: Number(answer[1]) };
    } catch (error) {
      fault = error;
    } finally {
      sentinel?.destroy();
    }
  }
  throw fault;
}

/** A connection to one server, that can hear what is published. */
export interface OpenNode {
  readonly send: Send;
  readonly gone: boolean;
  subscribe(channel: string, hear: (text: string) => void): Promise<void>;
  destroy(): void;
}

/** Opens a connection to one server. */
export async function openNode(place: RedisPlace, node: Node, { fault }: ClientEvents): Promise<OpenNode> {
  const client = createClient({
    ...optionsOf(place),
    socket: socketOf(place, node),
    database: place.database,
  });
  let gone = false;
  client.on('error', (error) => {
    gone = true;
    fault(error);
  });
  try {
    await client.connect();
  } catch (error) {
    quietly(() => client.destroy());
    throw error;
  }
  return {
    send: (words) => client.sendCommand([...words]),
    get gone() {
      return gone || !client.isReady;
    },
    subscribe: (channel, hear) => client.subscribe(channel, hear),
    destroy: () => quietly(() => client.destroy()),
  };
}

function single(opened: OpenNode, verify: () => Promise<void>): RedisClient {
  return {
    verify,
    send: (_key, words) => opened.send(words),
    masters: () => [opened.send],
    get gone() {
      return opened.gone;
    },
    destroy: () => opened.destroy(),
  };
}

async function openCluster(place: RedisPlace, { fault }: ClientEvents): Promise<RedisClient> {
  const cluster = createCluster({
    rootNodes: place.nodes.map((node) => ({ ...optionsOf(place), socket: socketOf(place, node) })),
    defaults: { ...optionsOf(place), socket: socketOf(place, undefined) },
    commandOptions: { timeout: CONNECT_TIMEOUT },
  });
  let gone = false;
  const lost = (error: unknown): void => {
    gone = true;
    fault(error);
  };
  cluster.on('error', lost).on('node-error', lost);
  try {
    await cluster.connect();
  } catch (error) {
    quietly(() => cluster.destroy());
    throw error;
  }
  return {
    send: (key, words) => cluster.sendCommand(key, false, [...words]),
    masters: () =>
      cluster.masters.map((master): Send => {
        return async (words) => (await cluster.nodeClient(master)).sendCommand([...words]);
      }),
    async verify() {
      await Promise.all(cluster.masters.map(async (master) => checkNode(await cluster.nodeClient(master))));
    },
    get gone() {
      return gone;
    },
    destroy: () => quietly(() => cluster.destroy()),
  };
}

/** Whether all parts of the cluster are there, as one of its nodes sees it. */
async function checkNode(node: { sendCommand(words: string[]): Promise<unknown> }): Promise<void> {
  const info = String(await node.sendCommand(['CLUSTER', 'INFO']));
  if (!info.includes('cluster_state:ok')) throw new StoreError('a part of the cluster is away');
}

/** One that is closed already throws. */
function quietly(destroy: () => void): void {
  try {
    destroy();
  } catch {}
}

/** Nothing is queued for a connection that is not there, and nothing opened again behind our back: the link does that. */
function optionsOf({ username, password }: Pick<RedisPlace, 'username' | 'password'>) {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
  } as const satisfies RedisClientOptions;
}

function socketOf({ tls }: Pick<RedisPlace, 'tls'>, node: Node | undefined) {
  const common = { ...node, connectTimeout: CONNECT_TIMEOUT, reconnectStrategy: false as const };
  if (!tls) return common;
  return { ...common, tls: true as const, ...(node && isIP(node.host) === 0 && { servername: node.host }) };
}
