import { isUtf8 } from 'node:buffer';
import type { CompiledPlan } from '../../config/plan.ts';
import type { Config } from '../../config/schema.ts';
import { REFUSALS } from '../../errors.ts';
import { forwardHeaders } from '../../identity/forward.ts';
import { credentialParameters, presentedTicket } from '../../identity/ticket.ts';
import { withoutParameters } from '../../identity/token-source.ts';
import type { Connection } from '../../pipeline/connection.ts';
import { CLOSE } from '../../pipeline/dialect.ts';
import type { Handshake } from '../../pipeline/handshake.ts';
import { isRefused } from '../../pipeline/identity.ts';
import type { Message, Payload } from '../../pipeline/message.ts';
import type { Principal } from '../../pipeline/principal.ts';
import { noticeOf } from '../../pipeline/refusals.ts';
import { commonProtocols, type RoutePlan } from '../../pipeline/route.ts';
import { type Refused, refuse } from '../../pipeline/verdict.ts';
import type { Services } from '../../store/services.ts';
import { writeRequest } from '../../upstream/request.ts';
import { targetOf } from '../../upstream/target.ts';
import { UsageError } from '../verb.ts';
import type { Explanation, GuardAnswer, MessageAnswer, UpgradeAnswer } from './answer.ts';
import { interview, judge } from './judge.ts';
import { handshakeOf, principalOf, type Question } from './question.ts';

export interface Asked extends Question {
  /** JSON of who is connected, in place of asking identities. */
  readonly principal: string | undefined;
  readonly message: Buffer | undefined;
  readonly binary: boolean;
}

/**
 * What the plan would do with an upgrade and a message, step by step, with the gateway's own parts and without opening
 * a connection (but identities may ask their provider for keys).
 */
export async function explanationOf(
  asked: Asked,
  config: Config,
  plan: CompiledPlan,
  services: Services,
): Promise<Explanation> {
  const first = handshakeOf(asked, config);
  if ('pass' in first) return { upgrade: refusedUpgrade('handshake', first) };
  const route = plan.match(first.host, first.path);
  if (!route) {
    const nobody = refuse('route_unknown', `no route matches ${first.host} ${first.path}`);
    return { upgrade: refusedUpgrade('route', nobody) };
  }
  // Who says nothing of subprotocols asks as a client that was written for the route.
  const again =
    asked.protocols.length > 0 ? first : handshakeOf({ ...asked, protocols: route.protocols }, config);
  const handshake = 'pass' in again ? first : again;
  const { principal, upgrade } = await upgradeOf(asked, route, handshake, services);
  if (!principal || upgrade.refusal || asked.message === undefined) return { upgrade };
  const connection = connectionOf(route, handshake, principal, upgrade.protocols?.[0] ?? '', services);
  return { upgrade, message: await messageOf(asked.message, asked.binary, route, connection) };
}

function refusedUpgrade(by: string, refused: Refused, so: Partial<UpgradeAnswer> = {}): UpgradeAnswer {
  const { code, reason } = refused;
  return { identities: [], guards: [], ...so, refusal: { by, code, reason, status: REFUSALS[code].status } };
}

async function upgradeOf(asked: Asked, route: RoutePlan, handshake: Handshake, services: Services) {
  const protocols = commonProtocols(route, handshake.protocols);
  if (protocols.length === 0 && route.protocols.length > 0) {
    const unknown = refuse('protocol_unknown', `the route speaks ${route.protocols.join(', ')}`);
    return { upgrade: refusedUpgrade('protocol', unknown, { route: route.name }) };
  }
  const { answers, found } = await identityOf(asked, route, handshake);
  const so = { route: route.name, protocols, identities: answers };
  if (isRefused(found)) return { upgrade: refusedUpgrade('identity', found, so) };
  const { identity, subject, tenant } = found;
  const known = { ...so, principal: { identity, subject, ...(tenant !== undefined && { tenant }) } };
  const candidate = { id: 'explain', route: route.name, handshake, principal: found };
  services.presence.enter({ id: 'explain', route: route.name, address: handshake.address, subject, tenant });
  const { answers: guards, refused } = await judge(route.door, ({ guard }) => guard.onUpgrade?.(candidate));
  const judged = { ...known, guards };
  if (refused) return { upgrade: refusedUpgrade(refused.by, refused.refused, judged) };
  return { principal: found, upgrade: withUpstream(judged, route, handshake, found) };
}

