import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Browser } from '../support/browser.ts';
import { Chat, type ChatOptions } from '../support/chat.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import { describeWith } from '../support/programs.ts';
import { jwtOptionsOf } from '../support/tokens.ts';

// The client as it is published, in a real Chromium, before a whole gateway, with a cable between them that can be cut.

/** What the page keeps for the test. */
interface Kept {
  readonly client: {
    readonly state: string;
    readonly session: string | undefined;
    send(text: string): void;
    close(): void;
  };
  readonly events: {
    type: string;
    to?: string;
    code?: number;
    resumed?: boolean;
    data?: unknown;
    cause?: string;
  }[];
}

declare const window: { kept: Kept };

/** The pages of a listener load from their own origin alone, so the script is a file of its own. */
const PAGE = '<!doctype html><title>client</title><script type="module" src="/page.js"></script>';
const PAGE_SCRIPT = `import { Client } from '/client.js';
const events = [];
const options = JSON.parse(decodeURIComponent(location.hash.slice(1)));
let tokens = 0;
const client = new Client('wss://' + location.host + '/chat', {
  protocols: ['chat.v1'],
  reconnect: { base: 20, cap: 100, stableAfter: 0 },
  getToken: async () => await (await fetch('/token?' + ++tokens)).json(),
  ...options,
});
for (const type of ['state', 'open', 'message', 'error', 'close'])
  client.addEventListener(type, ({ to, code, resumed, data, cause }) => events.push({ type, to, code, resumed, data, cause }));
window.kept = { client, events };
client.connect();`;

let script: string;
let browser: Browser;
let chat: Chat;
let proxy: FaultProxy;
/** How long the first token and all others live, in seconds. */
let lives: readonly [number, number];

async function openChat(): Promise<Chat> {
  const options: ChatOptions = {
    route: {
      protocols: ['chat.v1'],
      origins: [`https://localhost:${proxy.port}`],
      resume: { window: '10s' },
      tickets: {},
      refresh: {},
    },
    config: {
      identities: { staff: { jwt: jwtOptionsOf({ leeway: '0s', tokenFrom: ['header', 'subprotocol'] }) } },
    },
    options: { pages: (path, query) => pageAt(path, query) },
  };
  return await Chat.open(options);
}

function pageAt(path: string, query: URLSearchParams) {
  if (path === '/') return { type: 'text/html', body: PAGE };
  if (path === '/page.js') return { type: 'text/javascript', body: PAGE_SCRIPT };
  if (path === '/client.js') return { type: 'text/javascript', body: script };
  if (path !== '/token') return undefined;
  const exp = Math.floor(Date.now() / 1_000) + (query.has('1') ? lives[0] : lives[1]);
  const token = chat.token({ exp, jti: `t-${[...query.keys()][0]}` });
  const expiresIn = exp * 1_000 - Date.now();
  return { type: 'application/json', body: JSON.stringify({ token, expiresIn }) };
}

async function openPage(options: object = {}): Promise<Page> {
  const hash = encodeURIComponent(JSON.stringify(options));
  const page = await browser.open(`https://localhost:${proxy.port}/#${hash}`);
  await happened(page, 'open');
  return page;
}

/** Waits for so many events of this type, and gives the last of them. */
async function happened(page: Page, type: string, count = 1): Promise<Kept['events'][number]> {
  await page.waitForFunction(
    ([wanted, least]) => window.kept?.events.filter((event) => event.type === wanted).length >= Number(least),
    [type, count] as const,
  );
  return await page.evaluate(
    (wanted) => window.kept.events.filter((event) => event.type === wanted).at(-1)!,
    type,
  );
}

async function echoes(page: Page, text: string): Promise<void> {
  await page.evaluate((sent) => window.kept.client.send(sent), text);
  await page.waitForFunction(
    (wanted) => window.kept.events.some(({ type, data }) => type === 'message' && data === wanted),
    text,
  );
}

const texts = (page: Page) =>
  page.evaluate(() => window.kept.events.flatMap(({ type, data }) => (type === 'message' ? [data] : [])));

