/**
 * Sockets that ask for more than the kernel holds for them, and read nothing, beside 100 that talk. Each round has its own
 * base: the same sockets, connected and silent, in the same minute.
 */
import { readFileSync } from 'node:fs';
import { type Lap, occupied, pause, tableOf, target } from './occupied.ts';
import { median, peakResidentBytes } from './process.ts';

/** What each of them asks for, in bytes. */
const ASKED = 2_000_000;
/** What the kernel may hold for these sockets, in bytes. It has a bound for all of TCP (tcp_mem), beyond which all connections are slow. */
const MOST = 1_073_741_824;
const MiB = 1_048_576;

/** What it would hold if all buffers were full: two legs, two directions, each with one to send and one to receive. */
function kernelBytes(sockets: number): number {
  const most = (name: string): number =>
    Number(readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8').trim().split(/\s+/)[2]);
  return sockets * 4 * (most('tcp_wmem') + most('tcp_rmem'));
}

/** The lap of which half were better, figure by figure. */
function middle(laps: readonly Lap[]): Lap {
  const of = (field: keyof Lap): number => median(laps.map((lap) => lap[field]));
  return {
    answers: of('answers'),
    p50: of('p50'),
    p99: of('p99'),
    longest: of('longest'),
    fallen: of('fallen'),
  };
}

/** Prints what those who talk wait; returns how many of them fell. */
export async function deaf(sockets: number, rounds: number, milliseconds: number): Promise<number> {
  if (kernelBytes(sockets) > MOST) {
    console.log(`With ${sockets} such sockets the kernel may run out of memory for TCP, and then all connections are slow.
A network of its own, with less of it for each, is free of that:

  unshare -n sh -c 'ip link set lo up; sysctl -q -w net.ipv4.tcp_wmem="4096 16384 65536" net.ipv4.tcp_rmem="4096 65536 65536"; npm run bench:storm -- --only deaf'
`);
    return 0;
  }
  const { gateway, herd, lap, stop } = await occupied();
  const silent: Lap[] = [];
  const stuck: Lap[] = [];
  let held = 0;
  for (let round = 0; round < rounds; round++) {
    await herd.order({ do: 'storm', ...target, port: gateway.port, connections: sockets });
    await pause(1_000);
    silent.push(await lap(milliseconds));
    held = (await herd.order<{ stuck: number }>({ do: 'deafen', bytes: ASKED })).stuck;
    stuck.push(await lap(milliseconds));
    await herd.order({ do: 'leave' });
    await pause(1_000);
  }
  const memory = peakResidentBytes(gateway.pid);
  await stop();
  const laps = {
    [`while ${sockets.toLocaleString('en')} others are connected`]: middle(silent),
    'while these ask, and never read': middle(stuck),
  };
  const fallen = stuck.at(-1)?.fallen ?? 0;
  console.log(`${held.toLocaleString('en')} of ${sockets.toLocaleString('en')} sockets are stuck; medians of ${rounds} rounds of ${
    milliseconds / 1_000
  } s, Node ${process.versions.node}:

${tableOf(laps)}
Most memory: ${(memory / MiB).toFixed(0)} MiB; sockets that fell: ${fallen}.
`);
  return fallen;
}
