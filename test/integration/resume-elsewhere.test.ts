import { afterEach, describe, expect, it } from 'vitest';
import { createDevelopmentCa, type DevelopmentCa, type Pair } from '../../src/edge/development-ca.ts';
import { Cutter } from '../support/cutter.ts';
import { FaultProxy } from '../support/fault-proxy.ts';
import type { RunningGateway } from '../support/gateway.ts';
import { Fleet } from '../support/members.ts';
import { text } from '../support/raw-frames.ts';
import { RawServer } from '../support/raw-server.ts';
import { ResumingClient } from '../support/resuming-client.ts';
import { claimsOf, jwtOptionsOf, keySetText, newSigner, tokenOf } from '../support/tokens.ts';

// A client comes back to another process than the one that holds its session.

const signer = newSigner();
const cleanUp: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

interface World {
  readonly fleet: Fleet;
  readonly upstream: RawServer;
  readonly first: RunningGateway;
  readonly second: RunningGateway;
  readonly cable: FaultProxy;
  readonly client: ResumingClient;
}

/** Two gateways, and a client whose session is with the first. */
async function open(
  how: 'workers' | 'nodes',
  { papers, connections = 1 }: { papers?: (ca: DevelopmentCa) => Promise<Pair>; connections?: number } = {},
): Promise<World> {
  const upstream = await RawServer.listen({ echo: true });
  const fleet = await Fleet.create();
  const authority = await createDevelopmentCa('Cluster');
  cleanUp.push(
    () => upstream.close(),
    () => fleet.close(),
  );
  const config = (cluster: boolean) => ({
    identities: { staff: { jwt: jwtOptionsOf({ leeway: '0s' }) } },
    ...(cluster && {
      state: { redis: 'redis://127.0.0.1:1' }, // the members share another store
      cluster: { address: '127.0.0.1:0', cert: 'node.pem', key: 'node-key.pem', ca: 'cluster.pem' },
    }),
    routes: [
      {
        name: 'chat',
        match: { path: '/chat' },
        origins: 'none-required',
        identify: ['staff'],
        upstream: { url: upstream.url },
        dialect: { raw: { frames: 'both' } },
        authorize: [{ allow: 'true' }],
        limits: { perSubject: { connections } },
        resume: {},
      },
    ],
  });
  const member = async (issue = (ca: DevelopmentCa) => ca.issue({ dns: ['node'] })) => {
    const pair = await issue(authority);
    const files = {
      'keys.json': keySetText(signer),
      'node.pem': pair.cert,
      'node-key.pem': pair.key,
      'cluster.pem': authority.cert,
    };
    return fleet.add(config(how === 'nodes'), { files, apart: how === 'nodes' });
  };
  const first = await member();
  const second = await member(papers);
  const cable = await FaultProxy.listen(first.port);
  cleanUp.push(() => cable.close());
  const client = new ResumingClient({
    url: `wss://localhost:${cable.port}/chat`,
    ca: fleet.ca.cert,
    headers: { Authorization: `Bearer ${tokenOf(signer, claimsOf({ sub: 'ada' }))}` },
  });
  cleanUp.push(async () => client.leave());
  await client.until(({ connected }) => connected);
  return { fleet, upstream, first, second, cable, client };
}

