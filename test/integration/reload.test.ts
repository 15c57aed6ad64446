import { renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Chat, type ChatOptions, echoes } from '../support/chat.ts';
import { connectRaw } from '../support/raw-client.ts';
import { text } from '../support/raw-frames.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { ANSWERS } from '../support/raw-server.ts';

let chat: Chat;

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await chat.close();
});

type Config = Record<string, unknown> & { routes: Record<string, unknown>[] };

const DIALECT = { dialect: { json: { type: '/type', refusal: '{"no":{code}}' } } };
const ANY = { type: 'object', properties: { type: true }, additionalProperties: false };

async function open(more: ChatOptions = {}): Promise<Chat> {
  chat = await Chat.open({
    ...more,
    route: { ...DIALECT, messages: { schemas: 'schemas/' }, ...more.route },
    files: { 'schemas/say.json': JSON.stringify(ANY), ...more.files },
  });
  return chat;
}

/** What becomes of a message: `pass`, or the code with which it is refused. */
async function say(peer: RawPeer, message = '{"type":"say"}'): Promise<string> {
  peer.send(text(message));
  const answer = (await peer.nextOf('text')).payload.toString();
  return answer === message ? 'pass' : JSON.parse(answer).no;
}

/** Files or configurations that must not be taken, and where the fault is said to be. */
const BROKEN: Record<string, [(chat: Chat) => void, { file: string; line: number; error: RegExp }]> = {
  'bad YAML': [
    ({ gateway }) => gateway.write('sallyport.yaml', 'listeners: {\n  public: ]\n'),
    { file: 'sallyport.yaml', line: 2, error: /./ },
  ],
  'an unknown key': [
    (each) => each.rewrite((config) => Object.assign((config as Config).routes[0]!, { limts: {} })),
    { file: 'sallyport.yaml', line: expect.any(Number) as never, error: /unknown key "limts"/ },
  ],
  'a rule that does not compile': [
    (each) =>
      each.rewrite((config) =>
        Object.assign((config as Config).routes[0]!, { authorize: [{ allow: 'message.type ==' }] }),
      ),
    { file: 'sallyport.yaml', line: expect.any(Number) as never, error: /./ },
  ],
  'a broken schema': [
    ({ gateway }) => gateway.write('schemas/say.json', '{"type":\n"nothing"}'),
    { file: 'say.json', line: 2, error: /./ },
  ],
  'a broken certificate': [
    ({ gateway }) => gateway.write('cert.pem', 'no certificate'),
    { file: 'sallyport.yaml', line: expect.any(Number) as never, error: /cert\.pem/ },
  ],
  'a missing configuration': [
    ({ gateway: { folder } }) => renameSync(join(folder, 'sallyport.yaml'), join(folder, 'elsewhere')),
    { file: 'sallyport.yaml', line: 1, error: /no such file/i },
  ],
  'another admin listener': [
    (each) =>
      each.rewrite((config) =>
        Object.assign(config.admin as object, { metricsToken: 'another-token-00001' }),
      ),
    { file: 'sallyport.yaml', line: expect.any(Number) as never, error: /restart/ },
  ],
};

describe('a reload that fails', () => {
  it.each(Object.entries(BROKEN))('for %s changes nothing and says why', async (_name, [damage, fault]) => {
    await open({ route: { limits: { perConnection: { messages: '3/h' } } } });
    const peer = await chat.join();
    expect(await say(peer)).toBe('pass');
    damage(chat);
    const { status, json } = await chat.ask('POST', '/reload');
    expect(status).toBe(422);
    expect(json().errors[0].message).toMatch(fault.error);
    const said = await chat.gateway.logged('gateway.reload_failed');
    expect(said).toMatchObject({ generation: 1, cause: 'admin', line: fault.line });
    expect(said.file).toMatch(new RegExp(`(^|/)${fault.file.replace('.', '\\.')}$`));
    expect(said.error).toMatch(fault.error);
    expect(await chat.check('configuration')).toMatchObject({
      healthy: false,
      reason: expect.stringContaining(`:${said.line}: `),
    });
    expect((await chat.ask('GET', '/health/ready')).status).toBe(200); // what is in service still serves
    expect(await chat.metric('sallyport_reloads_total', { outcome: 'failed' })).toBe(1);
    expect(await chat.metric('sallyport_configuration_generation')).toBe(1);
    // The session, its guards and its allowance are where they were.
    expect([await say(peer), await say(peer), await say(peer)]).toEqual(['pass', 'pass', 'rate_exceeded']);
    expect(await chat.knock()).toBe('in');
  });

  it('is taken as soon as the file is there that it lacked, though nothing else changes', async () => {
    await open({ options: { watch: true } });
    chat.rewrite((config) => Object.assign((config as Config).routes[0]!, { messages: { schemas: 'new/' } }));
    expect(await chat.gateway.logged('gateway.reload_failed')).toMatchObject({ cause: 'watch' });
    chat.gateway.write('new/say.json', JSON.stringify(ANY));
    expect(await chat.gateway.logged('gateway.reloaded')).toMatchObject({ cause: 'watch', generation: 2 });
    expect(await chat.check('configuration')).toMatchObject({ healthy: true });
  });

  it('is forgotten when the next one is taken', async () => {
    await open();
    chat.gateway.write('schemas/say.json', '{');
    expect((await chat.ask('POST', '/reload')).status).toBe(422);
    chat.gateway.write('schemas/say.json', JSON.stringify(ANY));
    expect((await chat.ask('POST', '/reload')).json()).toEqual({ generation: 1 });
    expect(await chat.check('configuration')).toMatchObject({ healthy: true });
  });
});

