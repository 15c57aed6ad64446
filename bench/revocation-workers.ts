/**
 * `npm run bench:revocation`: how long a revocation takes, from the order at the admin API until the last socket of its
 * holder was told, over several worker processes that keep revocations on disk. Each holder has as many sockets as there
 * are workers. Prints the times of 100 revocations, one after another; exits with 1 if the 99th percentile is over 100 ms.
 */
import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import type { WebSocket } from 'ws';
import { ServedFleet } from '../test/support/served-fleet.ts';
import { AUDIENCE, claimsOf, ISSUER, keySetText, newSigner, tokenOf } from '../test/support/tokens.ts';

const WORKERS = 4;
const HOLDERS = 100;
/** Of the 99th percentile, in milliseconds. */
const AIM = 100;

const signer = newSigner();
const fleet = await ServedFleet.start({
  workers: WORKERS,
  identity: `staff: { jwt: { issuer: ${ISSUER}, audience: ${AUDIENCE}, jwks: keys.json, algorithms: [ES256] } }`,
  files: { 'keys.json': keySetText(signer) },
  sections: 'state: { directory: data }',
  listener: 'limits: { perAddress: { connections: 10000, handshakes: 10000/s } }',
});

const sockets = new Map<string, WebSocket[]>();
for (let i = 0; i < HOLDERS; i++) {
  const subject = `holder-${i}`;
  const authorization = `Bearer ${tokenOf(signer, claimsOf({ sub: subject, jti: subject }))}`;
  const open = Array.from({ length: WORKERS }, () => fleet.connect('/chat', { authorization }));
  sockets.set(subject, await Promise.all(open));
}

const told: number[] = [];
const answered: number[] = [];
for (const [subject, clients] of sockets) {
  const closed = Promise.all(clients.map((client) => once(client, 'close')));
  const begun = performance.now();
  const order = fleet
    .admin('POST /revocations', { by: 'subject', value: subject })
    .then(({ status, json }) => {
      answered.push(performance.now() - begun);
      if (status !== 200 || json.ended !== WORKERS || json.kept !== true)
        throw new Error(JSON.stringify(json));
    });
  await closed;
  told.push(performance.now() - begun);
  await order;
}
const holders = new Set(
  fleet.lines.filter(({ event }) => event === 'session.closed').map(({ worker }) => worker),
);
await fleet.end();

const at = (times: readonly number[], part: number): number =>
  [...times].sort((a, b) => a - b)[Math.max(0, Math.ceil(part * times.length) - 1)] ?? Number.NaN;
const row = (name: string, times: readonly number[]): string =>
  `${name.padEnd(28)} p50 ${at(times, 0.5).toFixed(1)} ms   p99 ${at(times, 0.99).toFixed(1)} ms   longest ${at(times, 1).toFixed(1)} ms`;

console.log(
  `${HOLDERS} revocations, ${WORKERS} sockets each, on ${holders.size} of ${WORKERS} workers; Node ${process.version},`,
);
console.log(`${availableParallelism()} processors, load ${loadavg()[0]?.toFixed(1)}`);
console.log(row('the last socket was closed', told));
console.log(row('kept, and answered', answered));
process.exitCode = at(told, 0.99) > AIM ? 1 : 0;
