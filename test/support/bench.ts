import { expect } from 'vitest';
import { createDevelopmentCa, type DevelopmentCa } from '../../src/edge/development-ca.ts';
import { type RunningGateway, startGateway } from './gateway.ts';
import { openRaw } from './raw-client.ts';
import { close, text } from './raw-frames.ts';
import type { PeerOptions, RawPeer } from './raw-peer.ts';
import { RawServer, type RawServerOptions } from './raw-server.ts';

/** Sections of the one route, as the configuration has them, and what its upstream does. */
export interface BenchOptions {
  readonly messages?: Readonly<Record<string, unknown>>;
  readonly lifetime?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, unknown>>;
  readonly dialect?: Readonly<Record<string, unknown>>;
  readonly authorize?: readonly Readonly<Record<string, unknown>>[];
  readonly upstream?: RawServerOptions;
}

export interface PairOptions extends Omit<PeerOptions, 'client'> {
  /** Sec-WebSocket-Extensions. */
  readonly offer?: string | undefined;
}

/** A session of the gateway's, with a raw peer at each end. */
export interface BenchPair {
  readonly client: RawPeer;
  readonly upstream: RawPeer;
  /** Of the 101. */
  readonly headers: ReadonlyMap<string, string>;
}

let authority: Promise<DevelopmentCa> | undefined;

/** A running gateway with one route for everybody, between raw clients and a raw upstream. */
export class Bench {
  readonly upstream: RawServer;
  readonly #running: RunningGateway;
  #pairs = 0;
  /** Path of the last pair's upgrade: each has its own, to be found by in the record. */
  #path = '';

  private constructor(running: RunningGateway, upstream: RawServer) {
    this.#running = running;
    this.upstream = upstream;
  }

  static async open({ upstream: behaviour = {}, ...sections }: BenchOptions): Promise<Bench> {
    authority ??= createDevelopmentCa();
    const upstream = await RawServer.listen(behaviour);
    const { maxBytes, ...messages } = sections.messages ?? {};
    const route = {
      name: 'bench',
      match: { path: '/*' },
      origins: 'none-required',
      identify: ['visitors'],
      upstream: { url: upstream.url },
      authorize: [{ allow: 'true' }],
      ...sections,
      messages: { ...(maxBytes !== undefined && { maxBytes: `${maxBytes}B` }), ...messages },
    };
    const options = { record: { perSecond: 1_000_000 } }; // every line is wanted
    const running = await startGateway({ config: { routes: [route] }, ca: await authority, options });
    return new Bench(running, upstream);
  }

  async close(): Promise<void> {
    await this.#running.stop();
    await this.upstream.close();
  }

  /** Opens a session. Rejects with `UpgradeRefused` if the gateway will not have it. */
  async pair(options: PairOptions = {}): Promise<BenchPair> {
    this.#path = `/${++this.#pairs}`;
    return this.#open(this.#path, options);
  }

  /** The record of how the last pair ended. */
  async closedBy(): Promise<Record<string, unknown>> {
    const path = this.#path;
    const { session } = await this.#running.logged('upgrade.accepted', (line) => line.path === path);
    return this.#running.logged('session.closed', (line) => line.session === session);
  }

  /** When every session that has begun has ended. */
  async allClosed(): Promise<void> {
    for (const { session } of this.log.filter((line) => line.event === 'session.opened')) {
      await this.#running.logged('session.closed', (line) => line.session === session);
    }
  }

  get log(): readonly Record<string, unknown>[] {
    return this.#running.log;
  }

  /** The last pair's end stands in the record exactly once, and no part of the gateway threw. */
  async recordedOnce(): Promise<void> {
    const { session } = await this.closedBy();
    const ends = this.log.filter((line) => line.event === 'session.closed' && line.session === session);
    expect(ends).toHaveLength(1);
    expect(this.log.filter((line) => line.event === 'gateway.fault')).toEqual([]);
  }

  /** The next client is let in, heard and let go. */
  async stillServes(): Promise<void> {
    const { client, upstream } = await this.#open('/still-serving', {});
    client.send(text('still serving'));
    expect((await upstream.next()).payload.toString()).toBe('still serving');
    client.send(close(1000));
    expect(await client.closed()).toMatchObject({ code: 1000 });
  }

  async #open(path: string, { offer, ...options }: PairOptions): Promise<BenchPair> {
    const { client, headers } = await openRaw({
      ...options,
      port: this.#running.port,
      tls: { ca: this.#running.ca.cert },
      path,
      headers: offer === undefined ? {} : { 'Sec-WebSocket-Extensions': offer },
    }).then(({ peer, headers }) => ({ client: peer, headers }));
    return { client, upstream: await this.upstream.next(), headers };
  }
}
