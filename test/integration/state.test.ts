import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { createGateway } from '../../src/gateway.ts';
import { Chat } from '../support/chat.ts';
import { testIo } from '../support/io.ts';
import { openRaw } from '../support/raw-client.ts';

// AX-08: what an operator revoked stays revoked, whatever becomes of the process and its disk.

let chat: Chat;

afterEach(() => chat.close());

const open = async (): Promise<void> => {
  chat = await Chat.open({ config: { state: { directory: 'data' } } });
};
const file = (): string => join(chat.gateway.folder, 'data', 'revocations.json');
const revoke = (value: string) => chat.ask('POST', '/revocations', { by: 'subject', value });
const again = () =>
  createGateway(join(chat.gateway.folder, 'sallyport.yaml'), {
    watch: false,
    record: { destination: { write: () => {} } },
  });

it('a revocation outlives the process', async () => {
  await open();
  const token = chat.token({ sub: 'ada', iat: Math.floor(Date.now() / 1_000) - 5 });
  expect((await revoke('ada')).json()).toEqual({ ended: 0, kept: true });
  await chat.gateway.gateway.close();
  const next = await again();
  await next.listen();
  const knock = openRaw({
    port: next.address('public').port,
    path: '/chat',
    tls: { ca: chat.ca.cert },
    headers: { Authorization: `Bearer ${token}` },
  });
  await expect(knock).rejects.toMatchObject({ status: 401 });
  await next.close();
});

it('a gateway does not start without what it should remember, and `check` says so as well', async () => {
  await open();
  await chat.gateway.gateway.close();
  writeFileSync(file(), readFileSync(file(), 'utf8').slice(0, -3));
  const error = await again().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  const damaged = { path: 'state.directory', message: expect.stringMatching(/revocations\.json is damaged/) };
  expect((error as ConfigError).problems).toMatchObject([damaged]);
  const io = testIo();
  expect(await run(['check', '--json', join(chat.gateway.folder, 'sallyport.yaml')], io)).toBe('problems');
  expect(JSON.parse(io.output.join('')).problems).toMatchObject([damaged]);
});

it('a revocation that cannot be kept is in force, and no success', async () => {
  await open();
  rmSync(join(chat.gateway.folder, 'data'), { recursive: true });
  writeFileSync(join(chat.gateway.folder, 'data'), 'a file where the folder was');
  const { status, json } = await revoke('ada');
  expect(status).toBe(500);
  expect(json().detail).toMatch(/in force.*cannot write/);
  const iat = Math.floor(Date.now() / 1_000) - 5;
  expect(await chat.knock({ sub: 'ada', iat })).toMatchObject({ status: 401 });
  expect(await chat.check('state')).toMatchObject({
    healthy: false,
    reason: expect.stringMatching(/cannot/),
  });
  expect(chat.named('gateway.fault')).toMatchObject([{ where: 'state' }]);
  expect((await chat.ask('GET', '/health/ready')).status).toBe(200);
  rmSync(join(chat.gateway.folder, 'data'));
  expect((await revoke('bob')).json()).toEqual({ ended: 0, kept: true });
  expect(readFileSync(file(), 'utf8')).toContain('"ada"'); // the one before as well
  expect(await chat.check('state')).toMatchObject({ healthy: true });
});

it('the folder does not change while the gateway runs', async () => {
  await open();
  chat.rewrite((config) => Object.assign(config, { state: { directory: 'elsewhere' } }));
  const { status, json } = await chat.ask('POST', '/reload');
  expect(status).toBe(422);
  expect(json().errors[0].message).toMatch(/the folder for state cannot change/);
});
