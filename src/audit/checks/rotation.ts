import type { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, type Finding, finding } from '../check.ts';
import type { Context, Watch } from '../context.ts';
import { connectSecure, tlsOf } from '../probe/connect.ts';
import { type OpenSocket, openSocket } from '../probe/socket.ts';

/** Watches an endpoint while its certificate is renewed: the proof that a renewal costs nothing. */
export const rotation: Check = {
  id: 'rotation',
  group: 'rotation',
  title: 'A renewal of the certificate drops nobody',
  weight: 'high',
  standard: 'RFC 8446 §4.4.2; OWASP ASVS 5.0 §12.1.1',
  why: 'A server that must restart to renew drops every socket at once, and all of them come back at once.',
  mend: 'Swap the certificate in the running process; sockets that are open keep the keys they have.',
  needs: ['open', 'watch'],
  alone: true,
  async run(context) {
    const watch = context.watch!;
    context.budget.extend(
      watch.duration + 10_000,
      Math.ceil(watch.duration / watch.interval) + watch.sockets + 1,
    );
    const sockets: OpenSocket[] = [];
    for (let i = 0; i < watch.sockets; i++) {
      const socket = await openSocket(context);
      socket.answersPing = true;
      sockets.push(socket);
    }
    try {
      return report(await observe(context, watch, sockets), sockets.length);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  },
};

interface Observed {
  /** Each certificate that was served, in order, and when it was first seen, in seconds. */
  readonly served: readonly { readonly serial: string; readonly until: string; readonly at: number }[];
  readonly connections: number;
  readonly failed: number;
  readonly dropped: number;
  readonly seconds: number;
}

async function observe(context: Context, watch: Watch, sockets: readonly OpenSocket[]): Promise<Observed> {
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 100) / 10;
  const served: { serial: string; until: string; at: number }[] = [];
  const gone = new Set<OpenSocket>();
  let [connections, failed] = [0, 0];
  while (performance.now() - began < watch.duration && !context.signal.aborted) {
    connections++;
    const certificate = await servedNow(context);
    if (certificate === undefined) {
      failed++;
      context.notify(`after ${seconds()} s: a new connection failed`);
    } else if (served.at(-1)?.serial !== certificate.serialNumber) {
      served.push({ serial: certificate.serialNumber, until: certificate.validTo, at: seconds() });
      context.notify(
        `after ${seconds()} s: certificate ${certificate.serialNumber}, valid until ${certificate.validTo}`,
      );
    }
    for (const socket of sockets) {
      const outcome = await socket.outcome(0, 'watch');
      if (outcome.kind === 'silent' || gone.has(socket)) continue;
      gone.add(socket);
      context.notify(`after ${seconds()} s: a socket was dropped`);
    }
    await sleep(watch.interval);
  }
  return { served, connections, failed, dropped: gone.size, seconds: seconds() };
}

/** The certificate of a full handshake; undefined if there is none to be had. */
async function servedNow(context: Context): Promise<X509Certificate | undefined> {
  try {
    const wire = await connectSecure(context);
    const certificate = tlsOf(wire).getPeerX509Certificate();
    wire.destroy();
    return certificate;
  } catch {
    return undefined;
  }
}

function report({ served, connections, failed, dropped, seconds }: Observed, sockets: number): Finding {
  const sent = `${sockets} sockets held open for ${seconds} s, and ${connections} connections beside them`;
  const changes = served
    .slice(1)
    .map(({ serial, until, at }) => `after ${at} s to ${serial} (until ${until})`);
  const costs = `${dropped} of ${sockets} sockets dropped, ${failed} of ${connections} connections failed`;
  const seen = `${changes.length === 0 ? 'the certificate did not change' : `the certificate changed ${changes.join(', ')}`}; ${costs}`;
  if (dropped > 0 || failed > 0) return finding.fail(sent, seen);
  return changes.length === 0 ? finding.info(sent, seen) : finding.pass(sent, seen);
}
