import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { guardKind, PASS, refuse } from '../../src/guard.ts';
import { Chat } from '../support/chat.ts';
import { text } from '../support/raw-frames.ts';

// `createGateway(file, { guards })`: a guard that a program brings is configured, counted and reloaded as any other.

let chat: Chat | undefined;

afterEach(() => chat?.close());

const quiet = guardKind({
  name: 'quiet',
  options: { quiet: z.strictObject({ word: z.string().min(1) }).optional() },
  create({ quiet: options }) {
    if (!options) return undefined;
    const loud = refuse('not_authorized', 'a word that is not said here');
    return {
      onPayload: (payload) => (payload.text().includes(options.word) ? loud : PASS),
    };
  },
});

const open = (route: Record<string, unknown>) => Chat.open({ route, options: { guards: [quiet] } });
const DIALECT = { dialect: { json: { type: '/type', refusal: '{"no":{code}}' } } };

it('judges by its options, under its name, and by others after a reload', async () => {
  chat = await open({ ...DIALECT, quiet: { word: 'loud' } });
  const peer = await chat.join();
  peer.send(text('{"type":"say","text":"loud"}'));
  expect((await peer.nextOf('text')).payload.toString()).toBe('{"no":"not_authorized"}');
  expect(await chat.gateway.logged('message.refused')).toMatchObject({ guard: 'quiet' });
  expect(await chat.metric('sallyport_refusals_total', { guard: 'quiet' })).toBe(1);
  chat.rewrite((config) => Object.assign((config.routes as object[])[0]!, { quiet: { word: 'other' } }));
  expect((await chat.ask('POST', '/reload')).status).toBe(200);
  peer.send(text('{"type":"say","text":"loud"}'));
  expect((await peer.nextOf('text')).payload.toString()).toBe('{"type":"say","text":"loud"}');
  peer.destroy();
  await once(peer.socket, 'close');
});

it('has its options checked as strictly as those of any other', async () => {
  await expect(open({ quiet: { wrd: 'loud' } })).rejects.toThrow(/unknown key "wrd"; did you mean "word"/);
  await expect(Chat.open({ route: { quiet: { word: 'loud' } } })).rejects.toThrow(/unknown key "quiet"/);
  chat = await open({ quiet: { word: 'loud' }, observe: ['quiet'] });
});

it.each([
  [{ ...quiet, name: 'size' }, /two guards have the name "size"/],
  [{ ...quiet, name: 'frames' }, /"frames" is no name for a guard/],
  [{ ...quiet, name: 'dialect' }, /"dialect" is no name for a guard/],
  [
    { ...quiet, name: 'loud', options: { origins: z.string() } },
    /origins is owned by both guard origin and guard loud/,
  ],
  [
    { ...quiet, name: 'loud', options: { upstream: z.string() } },
    /upstream is owned by both the core and guard loud/,
  ],
])('does not begin with a clash', async (guard, message) => {
  await expect(Chat.open({ options: { guards: [guard] } })).rejects.toThrow(message);
});
