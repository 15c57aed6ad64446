import type { Socket } from 'node:net';
import type { Dialled } from '../pipeline/dialled.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import type { NotResumed } from '../protocol/session-protocol.ts';
import type { Held } from '../session/claim.ts';
import { readLine } from './line.ts';
import { type Answer, type Ask, encodeAsk, GO, MAX_LINE, parseAnswer } from './wire.ts';

/** For one answer of the process that holds the session, in milliseconds. */
const ANSWER_TIMEOUT = 5_000;

/** Asks the process at the other end for a session. What goes wrong with it is `lost`. Never rejects. */
export async function claimOver(socket: Socket, ask: Ask): Promise<Held | NotResumed | Refused> {
  socket.on('error', ignore);
  try {
    socket.write(encodeAsk(ask));
    const { text } = await readLine(socket, MAX_LINE, ANSWER_TIMEOUT);
    const said = parseAnswer(text);
    if (said.answer === 'held') return { open: () => open(socket), leave: () => void socket.destroy() };
    socket.destroy();
    return said.answer === 'new' ? said.reason : refusalOf(said);
  } catch {
    socket.destroy();
    return 'lost';
  }
}

async function open(socket: Socket): Promise<Dialled | Refused> {
  try {
    socket.write(`${GO}\n`);
    const { text, rest } = await readLine(socket, MAX_LINE, ANSWER_TIMEOUT);
    const said = parseAnswer(text);
    if (said.answer === 'open') return dialled(socket, rest, said.protocol);
    socket.destroy();
    return refusalOf(said);
  } catch {
    socket.destroy();
    return refuse('upstream_lost', 'the process that holds the session does not answer');
  }
}

function refusalOf(said: Answer): Refused {
  return said.answer === 'refused'
    ? refuse(said.code, said.reason)
    : refuse('internal', 'an answer that was not awaited');
}

function dialled(socket: Socket, head: Buffer, protocol: string): Dialled {
  return {
    socket,
    head,
    protocol,
    read(onChunk) {
      socket.on('data', onChunk).resume();
    },
  };
}

/** A close follows, and says all there is to say. */
const ignore = (): void => {};
