import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, finding, silence } from '../../check.ts';
import type { Context } from '../../context.ts';
import { connectPlain, connectSecure } from '../../probe/connect.ts';
import { upgradeRequest } from '../../probe/request.ts';
import type { Wire } from '../../probe/wire.ts';

/** Between two bytes of a header that comes slowly, in milliseconds. */
const DRIP = 500;

/** One way of not getting on with a handshake. */
type Stall = readonly [name: string, connect: (context: Context) => Promise<Wire>];

const STALLS: readonly Stall[] = [
  ['a TCP connection, and nothing', (context) => connectPlain(context)],
  ['a TLS handshake, and nothing', (context) => connectSecure(context)],
  ['a header, a byte every half second', dripping],
];

/** How long a stranger may take. */
export const handshakeTimeout: Check = {
  id: 'handshake-timeout',
  group: 'handshake',
  title: 'A handshake that does not get on is ended',
  weight: 'medium',
  standard: 'OWASP ASVS 5.0 §13.1.3; RFC 6455 §10.4',
  why: 'Connections that are held open before anybody is known cost the attacker nothing, and the server its last free one (slowloris).',
  mend: 'One deadline of about 10 s from the TCP connection to the end of the header, whatever comes in between.',
  seconds: 16,
  async run(context) {
    const seconds = Math.round(context.patience.handshake / 100) / 10;
    const ends = await Promise.all(
      STALLS.map(async ([name, connect]) => [name, await endOf(await connect(context), context)] as const),
    );
    const sent = STALLS.map(([name]) => name).join('; ');
    const open = ends.filter(([, ms]) => ms === undefined).map(([name]) => name);
    return open.length === 0
      ? finding.pass(
          sent,
          `ended after ${ends.map(([, ms]) => `${Math.round(ms! / 100) / 10} s`).join(', ')}`,
        )
      : silence(context, sent, `still open after ${seconds} s: ${open.join('; ')}`);
  },
};

async function endOf(wire: Wire, { patience }: Context): Promise<number | undefined> {
  const began = performance.now();
  // An answer (408) is the end as well: what is left is the courtesy of closing.
  const ended = await wire.until(
    (each) => each.ending !== 'open' || each.held.length > 0 || undefined,
    patience.handshake,
  );
  wire.destroy();
  return ended ? performance.now() - began : undefined;
}

async function dripping(context: Context): Promise<Wire> {
  const wire = await connectSecure(context);
  void drip(wire, upgradeRequest(context.target, context.login, { token: null }).bytes.subarray(0, 48));
  return wire;
}

async function drip(wire: Wire, bytes: Buffer): Promise<void> {
  for (let i = 0; i < bytes.length && wire.ending === 'open' && wire.socket.writable; i++) {
    wire.socket.write(bytes.subarray(i, i + 1));
    await sleep(DRIP);
  }
}
