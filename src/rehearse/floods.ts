import { connect, type Socket } from 'node:net';
import { type LoadSocket, openSocket } from '../load/socket.ts';
import { templateOf } from '../load/template.ts';
import { perSecond, type Rate } from '../pipeline/units.ts';
import { entranceOf } from './entrance.ts';
import type { Ground } from './ground.ts';
import type { Injection } from './injection.ts';

/** Connections that a flood holds at a time, so that this process has descriptors left. */
export const MOST = 1_000;

/** How often a flood looks how many are due, in milliseconds. */
const TICK = 20;

/** Connections that are opened and say nothing. */
export async function floodConnections(ground: Ground, options: { readonly rate: Rate }): Promise<Injection> {
  const { host, port } = entranceOf(ground.entry('connections')).endpoint;
  const open = new Set<Socket>();
  let [tried, ended] = [0, 0];
  const stop = due(options.rate, () => {
    if (open.size >= MOST) return;
    const socket = connect(port, host);
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
    said: `${perSecond(options.rate)} connections a second that say nothing`,
    drop,
    end: async () => {
      const refused = ended;
      drop();
      return `the flood is over: ${tried} connections, ${refused} of them ended by the other side`;
    },
  };
}

export interface MessageFlood {
  readonly connections: number;
  readonly rate: Rate;
  /** A template. */
  readonly message: string;
  /** A text that stands in every answer that refuses a message. */
  readonly refusal: string;
}

/** Messages from connections that were admitted like everybody’s. */
export async function floodMessages(
  ground: Ground,
  { connections, rate, message, refusal }: MessageFlood,
): Promise<Injection> {
  const { endpoint, credentials } = entranceOf(ground.entry('messages'));
  const template = templateOf(message);
  let [sent, refused, closed] = [0, 0, 0];
  const owner = {
    message: (payload: Buffer) => {
      if (payload.includes(refusal)) refused++;
    },
    closed: () => {
      closed++;
    },
  };
  const sockets: LoadSocket[] = [];
  for (let i = 0; i < connections; i++)
    sockets.push(await openSocket(endpoint, await credentials.token(i), owner, 10_000));
  const stop = due(rate, () => {
    const user = sent % connections;
    sockets[user]!.send(template({ user, serial: sent++, process: 0 }));
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
