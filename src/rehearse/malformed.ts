import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import type { Login } from '../audit/login.ts';
import { upgradeRequest } from '../audit/probe/request.ts';
import type { Target } from '../audit/target.ts';
import { type Case, writesOf } from '../fuzz/case.ts';
import { Random } from '../fuzz/random.ts';
import { requestCase } from '../fuzz/requests.ts';
import { streamCase } from '../fuzz/streams.ts';
import { credentialsOf } from '../load/credentials.ts';
import { scenarioOf } from '../load/scenario.ts';
import type { Rate } from '../pipeline/units.ts';
import { due, MOST, perSecond } from './floods.ts';
import type { Injection } from './injection.ts';
import type { Stage } from './stage.ts';

/** How long one of them is waited for, in milliseconds. */
const PATIENCE = 5_000;

/** Handshakes and frames that no right client sends, each on a connection of its own. */
export async function floodMalformed(
  stage: Stage,
  { rate, seed }: { readonly rate: Rate; readonly seed: number },
): Promise<Injection> {
  const entry = stage.entry('malformed');
  const token = await credentialsOf(scenarioOf(entry), (name) => name).token(0);
  const target = targetOf(entry.target);
  const login: Login = { always: [], token, place: { kind: 'header' } };
  const ca = readFileSync(entry.tls.ca);
  const open = new Set<TLSSocket>();
  let index = 0;
  const stop = due(rate, () => {
    if (open.size >= MOST) return;
    const random = new Random(seed * 1_000_003 + index++);
    const made = random.chance(0.5) ? requestCase(random, target, login) : streamCase(random);
    const socket = connect({ port: target.port, host: target.address, servername: target.host, ca });
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    socket.setTimeout(PATIENCE, () => socket.destroy());
    socket.once('secureConnect', () => send(socket, made, upgradeRequest(target, login).bytes));
  });
  const drop = (): void => {
    stop();
    for (const socket of open) socket.destroy();
  };
  return {
    said: `${perSecond(rate)} malformed handshakes and frames a second`,
    drop,
    end: async () => {
      drop();
      return `the flood is over: ${index} connections`;
    },
  };
}

/** What is malformed in frames needs an open socket first. */
function send(socket: TLSSocket, made: Case, upgrade: Buffer): void {
  const rest = (): void => {
    for (const part of writesOf(made)) socket.write(part);
  };
  socket.resume();
  if (made.stage === 'handshake') rest();
  else socket.once('data', rest).write(upgrade);
}

function targetOf(url: string): Target {
  const { host, port, pathname } = new URL(url);
  return {
    url,
    host: 'localhost',
    port: Number(port),
    path: pathname,
    address: '127.0.0.1',
    serverName: 'localhost',
    authority: host,
  };
}
