import { expect } from 'vitest';
import { close, encodeAll, text } from '../support/raw-frames.ts';
import type { Ending, RawPeer } from '../support/raw-peer.ts';
import type { Case, Spoken } from './case.ts';

/** What came of a case, as its sender saw it. */
export interface Outcome {
  readonly messages: readonly Spoken[];
  readonly pongs: readonly Buffer[];
  readonly ending: Ending;
}

/** Sends a case as this peer, and where nothing should end the connection, ends it with a Close of its own. */
export async function converse(peer: RawPeer, one: Case): Promise<Outcome> {
  const bytes = encodeAll(one.send, peer.client);
  if (one.pieces) await peer.writeInPieces(bytes, one.pieces);
  else peer.write(bytes);
  if (one.expect.end.how === 'open') await settled(peer, one);
  else if (one.send.some((frame) => frame.declares !== undefined)) await hungUp(peer);
  const ending = await peer.closed();
  return { messages: messagesOf(peer), pongs: pongsOf(peer), ending };
}

/** Waits for what is expected, proves that the connection is as good as before, and closes it. */
async function settled(peer: RawPeer, one: Case): Promise<void> {
  const { messages, pongs } = one.expect;
  await peer.until(
    () => peer.ended || (messagesOf(peer).length >= messages.length && pongsOf(peer).length >= pongs.length),
    `${messages.length} messages and ${pongs.length} pongs`,
  );
  peer.send(text(STILL_HERE));
  await peer.until(() => peer.ended || messagesOf(peer).length > messages.length, 'one more echo');
  peer.send(close(1000));
}

/** A sender that owes the rest of a frame cannot answer a Close: it sees it, and hangs up. */
async function hungUp(peer: RawPeer): Promise<void> {
  await peer.nextOf('close');
  peer.halfClose();
}

const STILL_HERE = 'still here';

export function messagesOf(peer: RawPeer): Spoken[] {
  return peer.received
    .filter(({ kind }) => kind === 'text' || kind === 'binary')
    .map(({ kind, payload }) => ({ binary: kind === 'binary', payload }));
}

function pongsOf(peer: RawPeer): Buffer[] {
  return peer.received.filter(({ kind }) => kind === 'pong').map(({ payload }) => payload);
}

/** Holds an outcome against its case. */
export function verify(outcome: Outcome, one: Case): void {
  const { messages, pongs, end } = one.expect;
  if (end.how === 'open') {
    expect(outcome.ending).toMatchObject({ code: 1000, how: 'fin' });
    expectSame(outcome.messages, [...messages, { binary: false, payload: Buffer.from(STILL_HERE) }]);
    expectSameBytes(outcome.pongs, pongs);
    return;
  }
  // An echo may still be on its way when the connection ends; what came must be the beginning of what was due.
  expectSame(outcome.messages, messages.slice(0, outcome.messages.length));
  expectSameBytes(outcome.pongs, pongs.slice(0, outcome.pongs.length));
  const codes = end.how === 'closed' ? end.codes : [end.code];
  expect(codes).toContain(outcome.ending.code);
  expect(outcome.ending.how).not.toBe('self');
}

/** Equal messages; where they are long, the failure says so without printing them. */
export function expectSame(actual: readonly Spoken[], wanted: readonly Spoken[]): void {
  expect(actual.map(brief)).toEqual(wanted.map(brief));
  actual.forEach((one, i) => {
    expect(one.payload.equals(wanted[i]!.payload), `the bytes of message ${i}`).toBe(true);
  });
}

function expectSameBytes(actual: readonly Buffer[], wanted: readonly Buffer[]): void {
  expect(actual.map((one) => one.toString('hex'))).toEqual(wanted.map((one) => one.toString('hex')));
}

function brief(one: Spoken): string {
  const { length } = one.payload;
  return `${one.binary ? 'binary' : 'text'} of ${length}: ${one.payload.toString('hex', 0, Math.min(length, 40))}`;
}
