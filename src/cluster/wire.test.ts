import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { fakeHandshake, fakePrincipal } from '../../test/support/guard.ts';
import { certificateOf } from '../../test/support/handshake.ts';
import { readLine } from './line.ts';
import { encodeAnswer, encodeAsk, parseAnswer, parseAsk } from './wire.ts';

describe('a question', () => {
  const claim = { token: 'token', seen: 3 };
  const principal = fakePrincipal();

  it('comes as it went, without the secrets of the request', () => {
    const certificate = certificateOf({});
    const handshake = fakeHandshake({
      protocols: ['chat', 'sallyport.v1+chat', 'bearer.secret', 'ticket.secret', 'sallyport.resume.secret.3'],
      headers: new Map([['authorization', 'Bearer secret']]),
      query: 'token=secret',
      tls: { protocol: 'TLSv1.3', cipher: 'x', certificate },
    });
    const line = encodeAsk({ claim, route: 'chat', principal, handshake });
    expect(line).not.toContain('secret');
    const ask = parseAsk(line);
    expect(ask).toMatchObject({ claim, route: 'chat', principal });
    const { host, path, origin, address } = handshake;
    expect(ask.handshake).toMatchObject({ host, path, origin, address, tls: { certificate } });
    expect(ask.handshake.protocols).toEqual(['chat', 'sallyport.v1+chat']);
  });

  it.each(['', 'x', '{}', '[]', 'null', '{"claim":{"token":"t","seen":-1}}'])('is not %j', (line) => {
    expect(() => parseAsk(line)).toThrow();
  });
});

describe('an answer', () => {
  it.each([
    { answer: 'held' },
    { answer: 'open', protocol: 'chat' },
    { answer: 'new', reason: 'gap' },
    { answer: 'refused', code: 'resume_denied', reason: 'of another subject' },
  ] as const)('comes as it went: $answer', (said) => {
    expect(parseAnswer(encodeAnswer(said))).toEqual(said);
  });

  it.each(['', '{}', '{"answer":"new","reason":"x"}', '{"answer":"refused","code":"x","reason":""}'])(
    'is not %j',
    (line) => {
      expect(() => parseAnswer(line)).toThrow();
    },
  );
});

describe('a line', () => {
  it('is read wherever it is cut, and nothing behind it is lost', async () => {
    const stream = new PassThrough();
    const line = readLine(stream, 10, 5_000);
    for (const piece of ['ab', 'c', 'd\nre']) stream.write(piece);
    expect(await line).toEqual({ text: 'abcd', rest: Buffer.from('re') });
    expect(stream.isPaused()).toBe(true);
    stream.write('st');
    expect(String(stream.read())).toBe('st');
  });

  it.each<[string, (stream: PassThrough) => void]>([
    ['is too long', (stream) => stream.write('x'.repeat(11))],
    ['is too long at last', (stream) => stream.write(`${'x'.repeat(11)}\n`)],
    ['never ends', (stream) => stream.end('x')],
    ['is cut off', (stream) => stream.destroy()],
    ['does not come in time', () => {}],
  ])('that %s is none', async (_what, happens) => {
    const stream = new PassThrough();
    const line = readLine(stream, 10, 50);
    happens(stream);
    await expect(line).rejects.toThrow();
  });
});