describe('a reload that changes nothing', () => {
  it('touches nothing', async () => {
    await open();
    const peer = await chat.join();
    const inside = await chat.upstream.next();
    expect(await say(peer)).toBe('pass');
    const plan = chat.gateway.gateway.plan();
    const from = chat.log.length;
    expect((await chat.ask('POST', '/reload')).json()).toEqual({ generation: 1 });
    expect(chat.gateway.gateway.plan()).toBe(plan); // the same guards, schemas and inspectors
    expect(chat.log.slice(from).map(({ event }) => event)).toEqual(['gateway.reloaded', 'admin.action']);
    expect(chat.log[from]).toMatchObject({ changed: false, drained: 0, generation: 1 });
    expect(await say(peer)).toBe('pass');
    expect(inside.frames).toHaveLength(2);
  });
});

describe('an open session', () => {
  it('is judged by the guards of the new configuration', async () => {
    await open();
    const peer = await chat.join();
    expect(await say(peer)).toBe('pass');
    chat.rewrite((config) =>
      Object.assign((config as Config).routes[0]!, { authorize: [{ allow: 'message.type == "shout"' }] }),
    );
    expect((await chat.ask('POST', '/reload')).json()).toEqual({ generation: 2 });
    expect(await say(peer)).toBe('not_authorized');
    chat.gateway.write('schemas/say.json', JSON.stringify({ ...ANY, required: ['text'] }));
    expect((await chat.ask('POST', '/reload')).json()).toEqual({ generation: 3 });
    expect(await say(peer)).toBe('schema_invalid');
    expect(chat.named('session.closed')).toEqual([]);
  });

  it('keeps its allowance, and so does its holder', async () => {
    const limits = { perConnection: { messages: '2/h' }, perSubject: { connections: 1 } };
    await open({ route: { limits } });
    const peer = await chat.join();
    expect([await say(peer), await say(peer)]).toEqual(['pass', 'pass']);
    chat.rewrite((config) => Object.assign((config as Config).routes[0]!, { observe: ['schema'] }));
    expect((await chat.ask('POST', '/reload')).json()).toEqual({ generation: 2 });
    expect(await say(peer)).toBe('rate_exceeded');
    expect(await chat.knock()).toMatchObject({ status: 429 });
    peer.destroy();
    await chat.gateway.logged('session.closed');
    expect(await chat.knock()).toBe('in'); // the seat that was taken before the reload is given back once
  });

  it.each([
    ['route', (config: Config) => config.routes.splice(1, 1)],
    ['identity', (config: Config) => Object.assign(config.routes[1]!, { identify: ['visitors'] })],
  ])('whose %s is gone is let finish, and told to come back', async (_name, change) => {
    await open({ routes: [{ name: 'other', match: { path: '/other' } }] });
    const stays = await chat.join();
    const peer = await chat.join({ sub: 'eve' }, { path: '/other' });
    vi.spyOn(Math, 'random').mockReturnValue(0.2); // the place in the ten seconds over which they are let go
    chat.rewrite((config) => change(config as Config));
    expect((await chat.ask('POST', '/reload')).json()).toEqual({ generation: 2 });
    expect(chat.named('gateway.reloaded')).toMatchObject([
      { drained: 1, routes: chat.gateway.gateway.plan().routes.length },
    ]);
    await echoes(peer, 'in flight'); // not cut
    expect(await peer.closed()).toMatchObject({ code: 1012, reason: 'route_gone', how: 'fin' });
    expect(await say(stays)).toBe('pass');
    const refused = await chat.knock({ sub: 'eve' }, { path: '/other' });
    if (_name === 'route') expect(refused).toMatchObject({ status: 404 });
  });

  it('stays when its route is back before it was let go', async () => {
    await open({ routes: [{ name: 'other', match: { path: '/other' } }] });
    const peer = await chat.join({}, { path: '/other' });
    vi.spyOn(Math, 'random').mockReturnValue(0.05); // half a second
    chat.rewrite((config) => (config as Config).routes.splice(1, 1));
    await chat.ask('POST', '/reload');
    chat.rewrite(() => {});
    await chat.ask('POST', '/reload');
    expect(chat.gateway.gateway.plan().generation).toBe(3);
    const peers = await chat.join({ exp: Math.ceil(Date.now() / 1_000) + 1 }); // the sweep has come by when this one ends
    expect(await peers.closed()).toMatchObject({ code: 3000 });
    await echoes(peer);
  });
});

