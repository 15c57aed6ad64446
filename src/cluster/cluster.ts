import type { Socket } from 'node:net';
import type { Refused } from '../pipeline/verdict.ts';
import type { Claim } from '../protocol/session-protocol.ts';
import type { Claimant, Claimed } from '../session/claim.ts';
import { nodeOf } from '../session/parking.ts';
import { claimOver } from './guest.ts';
import { type Holder, hold } from './holder.ts';
import type { Way } from './ways.ts';

/** How often a process says where it is, and how long that is believed, in milliseconds. */
const ANNOUNCE = { every: 10_000, ttl: 30_000 } as const;

/** A process's name as tokens have it; nothing else is looked up. */
const NODE = /^[0-9a-f]{16}$/;

/**
 * The other processes, workers of this machine and nodes beyond it, as far as sessions are concerned: one that holds a
 * session is found by the name in its token, and joined.
 */
export class Cluster {
  readonly #holder: Holder;
  readonly #ways: readonly Way[];
  readonly #sockets = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;
  #trouble: string | undefined;

  constructor(holder: Holder, ways: readonly Way[]) {
    this.#holder = holder;
    this.#ways = ways;
  }

  /** @throws Error with a `code` for an address that cannot be had */
  async open(): Promise<void> {
    for (const way of this.#ways) {
      const address = await way.listen((socket) => this.#meet(socket));
      if (address === '') continue;
      await this.#announce(address);
      this.#timer ??= setInterval(() => {
        this.renew();
        void this.#announce(address);
      }, ANNOUNCE.every).unref();
    }
  }

  /** Asks the process that made the token. Never rejects. */
  async claim(claim: Claim, claimant: Claimant): Promise<Claimed | Refused> {
    const socket = await this.#reach(nodeOf(claim.token)).catch(() => undefined);
    if (!socket) return { claim, refused: 'lost' };
    const { principal, handshake, route } = claimant;
    const answer = await claimOver(socket, { claim, route: route.name, principal, handshake });
    if (typeof answer === 'string') return { claim, refused: answer };
    return 'pass' in answer ? answer : { claim, held: answer };
  }

  /** Takes new certificates, where there are any. Those that cannot be used leave the old ones in service; that is said once. */
  renew(): void {
    let trouble: string | undefined;
    try {
      for (const way of this.#ways) way.renew?.();
    } catch (error) {
      trouble = String(error);
    }
    if (trouble !== undefined && trouble !== this.#trouble)
      this.#holder.services.recorder.event('gateway.fault', { where: 'cluster', error: trouble });
    this.#trouble = trouble;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const way of this.#ways) way.close();
    for (const socket of this.#sockets) socket.destroy();
    const { store, node } = this.#holder.services;
    if (this.#timer) await store.delete(keyOf(node)).catch(ignore);
  }

  async #reach(node: string): Promise<Socket | undefined> {
    const { store, node: own } = this.#holder.services;
    if (!NODE.test(node) || node === own) return undefined;
    for (const way of this.#ways) {
      const address = this.#timer ? await store.get(keyOf(node)) : undefined;
      const socket = await way.connect(node, typeof address === 'string' ? address : undefined);
      if (socket) return socket;
    }
    return undefined;
  }

  #meet(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', ignore).on('close', () => this.#sockets.delete(socket));
    void hold(socket, this.#holder);
  }

  /** A store that is away says so itself; who cannot be found is taken for gone. */
  async #announce(address: string): Promise<void> {
    const { store, node } = this.#holder.services;
    await store.set(keyOf(node), address, ANNOUNCE.ttl).catch(ignore);
  }
}

function keyOf(node: string): string {
  return `node/${node}`;
}

const ignore = (): void => {};
