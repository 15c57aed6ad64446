import type { Duplex } from 'node:stream';
import type { Refused } from '../pipeline/verdict.ts';
import { refuse } from '../pipeline/verdict.ts';
import { type Claimed, judgeClaim, succeed } from '../session/claim.ts';
import type { Parking } from '../session/parking.ts';
import type { Attachment } from '../session/parts.ts';
import type { Session } from '../session/session.ts';
import type { Services } from '../store/services.ts';
import { readLine } from './line.ts';
import { type Answer, type Ask, encodeAnswer, GO, MAX_LINE, parseAsk } from './wire.ts';

/** What the process that holds sessions does for others. */
export interface Holder {
  readonly services: Services;
  readonly parking: Parking<Session>;
  resume(session: Session, parts: Attachment): void;
}

/** For the question; its connection was made for it. In milliseconds. */
const ASK_TIMEOUT = 5_000;
/** For the guards at the door where the client is. */
const GO_TIMEOUT = 60_000;

/**
 * Serves one process that has a client at its door who claims a session of ours. When it is let in there, the connection
 * becomes the session's client leg. Never rejects.
 */
export async function hold(socket: Duplex, holder: Holder): Promise<void> {
  try {
    await serve(socket, holder);
  } catch {
    socket.destroy();
  }
}

async function serve(socket: Duplex, holder: Holder): Promise<void> {
  const { text } = await readLine(socket, MAX_LINE, ASK_TIMEOUT);
  const ask = parseAsk(text);
  const judged = judge(ask, holder);
  socket.write(encodeAnswer(answerTo(judged)));
  if ('pass' in judged || !judged.shown) {
    socket.end();
    return;
  }
  const go = await readLine(socket, GO.length, GO_TIMEOUT);
  if (go.text !== GO) throw new Error('not the word that was awaited');
  enter(socket, ask, go.rest, holder);
}

/** Judged anew: since it was asked, the session may have ended or gone on with somebody else. */
function enter(socket: Duplex, ask: Ask, clientHead: Buffer, holder: Holder): void {
  const judged = judge(ask, holder);
  const { session, shown } = 'pass' in judged ? {} : judged;
  const gone = refuse('upstream_lost', 'the session ended while it was claimed');
  const refused =
    'pass' in judged ? judged : session && shown ? succeed(session, ask, holder.services) : gone;
  if (refused || !session || !shown) {
    const { code, reason } = refused ?? gone;
    socket.end(encodeAnswer({ answer: 'refused', code, reason }));
    return;
  }
  socket.write(encodeAnswer({ answer: 'open', protocol: session.protocol }));
  const { handshake, claim } = ask;
  holder.resume(session, { handshake, deflate: false, client: socket, clientHead, shown, seen: claim.seen });
}

function judge(ask: Ask, { parking }: Holder): Claimed | Refused {
  const judged = judgeClaim(ask.claim, { ...ask, route: { name: ask.route } }, parking);
  // Its holder begins anew, and nobody else can come.
  if (!('pass' in judged) && judged.refused === 'gap') judged.session?.supersede();
  return judged;
}

function answerTo(judged: Claimed | Refused): Answer {
  if ('pass' in judged) return { answer: 'refused', code: judged.code, reason: judged.reason };
  if (judged.refused) return { answer: 'new', reason: judged.refused };
  return { answer: 'held' };
}