/** A ticket comes before all identities, as in the gateway; but it is good once, and is not spent here. */
async function identityOf(asked: Asked, route: RoutePlan, handshake: Handshake) {
  const ticket = route.tickets && presentedTicket(handshake);
  if (typeof ticket === 'object') {
    const { code, reason } = ticket;
    return { answers: [{ name: 'ticket', answer: 'no' as const, code, reason }], found: ticket };
  }
  const { principal } = asked;
  const named = principal === undefined ? undefined : principalOf(principal, route.identities[0]!.name);
  if (ticket !== undefined && !named)
    throw new UsageError(
      'a ticket is good once, and explain does not spend it: say with --principal whom it is for',
    );
  const before = route.tickets
    ? [{ name: 'ticket', answer: ticket ? ('yes' as const) : ('not mine' as const) }]
    : [];
  if (named) return { answers: before, found: named };
  const { answers, found } = await interview(route.identities, handshake);
  return { answers: [...before, ...answers], found };
}

function withUpstream(
  upgrade: UpgradeAnswer,
  route: RoutePlan,
  handshake: Handshake,
  principal: Principal,
): UpgradeAnswer {
  const { upstream } = route;
  const forward = forwardHeaders(upstream.forward, principal);
  if ('pass' in forward) return refusedUpgrade('upstream', forward, upgrade);
  const query = withoutParameters(handshake.query, credentialParameters(route));
  const target = targetOf(upstream.url, route.path, handshake, query);
  const { protocols = [] } = upgrade;
  const lines = writeRequest({ ...upstream, target, handshake, protocols, forward }, '(random)')
    .trim()
    .split('\r\n');
  const headers = lines.slice(1).map((line) => Buffer.from(line, 'latin1').toString());
  return { ...upgrade, upstream: { url: upstream.url.href, target, headers } };
}

function connectionOf(
  route: RoutePlan,
  handshake: Handshake,
  principal: Principal,
  protocol: string,
  services: Services,
): Connection {
  const { address, origin, host, path } = handshake;
  const slots = new Map<string, unknown>();
  return {
    ...{ id: 'explain', route: route.name, principal, address, origin, host, path, protocol },
    since: services.clock.now(),
    slot<T>(key: string, make: () => T): T {
      if (!slots.has(key)) slots.set(key, make());
      return slots.get(key) as T;
    },
  };
}

async function messageOf(
  bytes: Buffer,
  binary: boolean,
  route: RoutePlan,
  connection: Connection,
): Promise<MessageAnswer> {
  const text = bytes.toString();
  const payload: Payload = { direction: 'client', binary, bytes, text: () => text };
  const framed = frameFault(payload, route);
  if (framed) return refusedMessage('frames', framed, [], [said('frames', framed)], route, connection);
  const armed = route.inspect.client;
  const before = await judge(
    armed.filter(({ guard }) => guard.onPayload),
    ({ guard }) => guard.onPayload?.(payload, connection),
  );
  if (before.refused)
    return refusedMessage(before.refused.by, before.refused.refused, [], before.answers, route, connection);
  const read = route.dialect.read(payload, connection);
  if ('pass' in read)
    return refusedMessage('dialect', read, [], [...before.answers, said('dialect', read)], route, connection);
  const messages = (Array.isArray(read) ? read : [read]) as readonly Message[];
  const answers = [...before.answers];
  let first: { by: string; refused: Refused } | undefined;
  for (const message of messages) {
    const each = await judge(
      armed.filter(({ guard }) => guard.onMessage),
      ({ guard }) => guard.onMessage?.(message, connection),
    );
    answers.push(...each.answers);
    first ??= each.refused;
  }
  if (first) return refusedMessage(first.by, first.refused, messages, answers, route, connection);
  return { types: typesOf(messages), guards: answers, forwarded: binary ? bytes.toString('base64') : text };
}

/** What the frame scanner refuses before there is a message. */
function frameFault({ bytes, binary }: Payload, { frames }: RoutePlan): Refused | undefined {
  if (bytes.length > frames.maxBytes)
    return refuse(
      'message_too_big',
      `${bytes.length} bytes, and at most ${frames.maxBytes} are allowed`,
      'close',
    );
  return binary || isUtf8(bytes) ? undefined : refuse('text_invalid', 'not UTF-8', 'close');
}

function said(guard: string, { code, reason }: Refused): GuardAnswer {
  return { guard, verdict: 'refuse', code, reason };
}

function refusedMessage(
  by: string,
  refused: Refused,
  messages: readonly Message[],
  guards: readonly GuardAnswer[],
  route: RoutePlan,
  connection: Connection,
): MessageAnswer {
  const { code, reason } = refused;
  const action = refused.action ?? route.onInvalid;
  const answer =
    action === 'answer' ? route.dialect.refuse(messages, noticeOf(refused, 'client'), connection) : undefined;
  const closes = action === 'close' || answer === CLOSE;
  const closeCode = route.dialect.closeCode?.(code) ?? REFUSALS[code].close;
  return {
    types: typesOf(messages),
    guards,
    refusal: {
      ...{ by, code, reason, action: closes ? 'close' : action },
      ...(closes && { closeCode }),
      ...(typeof answer === 'string' && { answer }),
    },
  };
}

function typesOf(messages: readonly Message[]): string[] {
  return messages.flatMap(({ type }) => type ?? []);
}
