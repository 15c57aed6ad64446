import { setTimeout as sleep } from 'node:timers/promises';
import type { Login } from '../login.ts';
import type { Reach } from '../reach.ts';
import { type Answer, isOpened, readAnswer, valuesOf } from './answer.ts';
import { connectSecure } from './connect.ts';
import { type Change, upgradeRequest } from './request.ts';
import type { Wire } from './wire.ts';

/** The endpoint says "later" (429, 503), and said so again: that answers no question. */
export class Throttled extends Error {
  override readonly name = 'Throttled';
  readonly status: number;

  constructor(status: number) {
    super(`the endpoint answers ${status}`);
    this.status = status;
  }
}

/** Whether a status says "later". */
export function isLater(status: number): boolean {
  return status === 429 || status === 503;
}

/** A probe's request, what was answered, and the connection, which the caller destroys. */
export interface Exchange {
  readonly answer: Answer;
  readonly key: string;
  readonly wire: Wire;
}

/** 429 and 503 are asked again after a pause, so many times in all. */
const TRIES = 3;
const MAX_PAUSE = 3_000; // ms

/** Who asks, and as whom. */
export interface Asker extends Reach {
  readonly login: Login;
}

/** Sends an upgrade request with these changes over a new TLS connection. @throws Throttled @throws Unreachable */
export async function exchange(asker: Asker, change: Change = {}): Promise<Exchange> {
  for (let attempt = 1; ; attempt++) {
    const wire = await connectSecure(asker);
    const { bytes, key } = upgradeRequest(asker.target, asker.login, change);
    wire.write(bytes);
    const answer = await readAnswer(wire, asker.patience.answer);
    const status = answer.kind === 'head' ? answer.status : 0;
    if (!isLater(status)) return { answer, key, wire };
    // Some say 503 to whatever is wrong: then a right upgrade opens meanwhile.
    if (attempt === TRIES && status === 503 && (await isServing(asker))) return { answer, key, wire };
    wire.destroy();
    if (attempt === TRIES) throw new Throttled(status);
    await sleep(pauseOf(valuesOf(answer, 'retry-after')[0], attempt));
  }
}

/** Seconds, as the endpoint says them (RFC 9110 §10.2.3), or one for each try. */
function pauseOf(retryAfter: string | undefined, attempt: number): number {
  const seconds = /^\d{1,9}$/.test(retryAfter ?? '') ? Number(retryAfter) : attempt;
  return Math.min(MAX_PAUSE, seconds * 1_000);
}

async function isServing(asker: Asker): Promise<boolean> {
  const wire = await connectSecure(asker);
  wire.write(upgradeRequest(asker.target, asker.login).bytes);
  const answer = await readAnswer(wire, asker.patience.answer);
  wire.destroy();
  return isOpened(answer);
}

/** As `exchange`, when only the answer is of interest. */
export async function ask(asker: Asker, change: Change = {}): Promise<Answer> {
  const { answer, wire } = await exchange(asker, change);
  wire.destroy();
  return answer;
}

/** Whether a request with these changes opens a WebSocket. */
export async function opens(asker: Asker, change: Change = {}): Promise<boolean> {
  return isOpened(await ask(asker, change));
}
