import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { createGateway } from '../../src/gateway.ts';
import { StoreError } from '../../src/store/store.ts';
import { Chat } from '../support/chat.ts';
import { testIo } from '../support/io.ts';
import { openRaw } from '../support/raw-client.ts';

// AX-08: what an operator revoked stays revoked, whatever becomes of the process and its disk.

let chat: Chat;

afterEach(() => chat.close());

const open = async (): Promise<void> => {
  chat = await Chat.open({ config: { state: { directory: 'data' } } });
};
const folder = (): string => join(chat.gateway.folder, 'data');
const revoke = (value: string) => chat.ask('POST', '/revocations', { by: 'subject', value });
const again = () =>
  createGateway(join(chat.gateway.folder, 'sallyport.yaml'), {
    watch: false,
    record: { destination: { write: () => {} } },
  });

/** Starts another process' worth of gateway, and is refused there by this token. */
async function expectRefusedAfterRestart(token: string): Promise<void> {
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
}

it('a revocation outlives the process', async () => {
  await open();
  const token = chat.token({ sub: 'ada', iat: Math.floor(Date.now() / 1_000) - 5 });
  expect((await revoke('ada')).json()).toEqual({ ended: 0, kept: true });
  await chat.gateway.gateway.close();
  await expectRefusedAfterRestart(token);
});

it('a revocation that was taken back stays so', async () => {
  await open();
  await revoke('ada');
  const [{ id }] = (await chat.ask('GET', '/revocations')).json().revocations;
  expect((await chat.ask('DELETE', `/revocations/${id}`)).json()).toEqual({ kept: true });
  const iat = Math.floor(Date.now() / 1_000) - 5;
  expect(await chat.knock({ sub: 'ada', iat })).toBe('in');
  await chat.gateway.gateway.close();
  const next = await again();
  expect(next.services.revocations.inForce()).toEqual([]);
  await next.close();
});

it('a gateway does not start without what it should remember, and `check` says so as well', async () => {
  await open();
  await chat.gateway.gateway.close();
  for (const name of readdirSync(folder())) writeFileSync(join(folder(), name), 'no database at all');
  const error = await again().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  const damaged = { path: 'state.directory', message: expect.stringMatching(/data\.mdb is damaged/) };
  expect((error as ConfigError).problems).toMatchObject([damaged]);
  const io = testIo();
  expect(await run(['check', '--json', join(chat.gateway.folder, 'sallyport.yaml')], io)).toBe('problems');
  expect(JSON.parse(io.output.join('')).problems).toMatchObject([damaged]);
});

it('a folder that is none is a problem, and `check` makes no folder', async () => {
  await open();
  await chat.gateway.gateway.close();
  rmSync(folder(), { recursive: true });
  expect(await run(['check', join(chat.gateway.folder, 'sallyport.yaml')], testIo())).toBe('done');
  expect(existsSync(folder())).toBe(false);
  writeFileSync(folder(), 'a file where the folder was');
  const error = await again().catch((thrown: unknown) => thrown);
  expect((error as ConfigError).problems).toMatchObject([{ path: 'state.directory' }]);
});

it('a gateway does not use the folder of another one', async () => {
  await open();
  const owner = { host: hostname(), pid: process.ppid };
  await chat.gateway.gateway.services.store.set('@owner', owner, 60_000);
  await chat.gateway.gateway.close();
  const error = await again().catch((thrown: unknown) => thrown);
  const message = `the gateway with process id ${process.ppid} uses this folder`;
  expect((error as ConfigError).problems).toMatchObject([{ path: 'state.directory', message }]);
});

it('a revocation that cannot be kept is in force, and no success', async () => {
  await open();
  const { store } = chat.gateway.gateway.services;
  const set = vi.spyOn(store, 'set').mockRejectedValue(new StoreError('no space left'));
  const { status, json } = await revoke('ada');
  set.mockRestore();
  expect(status).toBe(500);
  expect(json().detail).toMatch(/in force here.*not outlive a restart.*no space left/);
  const iat = Math.floor(Date.now() / 1_000) - 5;
  expect(await chat.knock({ sub: 'ada', iat })).toMatchObject({ status: 401 });
  expect(chat.named('revocation.unshared')).toMatchObject([{ by: 'subject' }]);
  expect(chat.named('gateway.fault')).toEqual([]);
  expect((await chat.ask('GET', '/health/ready')).status).toBe(200);
});

it('a store that cannot answer shows in health, log and metric, until it can', async () => {
  await open();
  const { store } = chat.gateway.gateway.services;
  const trouble = vi.spyOn(store, 'trouble', 'get').mockReturnValue('the disk does not keep up');
  await chat.gateway.logged('state.lost');
  expect(chat.named('state.lost')).toMatchObject([{ kind: 'lmdb', reason: 'the disk does not keep up' }]);
  expect(await chat.check('state')).toMatchObject({ healthy: false, reason: 'the disk does not keep up' });
  expect(await chat.metric('sallyport_health', { check: 'state' })).toBe(0);
  trouble.mockRestore();
  await chat.gateway.logged('state.back');
  expect(await chat.check('state')).toMatchObject({ healthy: true });
  expect(await chat.metric('sallyport_health', { check: 'state' })).toBe(1);
});

it('where state is kept does not change while the gateway runs', async () => {
  await open();
  chat.rewrite((config) => Object.assign(config, { state: { directory: 'elsewhere' } }));
  const { status, json } = await chat.ask('POST', '/reload');
  expect(status).toBe(422);
  expect(json().errors[0].message).toMatch(/where state is kept cannot change/);
});
