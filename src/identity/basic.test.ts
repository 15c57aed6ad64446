import { beforeAll, expect, test } from 'vitest';
import { handshakeOf } from '../../test/support/handshake.ts';
import { answerOf, identityContext, identityOf, principalOf } from '../../test/support/identity.ts';
import { basic } from './basic.ts';
import { hashSecret } from './secret-hash.ts';

let file: string;

beforeAll(async () => {
  const line = async (name: string, secret: string | Buffer) => `${name}:${await hashSecret(secret, 10)}`;
  const raw = Buffer.from('00ff80fe', 'hex');
  file = ['# stations', '', await line('CP_1', 'correct horse'), await line('CP_2', raw)].join('\n');
});

const offered = (name: string, secret: string | Buffer, address = '192.0.2.1', path = '/ocpp/CP_1') => {
  const bytes = Buffer.concat([Buffer.from(`${name}:`), Buffer.from(secret as string)]);
  const authorization = `Basic ${bytes.toString('base64')}`;
  return handshakeOf({ address, path, headers: { authorization } });
};

function stations(changes: object = {}) {
  const context = identityContext({ 'stations.txt': file });
  return { context, identity: identityOf(basic, { file: 'stations.txt', ...changes }, context) };
}

test('a name and its secret make a principal', async () => {
  const principal = await principalOf(stations().identity, offered('CP_1', 'correct horse'));
  expect(principal).toEqual({ identity: 'staff', subject: 'CP_1', roles: [], claims: {} });
  expect(Object.isFrozen(principal)).toBe(true);
});

test('a secret may be bytes that are no text, and hold colons', async () => {
  const { identity } = stations();
  expect(await answerOf(identity, offered('CP_2', Buffer.from('00ff80fe', 'hex')))).toBe('accepted');
  expect(await answerOf(identity, offered('CP_2', Buffer.from('00ff80ff', 'hex')))).toBe(
    'credential_invalid',
  );
  expect(await answerOf(identity, offered('CP_1', 'correct horse:'))).toBe('credential_invalid');
});

test.each([
  ['another secret', 'CP_1', 'wrong'],
  ['no secret', 'CP_1', ''],
  ['the secret of another', 'CP_2', 'correct horse'],
  ['a name in another case', 'cp_1', 'correct horse'],
  ['a name that there is not', 'CP_3', 'correct horse'],
  ['a name that objects inherit', 'constructor', 'correct horse'],
])('refuses %s', async (_, name, secret) => {
  expect(await answerOf(stations().identity, offered(name, secret))).toBe('credential_invalid');
});

test.each([
  ['no base64', 'Basic ***'],
  ['nothing', 'Basic'],
  ['no colon', `Basic ${Buffer.from('CP_1').toString('base64')}`],
  ['no name', `Basic ${Buffer.from(':x').toString('base64')}`],
  ['a control character in the name', `Basic ${Buffer.from('CP\n1:x').toString('base64')}`],
  ['a name that is not UTF-8', `Basic ${Buffer.from('ff3a78', 'hex').toString('base64')}`],
  ['base64 in a second form', 'Basic Q1BfMTp4eH=='],
  ['more than 2,048 characters', `Basic ${Buffer.from(`CP_1:${'x'.repeat(2_000)}`).toString('base64')}`],
])('a credential with %s is malformed', async (_, authorization) => {
  expect(await answerOf(stations().identity, handshakeOf({ headers: { authorization } }))).toBe(
    'credential_malformed',
  );
});

test('another scheme, and none, is not its business', async () => {
  const { identity } = stations();
  expect(await answerOf(identity, handshakeOf())).toBe('not mine');
  expect(await answerOf(identity, handshakeOf({ headers: { authorization: 'Bearer abc' } }))).toBe(
    'not mine',
  );
});

test('a secret that was right once is checked without hashing it again', async () => {
  const { identity } = stations();
  const handshake = offered('CP_1', 'correct horse');
  expect(identity.identify(handshake)).toBeInstanceOf(Promise);
  await principalOf(identity, handshake);
  expect(identity.identify(handshake)).toMatchObject({ subject: 'CP_1' });
});

test('a changed file takes the old secret away', async () => {
  const { identity, context } = stations();
  await principalOf(identity, offered('CP_1', 'correct horse'));
  context.files['stations.txt'] = `CP_1:${await hashSecret('battery staple', 10)}`;
  const reloaded = identityOf(basic, { file: 'stations.txt' }, context);
  expect(await answerOf(reloaded, offered('CP_1', 'correct horse'))).toBe('credential_invalid');
  expect(await answerOf(reloaded, offered('CP_1', 'battery staple'))).toBe('accepted');
});

test('a faulty file says its lines and never what is in them', () => {
  const context = identityContext({
    'stations.txt': `${file}\nCP_9:hunter2\nnothing\nCP_1:${file.split('CP_1:')[1]!.split('\n')[0]}`,
  });
  const build = () => identityOf(basic, { file: 'stations.txt' }, context);
  expect(build).toThrow(
    expect.objectContaining({
      problems: [
        expect.objectContaining({ line: 5, file: '/etc/sallyport/stations.txt', path: ['file'] }),
        expect.objectContaining({ line: 6 }),
        expect.objectContaining({ line: 7, message: 'CP_1 is there twice' }),
      ],
    }),
  );
  expect(build).not.toThrow('hunter2');
});
