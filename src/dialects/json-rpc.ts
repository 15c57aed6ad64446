import { z } from 'zod';
import type { RefusalCode } from '../errors.ts';
import type { Connection } from '../pipeline/connection.ts';
import type { Dialect, DialectKind, Notice, Renewal, Unreadable } from '../pipeline/dialect.ts';
import type { Direction, Message } from '../pipeline/message.ts';
import { type Refused, refuse } from '../pipeline/verdict.ts';
import { isId, isObject, isType, MAX_ID, MAX_TYPE, malformed } from './envelope.ts';
import { isUnreadable, parseText } from './json-text.ts';
import { Calls } from './pending.ts';
import { compilePointer, pointer } from './pointer.ts';
import { forward, tokenIn } from './renewal.ts';

const jsonRpcOptions = z.strictObject({
  maxBatch: z.int().min(1).max(1_000).default(16).describe('Requests in one batch, at most.'),
  calls: z
    .enum(['client', 'both'])
    .default('client')
    .describe(
      'Who calls. With `both`, answers are matched to the calls that they answer, in both directions.',
    ),
  greeting: z
    .string()
    .min(1)
    .max(MAX_TYPE)
    .optional()
    .describe(
      'The method of the notification by which the gateway tells a deprecation at connect: `{ note }`.',
    ),
  refresh: z
    .strictObject({
      method: z.string().min(1).max(MAX_TYPE).describe('The method.'),
      token: pointer.default('/token').describe('Where the params have the token.'),
      forward,
    })
    .optional()
    .describe(
      'The call by which a client brings a new token for its session; the result is `{ expiresIn }` (ms). Left out, there is none.',
    ),
});

type JsonRpcOptions = z.infer<typeof jsonRpcOptions>;

/** What this dialect must know of its own messages to answer them. */
interface RpcMessage extends Message {
  readonly wantsAnswer: boolean;
  readonly inBatch: boolean;
}

/**
 * JSON-RPC 2.0. A request's or notification's type is its method; with `calls: both`, that of the answer to `sum` is
 * `sum.result` or `sum.error`. What a schema describes are the params, `{}` where there are none.
 */
export const jsonRpc: DialectKind<JsonRpcOptions> = {
  name: 'json-rpc',
  json: true,
  options: jsonRpcOptions,
  create: (options) => ({
    readsServer: options.calls === 'both',
    read: reader(options),
    refuse: phrase,
    renewal: renewalOf(options),
    greet: (note) =>
      options.greeting === undefined
        ? undefined
        : JSON.stringify({ jsonrpc: '2.0', method: options.greeting, params: { note } }),
  }),
};

function renewalOf({ refresh }: JsonRpcOptions): Renewal | undefined {
  if (refresh === undefined) return undefined;
  const { method } = refresh;
  const tokenAt = compilePointer(refresh.token);
  const missing = malformed(`params${refresh.token} must be a token`);
  return {
    forward: refresh.forward,
    tokenOf(read) {
      if (Array.isArray(read)) return read.some(({ type }) => type === method) ? IN_BATCH : undefined;
      const { type, content } = read as RpcMessage;
      return type === method ? (tokenIn(tokenAt(content)) ?? missing) : undefined;
    },
    answer(read, expiresIn, connection) {
      const { id, direction, wantsAnswer } = read as RpcMessage;
      if (!wantsAnswer) return undefined;
      release(connection, direction, id);
      return JSON.stringify({ jsonrpc: '2.0', id, result: { expiresIn } });
    },
  };
}

const IN_BATCH = malformed('a new token does not come in a batch');
const NOT_A_CALL = malformed('neither a JSON-RPC 2.0 request nor a response');
const EMPTY_BATCH = malformed('an empty batch');
const BAD_METHOD = malformed(`method must be a string of 1 to ${MAX_TYPE} characters`);
const BAD_PARAMS = malformed('params must be an object or a list');
const BAD_REQUEST_ID = malformed(`id must be an integer or a string of at most ${MAX_ID} characters`);
const ID_IN_USE = malformed('id is that of another call');
const RESERVED_METHOD = malformed('a method ends in .result or .error, as answers do');
const BAD_RESPONSE = malformed('a response has an id, and either a result or an error');
const NO_CALL = Object.freeze(refuse('message_malformed', 'an answer to no call', 'drop'));

const OPPOSITE: Readonly<Record<Direction, Direction>> = { client: 'server', server: 'client' };
const NO_PARAMS = Object.freeze({});

function reader({ maxBatch, calls }: JsonRpcOptions): Dialect['read'] {
  const matches = calls === 'both';
  const tooLong = refuse('json_structure', `a batch of more than ${maxBatch}`);
  return (payload, connection) => {
    const value = parseText(payload);
    if (isUnreadable(value)) return value;
    const pending = matches ? callsOf(connection) : undefined;
    if (!Array.isArray(value)) return readOne(value, payload.direction, pending, false);
    if (value.length === 0) return EMPTY_BATCH;
    if (value.length > maxBatch) return tooLong;
    return readBatch(value, payload.direction, pending);
  };
}

