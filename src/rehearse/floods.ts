import { connect, type Socket } from 'node:net';
import { credentialsOf } from '../load/credentials.ts';
import { endpointOf } from '../load/endpoint.ts';
import { scenarioOf } from '../load/scenario.ts';
import { type LoadSocket, openSocket } from '../load/socket.ts';
import type { Rate } from '../pipeline/units.ts';
import type { Injection } from './injection.ts';
import type { Stage } from './stage.ts';

/** Connections that a flood holds at a time, so that this process has descriptors left. */
export const MOST = 1_000;

/** How often a flood looks how many are due, in milliseconds. */
const TICK = 20;

/** Connections that are opened and say nothing. */
export async function floodConnections(
  { doors }: Stage,
  options: { readonly rate: Rate },
): Promise<Injection> {
  const open = new Set<Socket>();
  let [tried, ended] = [0, 0];
  const stop = due(options.rate, () => {
    if (open.size >= MOST) return;
    const socket = connect(doors.connections, '127.0.0.1');
    tried++;
    open.add(socket);
    socket
      .on('error', () => {})
      .on('close', () => {
        open.delete(socket);
        ended++;
      });
    socket.resume();
  });
  const drop = (): void => {
    stop();
    for (const socket of open) socket.destroy();
  };
  return {
    said: `${perSecond(options.rate)} connections a second from four addresses`,
    drop,
    end: async () => {
      const refused = ended;
      drop();
      return `the flood is over: ${tried} connections, ${refused} of them ended by the other side`;
    },
  };
}

/** Messages from connections that were admitted like everybody’s. */
export async function floodMessages(
  stage: Stage,
  { connections, rate }: { readonly connections: number; readonly rate: Rate },
): Promise<Injection> {
  const scenario = scenarioOf(stage.entry('messages'));
  const path = (name: string): string => name;
  const [endpoint, credentials] = [endpointOf(scenario, path), credentialsOf(scenario, path)];
  let [sent, refused, closed] = [0, 0, 0];
  const owner = {
    message: (payload: Buffer) => {
      if (payload.includes('"error"')) refused++;
    },
    closed: () => {
      closed++;
    },
  };
  const sockets: LoadSocket[] = [];
  for (let i = 0; i < connections; i++)
    sockets.push(await openSocket(endpoint, await credentials.token(i), owner, 10_000));
  const stop = due(rate, () => {
    sockets[sent++ % connections]!.send(`{"type":"flood","id":"${sent}"}`);
  });
  const drop = (): void => {
    stop();
    for (const socket of sockets) socket.destroy();
  };
  return {
    said: `${connections} connections send ${perSecond(rate)} messages a second`,
    drop,
    end: async () => {
      drop();
      return `the flood is over: ${sent} messages, ${refused} answered with a refusal, ${closed} connections closed`;
    },
  };
}

/** Calls as often as the rate says, until the function it returns is called. */
export function due(rate: Rate, work: () => void): () => void {
  const begun = performance.now();
  let done = 0;
  const timer = setInterval(() => {
    const all = ((performance.now() - begun) / rate.period) * rate.count;
    for (; done < all; done++) work();
  }, TICK);
  return () => clearInterval(timer);
}

/** For the time line. */
export function perSecond({ count, period }: Rate): number {
  return Math.round((count / period) * 1_000);
}