describe.each(['workers', 'nodes'] as const)('between %s', (how) => {
  it('the session is found and joined, and nothing is lost', async () => {
    const { upstream, first, second, cable, client } = await open(how);
    client.send('one');
    await client.until(({ received }) => received.length === 1);
    cable.target = second.port;
    client.leave();
    await first.logged('session.parked');
    upstream.peers[0]!.send(text('missed'));
    client.comeBack();
    client.send('two');
    await client.until(({ received }) => received.length === 3);
    expect(client.received).toEqual(['one', 'missed', 'two']);
    expect(client.welcomes.map(({ resumed }) => resumed)).toEqual([false, true]);
    expect(client.welcomes[1]!.session).toBe(client.welcomes[0]!.session);
    expect(upstream.peers.length).toBe(1);

    // back again, to where it is held
    cable.target = first.port;
    client.cut();
    client.send('three');
    await client.until(({ received }) => received.length === 4);
    client.close();
    expect(await upstream.peers[0]!.closed()).toMatchObject({ code: 1000 });
    expect(
      upstream.peers[0]!.received.flatMap(({ kind, payload }) => (kind === 'text' ? String(payload) : [])),
    ).toEqual(['one', 'two', 'three']);
  });

  it('a Close of the server passes, and a gateway that drains only sends the client on', async () => {
    const { upstream, first, second, cable, client } = await open(how);
    cable.target = second.port;
    client.leave();
    await first.logged('session.parked');
    client.comeBack();
    await client.until(({ welcomes, connected }) => welcomes.length === 2 && connected);
    cable.target = first.port;
    void second.gateway.drain({ window: 0 });
    expect((await client.closed()).code).toBe(1012);
    await first.logged(
      'session.parked',
      () => first.log.filter(({ event }) => event === 'session.parked').length === 2,
    );
    client.comeBack();
    await client.until(({ welcomes }) => welcomes.length === 3);
    expect(client.welcomes.map(({ resumed }) => resumed)).toEqual([false, true, true]);
    upstream.peers[0]!.send({ opcode: 8, payload: Buffer.from([0x10, 0xe1]) });
    await client.until(() => client.lastClose === 4321);
  });

  it('nothing is lost or comes twice, however often it is cut and wherever it comes back', async () => {
    const { first, second, fleet, client: other, upstream } = await open(how);
    other.close(); // it has the one seat
    await first.logged('session.closed');
    const cuts = Array.from({ length: 30 }, (_, i) => ({ up: 500 + 17 * i, down: 400 + 19 * i }));
    const gateways = [second, first].map(({ port }) => ({ port, ca: fleet.ca.cert }));
    const cutter = await Cutter.listen(gateways, ...cuts);
    cleanUp.push(async () => cutter.close());
    const client = new ResumingClient({
      url: `ws://localhost:${cutter.port}/chat`,
      headers: { Authorization: `Bearer ${tokenOf(signer, claimsOf({ sub: 'ada' }))}` },
    });
    cleanUp.push(async () => client.leave());
    const said = Array.from({ length: 40 }, (_, i) => `message ${i}`);
    for (const each of said) client.send(each);
    await client.until(({ received, acknowledged }) => received.length === 40 && acknowledged === 40);
    expect(client.received).toEqual(said);
    const heard = upstream.peers.at(-1)!.received.filter(({ kind }) => kind === 'text');
    expect(heard.map(({ payload }) => String(payload))).toEqual(said);
    expect(cutter.carried.length).toBeGreaterThan(5);
    expect(client.welcomes.length).toBeGreaterThan(3);
  });

  it('it is one session to operators: shown, counted and ended where it is held', async () => {
    const { first, second, cable, client } = await open(how);
    cable.target = second.port;
    client.leave();
    await first.logged('session.parked');
    client.comeBack();
    await client.until(({ welcomes, connected }) => welcomes.length === 2 && connected);
    const { session } = client.welcomes[0]!;
    const [holder, carrier] = [first.gateway.operator, second.gateway.operator];
    expect(holder.sessions({}, '', 10)).toMatchObject({ total: 1, sessions: [{ id: session }] });
    expect(carrier.sessions({}, '', 10)).toMatchObject({ total: 0, sessions: [] });
    const opened = second.log.filter(({ event }) => event === 'session.opened');
    for (const { session: carried } of opened) {
      expect(carrier.session(String(carried))).toBeUndefined();
      expect(carrier.kick(String(carried))).toBe(false);
    }
    expect(carrier.enforce({ by: 'subject', value: 'bob' })).toBe(0);
    expect([holder.kickAll({ subject: 'ada' }), carrier.kickAll({ subject: 'ada' })]).toEqual([1, 0]);
    expect((await client.closed()).code).toBe(4501);
    await first.logged('session.closed');
  });

  it('another holder is refused there as here', async () => {
    const { first, second, fleet, client } = await open(how);
    client.leave();
    await first.logged('session.parked');
    const thief = new ResumingClient({
      url: `${second.url}/chat`,
      ca: fleet.ca.cert,
      headers: { Authorization: `Bearer ${tokenOf(signer, claimsOf({ sub: 'bob' }))}` },
      offers: [`sallyport.resume.${client.token}.${client.seen}`],
    });
    await second.logged('upgrade.refused', ({ code }) => code === 'resume_denied');
    thief.leave();
    client.comeBack();
    await client.until(({ welcomes }) => welcomes.length === 2);
    expect(client.welcomes[1]).toMatchObject({ resumed: true });
  });

  // RS-09: the process that held the session is gone
  it('one that is gone has taken its sessions along, and the client is told', async () => {
    const { first, second, cable, client, upstream } = await open(how);
    cable.target = second.port;
    await first.gateway.close();
    await client.until(({ welcomes }) => welcomes.length === 2);
    expect(client.welcomes[1]).toMatchObject({ resumed: false, reason: 'lost', seen: 0, next: 1 });
    client.send('anew');
    await client.until(({ received }) => received.length === 1);
    expect(upstream.peers.length).toBe(2);
  });
});

describe('a node that is none', () => {
  it.each([
    [
      'has a certificate of another authority',
      async () => (await createDevelopmentCa('Cluster')).issue({ dns: ['node'] }),
    ],
  ])('%s: nobody believes it, and it gets no session', async (_what, papers) => {
    const { first, second, cable, client } = await open('nodes', { papers, connections: 2 });
    client.leave();
    await first.logged('session.parked');
    cable.target = second.port;
    client.comeBack();
    await client.until(({ welcomes }) => welcomes.length === 2);
    expect(client.welcomes[1]).toMatchObject({ resumed: false, reason: 'lost' });
  });
});
