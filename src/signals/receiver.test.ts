import { beforeEach, describe, expect, it, vi } from 'vitest';
import { identityContext, type TestContext } from '../../test/support/identity.ts';
import { eventToken, SHOWN, transmitter, transmitterConfig, user } from '../../test/support/signals.ts';
import { keySetText } from '../../test/support/tokens.ts';
import type { RevocationFacts, RevocationOrder } from '../store/revocations.ts';
import { StoreError } from '../store/store.ts';
import { signalOptions } from './options.ts';
import { SignalReceiver } from './receiver.ts';
import { Transmitter } from './transmitter.ts';

let context: TestContext;
let orders: RevocationOrder[];
let facts: RevocationFacts | Error;

beforeEach(() => {
  context = identityContext({ 'transmitter.json': keySetText(transmitter) });
  orders = [];
  facts = { ended: 1, kept: true };
});

function receiver(changes: object = {}): (token: string) => ReturnType<SignalReceiver['receive']> {
  const options = signalOptions.parse(transmitterConfig({ ...changes }));
  const one = new Transmitter('idp', options, context);
  const all = new SignalReceiver({
    services: context.services,
    transmitters: () => [one],
    revoke: async (order) => {
      orders.push(order);
      if (facts instanceof Error) throw facts;
      return facts;
    },
  });
  return (token) => all.receive({ authorization: SHOWN, token, address: '192.0.2.1' });
}

const said = () => context.said.map(({ name }) => name);

describe('SignalReceiver', () => {
  it('revokes for each identity that the transmitter speaks for, up to the second of the event', async () => {
    const receive = receiver({ subjects: { identities: ['staff', 'partners'] } });
    const iat = Math.floor(context.clock.now() / 1_000) - 100;
    const sub_id = { format: 'complex', user: user('ada'), tenant: { format: 'opaque', id: 'acme' } };
    expect(await receive(eventToken({ claims: { iat, sub_id } }))).toBeUndefined();
    const order = { by: 'subject', value: 'ada', within: 'acme', issuedBefore: (iat + 1) * 1_000 };
    expect(orders).toEqual([
      { ...order, identity: 'staff' },
      { ...order, identity: 'partners' },
    ]);
    expect(context.said).toMatchObject([{ name: 'signal.accepted', fields: { affected: 2 } }]);
  });

  it.each([
    ['the event', { toe: 9 }, { event_timestamp: 5.5 }, 5],
    ['what the token says of the event', { toe: 7 }, {}, 7],
  ])('takes the time of %s', async (_whose, claims, payload, second) => {
    const receive = receiver();
    const type = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked';
    await receive(eventToken({ claims: { ...claims, events: { [type]: payload } } }));
    expect(orders[0]).toMatchObject({ issuedBefore: (second + 1) * 1_000 });
  });

  it('does nothing of a token one of whose events is malformed', async () => {
    const receive = receiver();
    const caep = 'https://schemas.openid.net/secevent/caep/event-type/';
    const events = {
      [`${caep}session-revoked`]: {},
      [`${caep}token-claims-change`]: { event_timestamp: 'x' },
    };
    expect(await receive(eventToken({ claims: { events } }))).toMatchObject({ error: 'invalid_request' });
    expect(orders).toEqual([]);
  });

  it('asks for a token again whose revocation could not be kept, and then takes it', async () => {
    const receive = receiver();
    const token = eventToken();
    facts = { ended: 1, kept: false, problem: 'the store is away' };
    expect(await receive(token)).toMatchObject({ code: 'state_unavailable' });
    facts = { ended: 0, kept: true };
    expect(await receive(token)).toBeUndefined();
    expect(await receive(token)).toBeUndefined();
    expect(orders).toHaveLength(2);
    expect(said()).toEqual(['signal.refused', 'signal.accepted', 'signal.ignored']);
  });

  it('remembers nothing of a token whose revocation failed', async () => {
    const receive = receiver();
    const token = eventToken();
    facts = new RangeError('too many revocations');
    await expect(receive(token)).rejects.toThrow(RangeError);
    facts = { ended: 1, kept: true };
    expect(await receive(token)).toBeUndefined();
    expect(said()).toEqual(['signal.accepted']);
  });

  it('revokes at once where the store is away, and asks for the token again', async () => {
    const receive = receiver();
    const broken = () => Promise.reject(new StoreError('away'));
    vi.spyOn(context.services.store, 'get').mockImplementation(broken);
    vi.spyOn(context.services.store, 'add').mockImplementation(broken);
    await expect(receive(eventToken())).rejects.toThrow(StoreError);
    expect(orders).toHaveLength(1);
  });

  it('remembers a token for longer than it would be taken', async () => {
    const receive = receiver({ maxAge: '1m', leeway: '5s' });
    const iat = Math.floor(context.clock.now() / 1_000) + 5;
    const token = eventToken({ claims: { iat } });
    expect(await receive(token)).toBeUndefined();
    context.clock.pass(69_000);
    expect(await receive(token)).toBeUndefined();
    expect(said()).toEqual(['signal.accepted', 'signal.ignored']);
    context.clock.pass(3_000);
    expect(await receive(token)).toMatchObject({ error: 'invalid_request' });
  });
});
