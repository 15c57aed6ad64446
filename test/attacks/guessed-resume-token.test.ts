// RS-02: resume tokens cannot be guessed, and each is good for one way back.
import { afterEach, describe, expect, it } from 'vitest';
import { Parking } from '../../src/session/parking.ts';
import { Chat } from '../support/chat.ts';
import { keeping, lose, resumingAs, upstreamSays } from '../support/resuming.ts';

describe('100,000 tokens', () => {
  const parking = new Parking<{ i: number }>('0123456789abcdef');
  const issued = Array.from({ length: 100_000 }, (_, i) => parking.issue({ i }));
  const secrets = issued.map(({ token }) => Buffer.from(token.slice(16), 'base64url'));

  it('are all different, and each finds its own session', () => {
    expect(new Set(issued.map(({ token }) => token)).size).toBe(100_000);
    expect(issued.every(({ token }, i) => parking.find(token)?.session.i === i)).toBe(true);
  });

  it('have 256 bits, of which every one is set in half of them', () => {
    for (let bit = 0; bit < 256; bit++) {
      const set = secrets.reduce((sum, secret) => sum + ((secret[bit >> 3]! >> (bit & 7)) & 1), 0);
      expect(Math.abs(set - 50_000)).toBeLessThan(1_265); // eight standard deviations
    }
  });

  it('are not kept as they are', () => {
    expect(issued.some(({ token, hash }) => hash.includes(token.slice(16)))).toBe(false);
  });

  it('find nothing with one character changed', () => {
    const { token } = issued[0]!;
    for (let i = 0; i < token.length; i++) {
      const guess = token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1);
      expect(parking.find(guess)).toBeUndefined();
    }
  });
});

describe('a token', () => {
  let chat: Chat;

  afterEach(() => chat.close());

  it('that was guessed gets a new session and no message of another, and so does one that was used up', async () => {
    chat = await Chat.open(keeping());
    const client = await resumingAs(chat);
    const first = client.token!;
    await lose(chat, client);
    client.comeBack();
    await client.until(({ welcomes }) => welcomes.length === 2);
    client.send('the welcome is acknowledged');
    await client.until(({ received }) => received.length === 1);
    await lose(chat, client);
    await upstreamSays(chat, 'a secret');

    for (const token of [first, first.slice(0, -1) + (first.endsWith('A') ? 'B' : 'A')]) {
      const guesser = await resumingAs(chat, {}, { offers: [`sallyport.resume.${token}.0`] });
      expect(guesser.welcomes).toMatchObject([{ resumed: false, reason: 'unknown', seen: 0, next: 1 }]);
      expect(guesser.received).toEqual([]);
      guesser.leave();
    }
    client.comeBack();
    await client.until(({ received }) => received.length === 2);
    expect(client.received[1]).toBe('a secret');
  });
});