/** One entry that cannot be read refuses the whole batch, and all that could be read are answered. */
function readBatch(
  entries: readonly unknown[],
  direction: Direction,
  pending: Calls | undefined,
): readonly Message[] | Unreadable {
  const messages: Message[] = [];
  let refused: Refused | undefined;
  for (const entry of entries) {
    const read = readOne(entry, direction, pending, true);
    if ('pass' in read) refused ??= read;
    messages.push(...('pass' in read ? (read.messages ?? []) : [read]));
  }
  return refused ? { ...refused, messages } : messages;
}

function readOne(
  value: unknown,
  direction: Direction,
  pending: Calls | undefined,
  inBatch: boolean,
): RpcMessage | Unreadable {
  if (!isObject(value) || value.jsonrpc !== '2.0') return NOT_A_CALL;
  if ('method' in value) return readCall(value, direction, pending, inBatch);
  if ('result' in value || 'error' in value) return readAnswer(value, direction, pending, inBatch);
  return NOT_A_CALL;
}

function readCall(
  body: Readonly<Record<string, unknown>>,
  direction: Direction,
  pending: Calls | undefined,
  inBatch: boolean,
): RpcMessage | Unreadable {
  const { method, id, params } = body;
  if (id !== undefined && !isId(id)) return BAD_REQUEST_ID;
  const fault = faultIn(body, pending !== undefined);
  const type = isType(method) ? method : undefined;
  if (fault) {
    const named = { direction, type, id, body, content: params, wantsAnswer: id !== undefined, inBatch };
    return { ...fault, messages: [named] };
  }
  if (pending && id !== undefined && !pending[direction].add(id, method as string)) return ID_IN_USE;
  return {
    direction,
    type,
    id,
    body,
    content: params ?? NO_PARAMS,
    wantsAnswer: id !== undefined,
    inBatch,
  };
}

/** What is wrong with a call whose id can be told. */
function faultIn(body: Readonly<Record<string, unknown>>, matches: boolean): Refused | undefined {
  const { method, params } = body;
  if ('result' in body || 'error' in body) return NOT_A_CALL;
  if (!isType(method)) return BAD_METHOD;
  if (params !== undefined && (typeof params !== 'object' || params === null)) return BAD_PARAMS;
  return matches && (method.endsWith('.result') || method.endsWith('.error')) ? RESERVED_METHOD : undefined;
}

function readAnswer(
  body: Readonly<Record<string, unknown>>,
  direction: Direction,
  pending: Calls | undefined,
  inBatch: boolean,
): RpcMessage | Unreadable {
  const { id, error } = body;
  const failed = 'error' in body;
  if (!isId(id) || failed === 'result' in body || (failed && !isError(error))) return BAD_RESPONSE;
  const answer = { direction, id, body, wantsAnswer: false, inBatch };
  // unmatched, a server's answer has no type; schemas for servers need `calls: both`
  if (!pending && direction === 'server') return { ...answer, type: undefined, content: body.result };
  const calls = pending?.[OPPOSITE[direction]];
  const method = calls?.typeOf(id);
  if (method === undefined) return NO_CALL;
  calls!.forget(id);
  if (failed) return { ...answer, type: `${method}.error`, content: error, framing: true };
  return { ...answer, type: `${method}.result`, content: body.result };
}

function isError(value: unknown): boolean {
  return isObject(value) && Number.isSafeInteger(value.code) && typeof value.message === 'string';
}

function callsOf(connection: Connection): Calls {
  return connection.slot('json-rpc', newCalls);
}

function newCalls(): Calls {
  return new Calls();
}

/** JSON-RPC 2.0 §5.1; below -32000 stand the errors that servers define. */
const ERROR_CODES: Partial<Readonly<Record<RefusalCode, number>>> = {
  message_kind: -32600,
  message_malformed: -32600,
  json_structure: -32600,
  json_unsafe: -32600,
  type_unknown: -32601,
  schema_invalid: -32602,
  internal: -32603,
  not_authorized: -32003,
  rate_exceeded: -32029,
};
const OTHER_ERROR = -32000;

/** A batch is answered by a list (§6), a request by one error, a notification or response by nothing. */
function phrase(read: readonly Message[], notice: Notice, connection: Connection): string | undefined {
  if (read.length === 0) return JSON.stringify(errorFor(null, notice));
  // this dialect made them
  const messages = read as readonly RpcMessage[];
  const asked = messages.filter((message) => message.wantsAnswer);
  for (const { direction, id } of asked) release(connection, direction, id);
  const errors = asked.map(({ id }) => errorFor(id, notice));
  if (errors.length === 0) return undefined;
  return JSON.stringify(messages[0]!.inBatch ? errors : errors[0]);
}

/** What was not forwarded will not be answered, and its id is free again. */
function release(connection: Connection, direction: Direction, id: Message['id']): void {
  if (id !== undefined) callsOf(connection)[direction].forget(id);
}

function errorFor(id: Message['id'] | null, { code, reason, retryAfter }: Notice) {
  const data = { code, ...(retryAfter !== undefined && { retryAfter }) };
  return { jsonrpc: '2.0', id, error: { code: ERROR_CODES[code] ?? OTHER_ERROR, message: reason, data } };
}
