import { setTimeout as pause } from 'node:timers/promises';
import { readAnswer } from '../audit/probe/answer.ts';
import type { Asker } from '../audit/probe/ask.ts';
import { connectSecure, Unreachable } from '../audit/probe/connect.ts';
import { openSocket } from '../audit/probe/socket.ts';
import { OPCODE } from '../protocol/frames.ts';
import { type Case, writesOf } from './case.ts';
import { judge, type Seen, type Verdict } from './oracle.ts';

/** How long a refusal's body may take, in milliseconds. */
const BODY = 200;

/** Sends a case, and judges what comes of it. */
export async function tryCase(asker: Asker, tried: Case): Promise<Verdict | undefined> {
  try {
    const seen = tried.stage === 'handshake' ? await tryRequest(asker, tried) : await tryStream(asker, tried);
    return judge(tried, seen);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return (await isThere(asker)) ? undefined : { oracle: 'crash', seen: error.message };
  }
}

async function tryRequest(asker: Asker, tried: Case): Promise<Seen> {
  const wire = await connectSecure(asker);
  try {
    for (const part of writesOf(tried)) wire.write(part);
    const answer = await readAnswer(wire, asker.patience.answer);
    if (answer.kind === 'head' && answer.status !== 101) await wire.ended(BODY);
    return { answer, body: wire.held.toString('latin1') };
  } finally {
    wire.destroy();
  }
}

async function tryStream(asker: Asker, tried: Case): Promise<Seen> {
  const socket = await openSocket(asker);
  try {
    socket.answersPing = true;
    for (const part of writesOf(tried)) socket.wire.write(part);
    const outcome = await socket.outcome(asker.patience.verdict);
    const closed = socket.frames.find(({ opcode }) => opcode === OPCODE.close);
    return {
      outcome,
      closeReason: closed?.payload.toString('utf8', 2) ?? '',
      texts: socket.frames.flatMap(({ opcode, payload }) =>
        opcode === OPCODE.text ? [payload.toString()] : [],
      ),
    };
  } finally {
    socket.destroy();
  }
}

/** Sees that there is an endpoint at all, as one that never was cannot crash. @throws Unreachable */
export async function find(asker: Asker): Promise<void> {
  (await connectSecure(asker)).destroy();
}

/** Whether the endpoint takes connections, or does so again within a few seconds. */
export async function isThere(asker: Asker): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await find(asker);
      return true;
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      await pause(1_000);
    }
  }
  return false;
}
