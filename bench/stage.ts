import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const ISSUER = 'https://id.example.com';

const ASYNCAPI = `asyncapi: 2.6.0
info: { title: Chat, version: 1.0.0 }
channels:
  chat:
    publish:
      message:
        oneOf: [{ $ref: '#/components/messages/chat.send' }, { $ref: '#/components/messages/chat.ping' }]
components:
  messages:
    chat.send:
      payload:
        type: object
        additionalProperties: false
        required: [type, id, room, text]
        properties:
          type: { const: chat.send }
          id: { type: string, maxLength: 36 }
          room: { type: string, pattern: '^[a-z0-9-]{1,32}$' }
          text: { type: string, maxLength: 2000 }
    chat.ping:
      payload:
        type: object
        additionalProperties: false
        required: [type]
        properties: { type: { const: chat.ping } }
`;

const COMMON = (route: string): string => `
listeners:
  public:
    address: 127.0.0.1:0
    tls: { certificates: [{ cert: cert.pem, key: key.pem }] }
    limits: { connections: 20000, perAddress: { connections: 20000, handshakes: 100000/s } }
identities:
  staff:
    jwt:
      issuer: ${ISSUER}
      audience: chat
      jwks: jwks.json
      algorithms: [ES256]
      tokenFrom: [header]
      claims: { subject: sub, tenant: org, roles: roles }
${route}`;

/** JWT identity, AsyncAPI schema, CEL authorization, and four limits on every client message. */
const CHECKED = (upstreamPort: number): string =>
  COMMON(`routes:
  - name: chat
    match: { path: /chat }
    origins: none-required
    identify: [staff]
    upstream: { url: 'ws://127.0.0.1:${upstreamPort}', forward: { subject: X-Subject } }
    dialect:
      json: { type: /type, id: /id, refusal: '{"type":"error","re":{id},"code":{code},"reason":{reason}}' }
    messages: { maxBytes: 64KiB, maxDepth: 32, schemas: chat.asyncapi.yaml }
    authorize:
      - { when: 'message.type == "chat.send"', allow: 'message.room in claims.rooms' }
      - { when: 'message.type == "chat.ping"', allow: 'true' }
    limits:
      perConnection: { messages: 100000000/s, bytes: 900MiB/s }
      perSubject: { messages: 100000000/s }
      perTenant: { messages: 100000000/s }
    lifetime: { idle: 30m, heartbeat: 10m }
`);

const RAW = (upstreamPort: number): string =>
  COMMON(`routes:
  - name: raw
    match: { path: /chat }
    origins: none-required
    identify: [staff]
    upstream: { url: 'ws://127.0.0.1:${upstreamPort}' }
    dialect: { raw: {} }
    authorize: [{ allow: 'true' }]
    lifetime: { idle: 30m, heartbeat: 10m }
`);

/** A folder with everything that the contenders read, and a token that the gateway accepts. */
export async function prepareStage(
  upstreamPort: number,
  pem: { cert: string; key: string },
): Promise<{ folder: string; token: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  const write = (name: string, text: string): void =>
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  write('cert.pem', pem.cert);
  write('key.pem', pem.key);
  write('bundle.pem', pem.cert + pem.key);
  write(
    'jwks.json',
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' }] }),
  );
  write('chat.asyncapi.yaml', ASYNCAPI);
  write('sallyport.yaml', CHECKED(upstreamPort));
  write('sallyport-raw.yaml', RAW(upstreamPort));
  const token = await new SignJWT({ org: 'acme', roles: ['user'], rooms: ['lobby'] })
    .setProtectedHeader({ alg: 'ES256', kid: 'bench', typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience('chat')
    .setSubject('alice')
    .setIssuedAt()
    .setExpirationTime('12h')
    .sign(privateKey);
  return { folder, token };
}
