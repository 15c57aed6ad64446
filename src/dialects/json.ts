import { z } from 'zod';
import { OptionsError } from '../pipeline/context.ts';
import type { Dialect, DialectKind, Notice, Renewal } from '../pipeline/dialect.ts';
import type { Message } from '../pipeline/message.ts';
import type { Refused } from '../pipeline/verdict.ts';
import { isId, isType, MAX_ID, MAX_TYPE, malformed } from './envelope.ts';
import { isUnreadable, parseText } from './json-text.ts';
import { compilePointer, pointer } from './pointer.ts';
import { forward, tokenIn } from './renewal.ts';
import { Template } from './template.ts';

const jsonOptions = z.strictObject({
  type: pointer.optional().describe('Where a message says its type. Every message must then have one.'),
  id: pointer
    .optional()
    .describe('Where a message carries the id that an answer refers to. A message may do without.'),
  refusal: z
    .string()
    .max(4096)
    .optional()
    .describe(
      'What the sender of a refused message is told: JSON with {type}, {id}, {code}, {reason} and {retryAfter} (ms).',
    ),
  greeting: z
    .string()
    .max(4096)
    .optional()
    .describe('What the gateway says at connect (a deprecation): JSON with {note}.'),
  refresh: z
    .strictObject({
      type: z.string().min(1).max(MAX_TYPE).describe('The type of the message.'),
      token: pointer.default('/token').describe('Where the message has the token.'),
      answer: z
        .string()
        .max(4096)
        .optional()
        .describe(
          'What the client is told when the token is taken: JSON with {type}, {id} and {expiresIn} (ms). Left out, nothing.',
        ),
      forward,
    })
    .optional()
    .describe('The message in which a client brings a new token for its session. Left out, there is none.'),
});

type JsonOptions = z.infer<typeof jsonOptions>;

/** Any JSON protocol whose messages say their type and id at fixed places. */
export const json: DialectKind<JsonOptions> = {
  name: 'json',
  json: true,
  options: jsonOptions,
  traits: ({ type }) => (type === undefined ? {} : { typeAt: type }),
  create(options) {
    const read = reader(options);
    const refusal = template(['refusal'], options.refusal, ['type', 'id', 'code', 'reason', 'retryAfter']);
    const greeting = template(['greeting'], options.greeting, ['note']);
    return {
      read,
      refuse: (messages, notice) =>
        answers(notice) ? refusal?.render(filled(messages[0], notice)) : undefined,
      greet: (note) => greeting?.render({ note }),
      renewal: renewalOf(options),
    };
  },
};

function reader(options: JsonOptions): Dialect['read'] {
  const typeOf = options.type === undefined ? undefined : compilePointer(options.type);
  const idOf = options.id === undefined ? undefined : compilePointer(options.id);
  const wrongType = malformed(`${options.type} must be a string of 1 to ${MAX_TYPE} characters`);
  const wrongId = malformed(`${options.id} must be an integer or a string of at most ${MAX_ID} characters`);
  return (payload): Message | Refused => {
    const body = parseText(payload);
    if (isUnreadable(body)) return body;
    const type = typeOf?.(body);
    if (typeOf && !isType(type)) return wrongType;
    const id = idOf?.(body);
    if (id !== undefined && !isId(id)) return wrongId;
    return { direction: payload.direction, type: type as string | undefined, id, body, content: body };
  };
}

function renewalOf({ type, refresh }: JsonOptions): Renewal | undefined {
  if (refresh === undefined) return undefined;
  if (type === undefined) {
    const message = 'needs `type`: it says where a message has its type';
    throw new OptionsError([{ path: ['refresh'], message }]);
  }
  const tokenAt = compilePointer(refresh.token);
  const answer = template(['refresh', 'answer'], refresh.answer, ['type', 'id', 'expiresIn']);
  const missing = malformed(`${refresh.token} must be a token`);
  return {
    forward: refresh.forward,
    tokenOf(read) {
      const message = read as Message;
      return message.type === refresh.type ? (tokenIn(tokenAt(message.body)) ?? missing) : undefined;
    },
    answer(read, expiresIn) {
      const { type, id } = read as Message;
      return answer?.render({ type, id, expiresIn });
    },
  };
}

/** The template is the client's language; what a server sent wrong is dropped or closed. */
function answers(notice: Notice): boolean {
  return notice.direction === 'client';
}

function filled(message: Message | undefined, notice: Notice) {
  const { code, reason, retryAfter } = notice;
  return { type: message?.type, id: message?.id, code, reason, retryAfter };
}

function template<Name extends string>(
  path: readonly string[],
  text: string | undefined,
  names: readonly Name[],
): Template<Name> | undefined {
  if (text === undefined) return undefined;
  try {
    return new Template(text, names);
  } catch (error) {
    throw new OptionsError([{ path, message: (error as Error).message }]);
  }
}