describe('reloads that are asked for together', () => {
  it('run one at a time, and those that wait are one', async () => {
    await open();
    const peer = await chat.join();
    const before = chat.named('gateway.reloaded').length;
    const { gateway } = chat.gateway;
    const first = gateway.reload('signal');
    await turn(); // it has begun
    chat.rewrite((config) => Object.assign((config as Config).routes[0]!, { observe: ['schema'] }));
    const storm = Array.from({ length: 100 }, () => gateway.reload('signal'));
    const facts = await Promise.all([first, ...storm]);
    expect(facts.every(({ done }) => done)).toBe(true);
    expect(new Set(facts.slice(1))).toHaveProperty('size', 1);
    expect(facts.at(-1)!.generation).toBe(2); // what was written before the last call is in service
    expect(chat.named('gateway.reloaded').length - before).toBe(2);
    await echoes(peer, '{"type":"say"}');
  });

  it('never open anything when the gateway closes meanwhile', async () => {
    await open();
    const { gateway } = chat.gateway;
    const spare = await Chat.open();
    const { port } = spare.gateway;
    await spare.close(); // nobody listens there now
    chat.rewrite((config) => Object.assign(config, listenersAt({ second: port, public: 0 })));
    const reload = gateway.reload();
    await gateway.close();
    expect(await reload).toMatchObject({ done: false });
    await expect(connectRaw({ port })).rejects.toThrow('ECONNREFUSED');
    expect(await gateway.reload()).toMatchObject({ done: false });
  });
});

describe('a reload while upgrades are under way', () => {
  it('costs none of them, unless their route is gone', async () => {
    const held: (() => void)[] = [];
    await open({
      upstream: {
        echo: true,
        answer: (socket, request) => {
          held.push(() => ANSWERS.accept(socket, request));
          return true;
        },
      },
      routes: [{ name: 'other', match: { path: '/other' } }],
    });
    const staying = chat.join();
    const going = chat.knock({}, { path: '/other' });
    await vi.waitFor(() => expect(held).toHaveLength(2), 8_000);
    chat.rewrite((config) => (config as Config).routes.splice(1, 1));
    expect((await chat.ask('POST', '/reload')).json()).toEqual({ generation: 2 });
    for (const answer of held) answer();
    expect(await say(await staying)).toBe('pass');
    expect(await going).toMatchObject({ status: 503 });
    expect(await chat.gateway.logged('upgrade.refused')).toMatchObject({
      code: 'route_gone',
      route: 'other',
    });
    expect(chat.gateway.gateway.services.presence.count('route', 'other', '')).toBe(0);
  });
});

/** Listeners as they stand in a configuration: port by name. */
function listenersAt(ports: Record<string, number>) {
  const listener = (port: number) => ({
    address: `127.0.0.1:${port}`,
    tls: { certificates: [{ cert: 'cert.pem', key: 'key.pem' }] },
  });
  return {
    listeners: Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, listener(port)])),
  };
}