describeWith('chromium', 'the client in a browser', () => {
  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: ['src/client/index.ts'],
      bundle: true,
      format: 'esm',
      minify: true,
      write: false,
    });
    script = outputFiles[0]!.text;
    browser = await Browser.launch();
  }, 60_000);

  afterAll(() => browser?.close());

  beforeEach(async () => {
    lives = [900, 900];
    proxy = await FaultProxy.listen(0);
    chat = await openChat();
    proxy.target = chat.gateway.port;
  });

  afterEach(async () => {
    await proxy.close();
    await chat.close();
  });

  it('talks, with a token that travels as a subprotocol', async () => {
    const page = await openPage();
    await echoes(page, 'hello');
    expect(chat.named('session.opened')).toMatchObject([{ subject: 'ada', protocol: 'chat.v1' }]);
    await page.close();
  });

  it('comes back to its session when the network is cut: nothing lost, nothing twice', async () => {
    const page = await openPage({ resume: true });
    for (let i = 0; i < 5; i++) {
      await page.evaluate((n) => {
        for (let m = 0; m < 20; m++) window.kept.client.send(`${n}.${m}`);
      }, i);
      proxy.cut();
      await happened(page, 'open', i + 2);
    }
    await echoes(page, 'last');
    const expected = [0, 1, 2, 3, 4].flatMap((n) => Array.from({ length: 20 }, (_, m) => `${n}.${m}`));
    expect(await texts(page)).toEqual([...expected, 'last']);
    expect(chat.upstream.requests).toHaveLength(1);
    await page.close();
  });

  it('notices that the browser is offline, and comes back when it is online', async () => {
    const page = await openPage({ resume: true });
    await echoes(page, 'before');
    await browser.offline(true);
    await page.waitForFunction(() => window.kept.client.state === 'offline');
    await browser.offline(false);
    expect((await happened(page, 'open', 2)).resumed).toBe(true);
    await echoes(page, 'after');
    await page.close();
  });

  it('comes back to a gateway that was started again', async () => {
    const page = await openPage({ resume: true });
    const first = chat;
    proxy.target = undefined;
    await first.close();
    chat = await openChat();
    proxy.target = chat.gateway.port;
    expect((await happened(page, 'open', 2)).resumed).toBe(false);
    await echoes(page, 'after');
    await page.close();
  });

  it('does not notice that the certificate is replaced', async () => {
    const page = await openPage();
    const { cert, key } = await chat.ca.issue({ dns: ['localhost'], ip: ['127.0.0.1'] });
    chat.gateway.write('cert.pem', cert);
    chat.gateway.write('key.pem', key);
    const { rotations } = (await chat.ask('POST', '/certificates/rotate')).json();
    expect(rotations).toMatchObject([{ replaced: [{ serial: expect.any(String) }] }]);
    await echoes(page, 'after');
    expect(await page.evaluate(() => window.kept.events.filter(({ type }) => type === 'open').length)).toBe(
      1,
    );
    await page.close();
  });

  it.each([{ resume: true }, { ticket: true }])(
    'renews its token before it runs out: %j',
    async (options) => {
      lives = [4, 900];
      const page = await openPage(options);
      await chat.gateway.logged('credential.renewed');
      await chat.gateway.logged('credential.renewed');
      const end = Date.now() + 5_000;
      while (Date.now() < end) await echoes(page, `still here at ${Date.now()}`);
      expect(chat.named('session.opened')).toHaveLength(1);
      await page.close();
    },
    30_000,
  );

  it('comes with another token when its own ran out', async () => {
    lives = [3, 900];
    const page = await openPage({ refresh: false });
    await happened(page, 'open', 2);
    await echoes(page, 'after');
    expect(chat.named('session.closed')).toMatchObject([{ code: 'session_expired' }]);
    await page.close();
  }, 30_000);

  it('moves on when its node drains', async () => {
    const page = await openPage({ resume: true });
    await echoes(page, 'before');
    const first = chat;
    chat = await openChat();
    proxy.target = chat.gateway.port;
    await first.gateway.gateway.drain({ window: 0 });
    await happened(page, 'open', 2);
    await echoes(page, 'after');
    await first.close();
    await page.close();
  });

  it('stays away when it is revoked', async () => {
    const page = await openPage();
    await chat.ask('POST', '/revocations', { by: 'subject', value: 'ada' });
    expect(await happened(page, 'close')).toMatchObject({ code: 4500, cause: 'told' });
    await page.close();
  });
});
