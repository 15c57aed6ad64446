// AU-03, AU-04: a secret that reaches an event by mistake still reaches neither log nor metrics.
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EVENTS, type EventName } from '../../src/record/events.ts';
import { Journal } from '../support/journal.ts';

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const signed = `${base64url('{"alg":"HS256"}')}.${base64url('{"sub":"alice"}')}`;
const token = `${signed}.${createHmac('sha256', 'k').update(signed).digest('base64url')}`;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const basic = Buffer.from('charger-7:correct-horse').toString('base64');

/** Where each secret is likely to turn up, and the part of it that must not. */
const LEAKS: readonly (readonly [where: string, text: string, secret: string])[] = [
  ['a token alone', token, token.slice(0, 40)],
  ['a token in a URL', `wss://ws.example.com/chat?access_token=${token}`, token.slice(0, 40)],
  ['an opaque token in a URL', '/chat?token=s3cr3t-opaque', 's3cr3t'],
  ['a referer', 'Referer: https://app.example.com/#token=s3cr3t-opaque', 's3cr3t'],
  ['a bearer field', 'Authorization: Bearer s3cr3t-opaque', 's3cr3t'],
  ['a subprotocol', 'chat.v1, bearer.s3cr3t-opaque', 's3cr3t'],
  ['a basic field', `Basic ${basic}`, basic],
  ['a cookie', 'Cookie: session=s3cr3t-opaque', 's3cr3t'],
  ['a close reason', `bye, my token=s3cr3t-opaque`, 's3cr3t'],
  ["an upstream's error text", `connect ECONNREFUSED https://user:s3cr3t-opaque@10.0.0.1/`, 's3cr3t'],
  ["a provider's error text", '{"error":"invalid_client","client_secret":"s3cr3t-opaque"}', 's3cr3t'],
  ['a key file', `cannot parse ${pem}`, pem.split('\n')[1] ?? ''],
];

describe('a secret in the record', () => {
  it.each(LEAKS)('%s is found in no event, whichever field carries it', async (_where, text, secret) => {
    const journal = new Journal({ perSecond: 1_000 });
    for (const name of Object.keys(EVENTS) as EventName[]) {
      const fields = Object.fromEntries(EVENTS[name].fields.map((field) => [field, text]));
      journal.record.event(name, fields);
    }
    const everything = journal.raw.join('') + (await journal.record.meter.exposition());
    expect(journal.raw).toHaveLength(Object.keys(EVENTS).length);
    expect(everything).not.toContain(secret);
  });
});