describe('a listener', () => {
  it('is added, moved and removed, and who came by it stays', async () => {
    chat = await Chat.open({ config: listenersAt({ public: 0 }) });
    const { gateway } = chat.gateway;
    const old = chat.gateway.port;
    const peer = await chat.join();
    chat.rewrite((config) => Object.assign(config, listenersAt({ public: 0, second: 0 })));
    expect(await gateway.reload()).toMatchObject({ done: true });
    const second = gateway.address('second').port;
    const guest = await chat.join({ sub: 'guest' }, { port: second });
    expect(gateway.address('public').port).toBe(old);

    // Another address for `public`, and `second` is gone.
    chat.rewrite((config) => {
      const { listeners } = listenersAt({ public: 0 });
      Object.assign(listeners.public!, { address: 'localhost:0' });
      Object.assign(config, { listeners });
    });
    expect(await gateway.reload()).toMatchObject({ done: true });
    const moved = gateway.address('public').port;
    expect(await chat.knock({}, { port: moved })).toBe('in');
    for (const port of [old, second]) await expect(connectRaw({ port })).rejects.toThrow('ECONNREFUSED');
    await echoes(peer);
    await echoes(guest);
    expect((await chat.ask('GET', '/certificates')).json().certificates).toHaveLength(1);
  });

  it('that cannot be opened fails the reload as a whole', async () => {
    await open();
    const { gateway } = chat.gateway;
    const taken = chat.upstream.port;
    chat.rewrite((config) => {
      Object.assign(config, listenersAt({ public: 0, third: 0, fourth: taken }));
      Object.assign((config as Config).routes[0]!, { authorize: [{ allow: 'false' }] });
    });
    expect(await gateway.reload()).toMatchObject({
      done: false,
      problems: [{ message: expect.stringContaining(`port ${taken} is in use`) }],
    });
    expect(() => gateway.address('third')).toThrow(RangeError);
    expect(await say(await chat.join())).toBe('pass');
  });
});

describe('the watch', () => {
  it('sees the configuration swapped as Kubernetes does, several times in a row', async () => {
    await open({ options: { watch: true } });
    const { folder } = chat.gateway;
    const peer = await chat.join();
    let version = 0;
    /** Writes a folder, and turns the link `..data` to it; what the gateway reads is a link through `..data`. */
    const swap = (allow: string): void => {
      const name = `..v${++version}`;
      const change = (config: Record<string, unknown>): void => {
        Object.assign((config as Config).routes[0]!, { authorize: [{ allow }] });
      };
      chat.rewrite(change, `${name}/sallyport.yaml`);
      link(name, '..data');
      if (version === 1) link('..data/sallyport.yaml', 'sallyport.yaml');
    };
    const link = (target: string, name: string): void => {
      symlinkSync(target, join(folder, `${name}.new`));
      renameSync(join(folder, `${name}.new`), join(folder, name));
    };
    for (const [generation, allow, verdict] of [
      [2, 'message.type == "shout"', 'not_authorized'],
      [3, 'message.type == "say"', 'pass'],
      [4, 'message.type == "whisper"', 'not_authorized'],
    ] as const) {
      swap(allow);
      await chat.gateway.logged('gateway.reloaded', (line) => line.generation === generation);
      expect(await say(peer)).toBe(verdict);
    }
  });

  it('asks again, of itself, for what was not taken', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    await open({ options: { watch: true } });
    chat.rewrite((config) =>
      Object.assign((config as Config).routes[0]!, { messages: { schemas: 'new.json' } }),
    );
    const said = await chat.gateway.logged('gateway.reload_failed');
    expect(said).toMatchObject({ cause: 'watch', error: expect.stringContaining('new.json') });
    // No file of the configuration in service is changed by this: nothing announces it but the poll.
    chat.gateway.write('new.json', JSON.stringify(ANY));
    vi.advanceTimersByTime(30_000);
    expect(await chat.gateway.logged('gateway.reloaded')).toMatchObject({ generation: 2, cause: 'watch' });
    expect(await chat.check('configuration')).toMatchObject({ healthy: true });
  });

  it('does not say the same fault twice', async () => {
    await open();
    const { gateway } = chat.gateway;
    const failed = (): number => chat.named('gateway.reload_failed').length;
    chat.gateway.write('schemas/say.json', '{');
    for (let i = 0; i < 3; i++) expect(await gateway.reload('watch')).toMatchObject({ done: false });
    expect(failed()).toBe(1);
    chat.gateway.write('schemas/say.json', '\n{');
    expect(await gateway.reload('watch')).toMatchObject({ done: false });
    expect(failed()).toBe(2); // another one
    await gateway.reload('signal');
    expect(failed()).toBe(3); // who asks is told
  });
});
