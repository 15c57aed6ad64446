/**
 * `tsx bench/revocation.ts`: how long a revocation takes from the order to the Close at the client. Two gateways share a real
 * Redis; sockets are at both, and every order goes to the first. All of it runs in this one process, so that both gateways,
 * the clients and the operator share one core. `--quick` does a tenth of it.
 */
import { Chat } from '../test/support/chat.ts';
import type { RawPeer } from '../test/support/raw-peer.ts';
import { startRedis } from '../test/support/redis.ts';

const SOCKETS = process.argv.includes('--quick') ? 50 : 500;

const redis = await startRedis();
const config = { state: { redis: `${redis.url}?timeout=5000` } };
const [here, there] = [await Chat.open({ config }), await Chat.open({ config })];

async function join(chat: Chat): Promise<Map<string, RawPeer>> {
  const peers = new Map<string, RawPeer>();
  for (let i = 0; i < SOCKETS; i++) {
    const jti = `${chat === here ? 'here' : 'there'}-${i}`;
    peers.set(jti, await chat.join({ jti }));
  }
  return peers;
}

/** Milliseconds from each order to its Close, one after another. */
async function measure(peers: ReadonlyMap<string, RawPeer>): Promise<number[]> {
  const taken: number[] = [];
  for (const [value, peer] of peers) {
    const begun = performance.now();
    const [answer] = await Promise.all([
      here.ask('POST', '/revocations', { by: 'tokenId', value }),
      peer.nextOf('close').then(() => taken.push(performance.now() - begun)),
    ]);
    if (answer.status !== 200) throw new Error(answer.text);
  }
  return taken.sort((a, b) => a - b);
}

const at = (sorted: readonly number[], part: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN).toFixed(1);

for (const [name, peers] of [
  ['at the gateway that was asked', await join(here)],
  ['at the other gateway', await join(there)],
] as const) {
  const taken = await measure(peers);
  console.log(
    `${name}: ${taken.length} sockets, p50 ${at(taken, 0.5)} ms, p99 ${at(taken, 0.99)} ms, longest ${at(taken, 1)} ms`,
  );
}
await here.close();
await there.close();
await redis.stop();
