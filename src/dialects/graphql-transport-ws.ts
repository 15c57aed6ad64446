import { z } from 'zod';
import type { RefusalCode } from '../errors.ts';
import { CLOSE, type Dialect, type DialectKind, type Notice, type Unreadable } from '../pipeline/dialect.ts';
import type { Direction, Message } from '../pipeline/message.ts';
import { refuse } from '../pipeline/verdict.ts';
import { isId, isObject } from './envelope.ts';
import { QueryFault, type QueryLimits, readQuery } from './graphql-query.ts';
import { isUnreadable, parseText } from './json-text.ts';

const graphqlOptions = z.strictObject({
  maxDepth: z.int().min(1).max(100).default(10).describe('Fields inside fields, at most.'),
  maxAliases: z.int().min(0).max(10_000).default(20).describe('Fields under another name, at most.'),
  maxFields: z.int().min(1).max(100_000).default(500).describe('Fields after fragments are spread.'),
  maxTokens: z
    .int()
    .min(1)
    .max(100_000)
    .default(2_000)
    .describe("Of the query's text: names, punctuation, values."),
  introspection: z.boolean().default(false).describe('Whether a query may ask for `__schema` and `__type`.'),
});

/** What each side may send: the message's type, and whether it carries the id of an operation. */
const TYPES: Readonly<Record<Direction, ReadonlyMap<string, { readonly id: boolean }>>> = {
  client: new Map([
    ['connection_init', { id: false }],
    ['ping', { id: false }],
    ['pong', { id: false }],
    ['subscribe', { id: true }],
    ['complete', { id: true }],
  ]),
  server: new Map([
    ['connection_ack', { id: false }],
    ['ping', { id: false }],
    ['pong', { id: false }],
    ['next', { id: true }],
    ['error', { id: true }],
    ['complete', { id: true }],
  ]),
};

/**
 * graphql-transport-ws, the protocol of the library graphql-ws. The type is the protocol's own (`subscribe`), the content
 * its payload; authorization sees `message.operation` with the kind, name and root fields of what is subscribed to.
 */
export const graphqlTransportWs: DialectKind<QueryLimits> = {
  name: 'graphql-transport-ws',
  json: true,
  options: graphqlOptions,
  create: (limits) => ({
    read: reader(limits),
    refuse: phrase,
    closeCode: (code) => CLOSE_CODES[code],
    // either side may ping at any time, and a ping may carry what it likes
    greet: (note) => JSON.stringify({ type: 'ping', payload: { note } }),
  }),
};

/** The protocol ends the connection on what is no message of it. */
const NO_MESSAGE = Object.freeze(
  refuse('message_malformed', 'not a message of graphql-transport-ws', 'close'),
);
const BAD_ID = Object.freeze(refuse('message_malformed', 'id must be a string', 'close'));
const BAD_SUBSCRIBE = Object.freeze(
  refuse(
    'message_malformed',
    'payload has a query, and perhaps operationName, variables and extensions',
    'close',
  ),
);

function reader(limits: QueryLimits): Dialect['read'] {
  return (payload): Message | Unreadable => {
    const body = parseText(payload);
    if (isUnreadable(body)) return { ...body, action: 'close' };
    if (!isObject(body) || typeof body.type !== 'string') return NO_MESSAGE;
    const { direction } = payload;
    const row = TYPES[direction].get(body.type);
    if (!row) return NO_MESSAGE;
    if (row.id && (typeof body.id !== 'string' || body.id === '' || !isId(body.id))) return BAD_ID;
    if (body.type === 'subscribe') return readSubscribe(body as Subscribe, limits);
    const message = {
      direction,
      type: body.type,
      id: body.id as string | undefined,
      body,
      content: body.payload,
    };
    return body.type === 'next' ? message : { ...message, framing: true };
  };
}

interface Subscribe extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly payload: unknown;
}

function readSubscribe(body: Subscribe, limits: QueryLimits): Message | Unreadable {
  const { id, payload } = body;
  if (!isObject(payload)) return BAD_SUBSCRIBE;
  const { query, operationName, variables, extensions } = payload;
  if (typeof query !== 'string' || !isOptionalObject(variables) || !isOptionalObject(extensions))
    return BAD_SUBSCRIBE;
  if (typeof operationName !== 'string' && operationName !== undefined && operationName !== null)
    return BAD_SUBSCRIBE;
  const message = { direction: 'client', type: 'subscribe', id, content: payload } as const;
  try {
    const operation = readQuery(query, operationName ?? undefined, limits);
    return { ...message, body: { ...body, operation } };
  } catch (error) {
    if (!(error instanceof QueryFault)) throw error;
    const code = error.malformed ? 'message_malformed' : 'json_structure';
    return { ...refuse(code, `query: ${error.message}`), messages: [{ ...message, body }] };
  }
}

/** The protocol allows null where it allows nothing. */
function isOptionalObject(value: unknown): boolean {
  return value === undefined || value === null || isObject(value);
}

/** An operation ends with an `error`; of the rest, only a refused `connection_init` leaves its sender waiting. */
function phrase(messages: readonly Message[], notice: Notice): string | typeof CLOSE | undefined {
  const [message] = messages;
  if (!message || message.type === 'connection_init') return CLOSE;
  if (message.type !== 'subscribe') return undefined;
  const { code, reason, retryAfter } = notice;
  const extensions = { code, ...(retryAfter !== undefined && { retryAfter }) };
  return JSON.stringify({ id: message.id, type: 'error', payload: [{ message: reason, extensions }] });
}

/** Codes that the protocol has for what the gateway refuses. */
const CLOSE_CODES: Partial<Readonly<Record<RefusalCode, number>>> = {
  message_kind: 4400,
  message_malformed: 4400,
  json_structure: 4400,
  json_unsafe: 4400,
  not_authorized: 4403,
};
