// AU-03, AU-04: credentials come in by every way there is, good and bad; none is found in log, metrics, admin API or answers.
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { hashSecret } from '../../src/identity/secret-hash.ts';
import { Backend } from '../support/backend.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

const ADMIN = 'operators-token-0001';
const PASSWORD = 'correct-horse-battery';
const signer = newSigner();
const good = tokenOf(signer, claimsOf({ email: 'ada@private.example' }));
const expired = tokenOf(signer, claimsOf({ exp: 1 }));
const foreign = tokenOf(newSigner());
const opaque = 's3cr3t-opaque-token-1234567890';
let backend: Backend;
let gateway: RunningGateway;

beforeAll(async () => {
  backend = await Backend.listen('chat.v1');
  backend.server.on('connection', (socket: WebSocket) => {
    socket.on('message', () => socket.close(4000, `bye token=${opaque}`));
  });
  gateway = await startGateway({
    files: { 'keys.json': keySetText(signer), 'secrets.txt': `station:${await hashSecret(PASSWORD, 10)}\n` },
    config: {
      admin: { address: '127.0.0.1:0', token: ADMIN },
      identities: {
        staff: {
          jwt: jwtOptionsOf({
            tokenFrom: ['header', 'subprotocol', 'cookie:sid', 'dangerously-query:ticket'],
          }),
        },
        stations: { basic: { file: 'secrets.txt' } },
      },
      routes: [
        {
          name: 'chat',
          match: { path: '/chat/*' },
          origins: ['https://app.example.com'],
          identify: ['staff', 'stations'],
          protocols: ['chat.v1'],
          upstream: { url: backend.url, forward: { subject: 'X-Subject' } },
          dialect: { json: { type: '/type' } },
          authorize: [{ allow: 'message.type == "say"' }],
        },
      ],
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await backend.close();
});

const heard: string[] = [];

/** Connects, says two things, closes with a secret as the reason; keeps whatever the gateway says to it. */
async function visit(
  path: string,
  headers: Record<string, string> = {},
  protocols = ['chat.v1'],
): Promise<void> {
  const socket = new WebSocket(gateway.url + path, protocols, {
    ca: gateway.ca.cert,
    headers: { Origin: 'https://app.example.com', ...headers },
  });
  const answered = new Promise<boolean>((resolve) => {
    socket.once('open', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('unexpected-response', (_request, response) => {
      heard.push(JSON.stringify(response.headers));
      response.on('data', (chunk) => heard.push(String(chunk)));
      response.on('end', () => resolve(false));
    });
  });
  if (!(await answered)) return;
  heard.push(socket.protocol);
  const ended = once(socket, 'close');
  socket.send(JSON.stringify({ type: `shout ${opaque}`, password: PASSWORD, token: good }));
  socket.send(JSON.stringify({ type: 'say', text: good }));
  await ended;
}

it('is found nowhere', async () => {
  const basic = (secret: string) => ({
    Authorization: `Basic ${Buffer.from(`station:${secret}`).toString('base64')}`,
  });
  for (const token of [good, expired, foreign, opaque]) {
    await visit('/chat/a', { Authorization: `Bearer ${token}` });
    await visit('/chat/a', {}, ['chat.v1', `bearer.${token}`]);
    await visit('/chat/a', { Cookie: `theme=dark; sid=${token}` });
    await visit(`/chat/a?ticket=${token}`);
    await visit(`/chat/${token === opaque ? 'b' : token}?token=${token}`, {
      Referer: `https://app.example.com/?access_token=${token}`,
    });
    await visit('/chat/a', { Authorization: `Bearer ${token}`, Origin: `https://evil.example` });
    await visit('/chat/a', { Authorization: token });
  }
  await visit('/chat/a', basic(PASSWORD));
  await visit('/chat/a', basic(`${PASSWORD}-wrong`));
  await visit('/elsewhere', basic(PASSWORD));

  const admin = `http://127.0.0.1:${gateway.gateway.adminAddress!.port}`;
  for (const path of ['/metrics', '/sessions', '/health/ready', '/certificates']) {
    const response = await fetch(admin + path, { headers: { authorization: `Bearer ${ADMIN}` } });
    heard.push(await response.text());
  }
  heard.push(await (await fetch(`${admin}/sessions?token=${opaque}`)).text());

  const said = gateway.log.map((line) => JSON.stringify(line));
  const named = (event: string) => gateway.log.filter((line) => line.event === event).length;
  expect(named('upgrade.accepted')).toBeGreaterThan(4);
  expect(named('upgrade.refused')).toBeGreaterThan(15);
  expect(named('message.refused')).toBeGreaterThan(4);

  const everything = [...said, ...heard].join('\n');
  const secrets = [good, expired, foreign].flatMap((token) => token.split('.'));
  const encoded = [PASSWORD, `${PASSWORD}-wrong`].map((s) => Buffer.from(`station:${s}`).toString('base64'));
  const key = String(signer.privateKey.export({ format: 'jwk' }).d);
  for (const secret of [
    ...secrets.filter((part) => part.length > 20),
    ...encoded,
    key,
    opaque,
    PASSWORD,
    ADMIN,
  ]) {
    expect(everything.includes(secret), `found ${secret}`).toBe(false);
  }
  expect(everything).not.toContain('ada@private.example');
});
