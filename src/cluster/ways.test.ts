import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDevelopmentCa, type DevelopmentCa } from '../edge/development-ca.ts';
import { FolderWay, TlsWay, type Way } from './ways.ts';

const open: (Way | Socket)[] = [];

afterEach(() => {
  for (const each of open.splice(0)) 'listen' in each ? each.close() : each.destroy();
});

/** Sends back what it is sent. */
const echo = (socket: Socket): void => void socket.on('error', () => {}).pipe(socket);

async function echoes(socket: Socket | undefined): Promise<boolean> {
  if (!socket) return false;
  open.push(socket);
  socket.on('error', () => {}).write('hello');
  return new Promise((resolve) => {
    socket
      .once('data', (chunk: Buffer) => resolve(String(chunk) === 'hello'))
      .once('close', () => resolve(false));
  });
}

describe('between nodes', () => {
  let ca: DevelopmentCa;
  let foreign: DevelopmentCa;
  let address: string;

  beforeAll(async () => {
    ca = await createDevelopmentCa('Cluster');
    foreign = await createDevelopmentCa('Cluster');
  });

  /** A node that trusts the cluster, with a certificate of this authority. */
  async function node(authority = ca): Promise<TlsWay> {
    const pair = await authority.issue({ dns: ['node'] });
    const way = new TlsWay({ host: '127.0.0.1', port: 0, papers: () => ({ ...pair, ca: ca.cert }) });
    open.push(way);
    return way;
  }

  async function listen(): Promise<void> {
    address = await (await node()).listen(echo);
  }

  async function knock(options: ConnectionOptions): Promise<boolean> {
    const port = Number(address.split(':')[1]);
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    return echoes(socket);
  }

  it('one finds the other', async () => {
    await listen();
    expect(await echoes(await (await node()).connect('', address))).toBe(true);
  });

  it.each<[string, () => Promise<ConnectionOptions>]>([
    ['no certificate', async () => ({})],
    ['one of another authority of that name', () => foreign.issue({ dns: ['node'] })],
    ['TLS 1.2', async () => ({ ...(await ca.issue({ dns: ['node'] })), maxVersion: 'TLSv1.2' })],
    [
      'one that has run out',
      () => ca.issue({ dns: ['node'], notBefore: Date.now() - 9e6, notAfter: Date.now() - 1e6 }),
    ],
  ])('whoever shows %s is not spoken to', async (_what, options) => {
    await listen();
    expect(await knock(await options())).toBe(false);
  });

  it('new certificates are shown to those who come later, and the authority may change with them', async () => {
    const [one, two] = [await createDevelopmentCa('One'), await createDevelopmentCa('Two')];
    let papers = { ...(await one.issue({ dns: ['node'] })), ca: one.cert };
    const way = new TlsWay({ host: '127.0.0.1', port: 0, papers: () => papers });
    open.push(way);
    address = await way.listen(echo);
    const later = await two.issue({ dns: ['node'] });
    expect(await knock(later)).toBe(false);
    papers = { ...(await two.issue({ dns: ['node'] })), ca: two.cert };
    way.renew();
    expect(await knock(later)).toBe(true);
    expect(await knock(await one.issue({ dns: ['node'] }))).toBe(false);
  });

  it('whoever speaks no TLS is not spoken to', async () => {
    await listen();
    expect(await echoes(connect(Number(address.split(':')[1]), '127.0.0.1'))).toBe(false);
  });

  it('a server that has no certificate of the cluster is told nothing', async () => {
    const impostor = await (await node(foreign)).listen(echo);
    expect(await (await node()).connect('', impostor)).toBeUndefined();
  });

  it.each([undefined, '', 'nowhere', '127.0.0.1:1', 'host:123456'])(
    'nobody is found at %j',
    async (place) => {
      expect(await (await node()).connect('', place)).toBeUndefined();
    },
  );
});

describe('between workers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-ways-'));

  afterAll(() => rmSync(folder, { recursive: true }));

  function worker(name: string): FolderWay {
    const way = new FolderWay(folder, name);
    open.push(way);
    return way;
  }

  it('one finds the other, and their user alone may', async () => {
    await worker('00000000000000aa').listen(echo);
    expect(await echoes(await worker('00000000000000bb').connect('00000000000000aa'))).toBe(true);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, '00000000000000aa.sock')).mode & 0o077).toBe(0);
  });

  it('one that has ended is not found', async () => {
    const gone = worker('00000000000000aa');
    await gone.listen(echo);
    gone.close();
    expect(await worker('00000000000000bb').connect('00000000000000aa')).toBeUndefined();
  });
});
