import { z } from 'zod';
import type { Connection } from '../pipeline/connection.ts';
import type { Dialect, DialectKind, Notice, Unreadable } from '../pipeline/dialect.ts';
import type { Direction, Message, Payload } from '../pipeline/message.ts';
import { refuse } from '../pipeline/verdict.ts';
import { isObject, malformed } from './envelope.ts';
import { isUnreadable, parseText } from './json-text.ts';
import { errorCode, errorCodeWithoutId, versionOf } from './ocpp-errors.ts';
import { Calls } from './pending.ts';

/** Message type numbers (OCPP-J 1.6 §4.1.3). */
const CALL = 2;
const CALLRESULT = 3;
const CALLERROR = 4;

/** Characters (OCPP-J 1.6 §4.1.4). */
const MAX_MESSAGE_ID = 36;
/** The characters of every action that OCPP names, so that `.result` can mark what is not one. */
const ACTION = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const ERROR_CODE = /^[A-Za-z]{1,64}$/;
/** Characters (OCPP-J 1.6 §4.2.3). */
const MAX_DESCRIPTION = 255;
/** Stands for a message id that could not be read (OCPP-J 2.0.1 §4.2.3). */
const UNKNOWN_ID = '-1';

/** What `message` is to authorization. */
interface OcppBody {
  readonly messageType: number;
  readonly id: string;
  readonly action: string;
  /** Of a CALL or CALLRESULT; of a CALLERROR its details. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * OCPP-J, 1.6 and 2.0.1: both sides call and answer. A CALL's type is its action (`Heartbeat`), that of its CALLRESULT
 * `Heartbeat.result`, of its CALLERROR `Heartbeat.error`. An answer to no call is refused.
 */
export const ocpp: DialectKind = {
  name: 'ocpp',
  json: true,
  options: z.strictObject({}),
  traits: () => ({ schemaType }),
  create: () => ocppDialect,
};

/** Schema files are named as OCPP names its own: `Heartbeat` or `HeartbeatRequest`, and `HeartbeatResponse`. */
function schemaType(name: string): string {
  if (name.endsWith('Response')) return `${name.slice(0, -'Response'.length)}.result`;
  return name.endsWith('Request') ? name.slice(0, -'Request'.length) : name;
}

const ocppDialect: Dialect = {
  readsServer: true,
  read(payload, connection) {
    const value = parseText(payload);
    if (isUnreadable(value)) return value;
    if (!Array.isArray(value)) return NOT_A_LIST;
    if (!isMessageId(value[1])) return BAD_ID;
    switch (value[0]) {
      case CALL:
        return readCall(value, value[1], payload, connection);
      case CALLRESULT:
      case CALLERROR:
        return readAnswer(value, value[1], payload, connection);
      default:
        return BAD_MESSAGE_TYPE;
    }
  },
  refuse(messages, notice, connection) {
    const [message] = messages;
    const version = versionOf(connection.protocol);
    if (!message)
      return version === 2 ? callError(UNKNOWN_ID, errorCodeWithoutId(notice), notice) : undefined;
    if ((message.body as OcppBody).messageType !== CALL) return undefined;
    // it was not forwarded, so nothing will answer it, and its id is free again
    callsOf(connection)[message.direction].forget(message.id as string);
    return callError(message.id as string, errorCode(notice, version), notice);
  },
};

const NOT_A_LIST = malformed('an OCPP message is a list');
const BAD_ID = malformed(`the message id is not a string of 1 to ${MAX_MESSAGE_ID} characters`);
const BAD_MESSAGE_TYPE = malformed('the message type number is not 2, 3 or 4');
const BAD_CALL = malformed('a CALL is [2, id, action, payload]');
const BAD_RESULT = malformed('a CALLRESULT is [3, id, payload]');
const BAD_ERROR = malformed('a CALLERROR is [4, id, code, description, details]');
const ID_IN_USE = malformed('the message id is that of another call');
const NO_CALL = Object.freeze(refuse('message_malformed', 'an answer to no call', 'drop'));

const OPPOSITE: Readonly<Record<Direction, Direction>> = { client: 'server', server: 'client' };

function readCall(
  value: readonly unknown[],
  id: string,
  { direction }: Payload,
  connection: Connection,
): Message | Unreadable {
  const [, , action, payload] = value;
  if (value.length !== 4 || typeof action !== 'string' || !ACTION.test(action) || !isObject(payload)) {
    return { ...BAD_CALL, messages: [messageOf(direction, CALL, id, '', '', {})] };
  }
  const message = messageOf(direction, CALL, id, action, '', payload);
  if (callsOf(connection)[direction].add(id, action)) return message;
  return ID_IN_USE;
}

function readAnswer(
  value: readonly unknown[],
  id: string,
  { direction }: Payload,
  connection: Connection,
): Message | Unreadable {
  const calls = callsOf(connection)[OPPOSITE[direction]];
  const action = calls.typeOf(id);
  if (action === undefined) return NO_CALL;
  calls.forget(id);
  if (value[0] === CALLERROR) {
    const [, , code, description, details] = value;
    const wellFormed =
      value.length === 5 && isErrorCode(code) && isDescription(description) && isObject(details);
    return wellFormed ? messageOf(direction, CALLERROR, id, action, '.error', details) : BAD_ERROR;
  }
  const payload = value[2];
  if (value.length !== 3 || !isObject(payload)) return BAD_RESULT;
  return messageOf(direction, CALLRESULT, id, action, '.result', payload);
}

function messageOf(
  direction: Direction,
  messageType: number,
  id: string,
  action: string,
  suffix: string,
  payload: OcppBody['payload'],
): Message {
  const body: OcppBody = { messageType, id, action, payload };
  const message = { direction, type: action + suffix, id, body, content: payload };
  return messageType === CALLERROR ? { ...message, framing: true } : message;
}

function callsOf(connection: Connection): Calls {
  return connection.slot('ocpp', newCalls);
}

function newCalls(): Calls {
  return new Calls();
}

function callError(id: string, error: string, { code, reason, retryAfter }: Notice): string {
  const details = { code, ...(retryAfter !== undefined && { retryAfter }) };
  return JSON.stringify([CALLERROR, id, error, reason.slice(0, MAX_DESCRIPTION), details]);
}

function isMessageId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_MESSAGE_ID;
}

function isErrorCode(value: unknown): boolean {
  return typeof value === 'string' && ERROR_CODE.test(value);
}

function isDescription(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_DESCRIPTION;
}
