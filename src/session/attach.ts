import { who } from '../pipeline/refusals.ts';
import { inspectorsOf } from './inspectors.ts';
import { Leg, PAUSE } from './leg.ts';
import type { Attachment } from './parts.ts';
import { Relay } from './relay.ts';
import { endOf, type Session } from './session.ts';

/**
 * Goes on with another connection of a session's client, which has seen so many messages. What came half over the last
 * one is forgotten: it is sent again.
 */
export function attach(session: Session, parts: Attachment): void {
  const { client: before, fromClient, upstream, resumption } = session;
  const { clock, recorder } = session.home.services;
  before.peer = before;
  before.destroy();
  fromClient.shut();
  const client = new Leg('client', parts.client, session);
  session.client = client;
  client.peer = upstream;
  upstream.peer = client;
  upstream.resume(PAUSE.sink);
  if (upstream.full) client.pause(PAUSE.sink);
  const inspector = inspectorsOf(session.plan, recorder).client;
  const relay = new Relay(session, inspector, client, upstream, parts.deflate, resumption);
  relay.messages = fromClient.messages;
  relay.payload = fromClient.payload;
  session.fromClient = relay;
  client.receiver = relay;
  session.fromServer.redirect(client);
  move(session, parts);
  session.spokeAt = clock.monotonic();
  const facts = resumption?.resume(client, parts.shown, parts.seen, session.greeting(), session.spokeAt);
  recorder.event('session.resumed', { ...who(session), ...facts });
  if (session.ending) relay.stop();
  if (parts.clientHead.length > 0) relay.receive(parts.clientHead);
  client.listen();
  client.look();
}

/** Where its client is now: by that it is found and counted. */
function move(session: Session, { handshake }: Attachment): void {
  const { registry, services } = session.home;
  const { route, id, address: before, principal } = session;
  const { address, listener, tls } = handshake;
  const { subject, tenant } = principal;
  registry.rekey(session, () => {
    session.address = address;
    session.certificate = tls.certificate;
  });
  session.listener = listener;
  session.certificateEnds = endOf(tls.certificate?.notAfter, services);
  services.presence.enter({ id, route, address, subject, tenant });
  services.presence.leave({ id, route, address: before, subject, tenant });
}
