import { connect, type TLSSocket } from 'node:tls';
import type { Login } from '../audit/login.ts';
import { upgradeRequest } from '../audit/probe/request.ts';
import type { Target } from '../audit/target.ts';
import { type Case, writesOf } from '../fuzz/case.ts';
import { Random } from '../fuzz/random.ts';
import { requestCase } from '../fuzz/requests.ts';
import { streamCase } from '../fuzz/streams.ts';
import { fieldsOf } from '../load/endpoint.ts';
import { perSecond, type Rate } from '../pipeline/units.ts';
import { type Entrance, entranceOf } from './entrance.ts';
import { due, MOST } from './floods.ts';
import type { Ground } from './ground.ts';
import type { Injection } from './injection.ts';

/** How long one of them is waited for, in milliseconds. */
const PATIENCE = 5_000;

/** Handshakes and frames that no right client sends, each on a connection of its own. */
export async function floodMalformed(
  ground: Ground,
  { rate, seed }: { readonly rate: Rate; readonly seed: number },
): Promise<Injection> {
  const entrance = entranceOf(ground.entry('malformed'));
  const { host, port, serverName, context } = entrance.endpoint;
  const target = targetOf(entrance);
  const token = await entrance.credentials.token(0);
  const login: Login = { always: fieldsOf(entrance.scenario), token, place: { kind: 'header' } };
  const where = {
    host,
    port,
    secureContext: context,
    ...(serverName !== undefined && { servername: serverName }),
  };
  const open = new Set<TLSSocket>();
  let index = 0;
  const stop = due(rate, () => {
    if (open.size >= MOST) return;
    const random = new Random(seed * 1_000_003 + index++);
    const made = random.chance(0.5) ? requestCase(random, target, login) : streamCase(random);
    const socket = connect(where);
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

function targetOf({ scenario: { target }, endpoint: { host, port, serverName } }: Entrance): Target {
  const url = new URL(target);
  return {
    url: target,
    host: url.hostname,
    port,
    path: `${url.pathname}${url.search}`,
    address: host,
    serverName,
    authority: url.host,
  };
}
