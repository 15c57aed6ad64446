import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { Operator } from './operator.ts';
import { PROBLEM, type Problem } from './views.ts';

/** Who may ask: anyone who reaches the listener, a holder of any token, or of the operators' one. */
export type Access = 'anyone' | 'metrics' | 'operator';

/** What a handler is given. */
export interface Call<P = unknown, Q = unknown, B = unknown> {
  readonly operator: Operator;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** The name of the token that was shown; undefined for none. */
  readonly who: string | undefined;
}

/** What the record should say besides the request: how many were touched, and who was meant where no URL says it. */
export interface Deed {
  readonly affected?: number;
  readonly target?: string;
}

/** What a handler answers. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly deed?: Deed;
}

/** A body in an answer: JSON by its schema, or text of a media type. */
export type Body = z.ZodType | { readonly mediaType: string };

/** One row of the API: the router, the OpenAPI document and the reference derive from it. */
export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post' | 'delete';
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly access: Access;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  /** What it takes as JSON; undefined for nothing. */
  readonly body: z.ZodObject | undefined;
  /** What it answers when all goes well, by status. Errors are problems (RFC 9457) and not listed. */
  readonly answers: Readonly<Record<number, { readonly meaning: string; readonly body: Body }>>;
  run(call: Call): Promise<Answer>;
}

const NOTHING = z.strictObject({});

interface Draft<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject>
  extends Omit<Operation, 'params' | 'query' | 'body' | 'run'> {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  run(call: Call<z.output<P>, z.output<Q>, z.output<B>>): Answer | Promise<Answer>;
}

/** Gives a row its types: what was declared is what the handler gets. */
export function operation<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodObject>(
  draft: Draft<P, Q, B>,
): Operation {
  const { params, query, body, run, ...row } = draft;
  return {
    ...row,
    params: params ?? NOTHING,
    query: query ?? NOTHING,
    body,
    // The router parses all three with these very schemas before it calls.
    run: async (call) => run(call as Call<z.output<P>, z.output<Q>, z.output<B>>),
  };
}

/** An answer in JSON; the schema only gives the value its type. */
export function json<T extends z.ZodType>(
  status: number,
  _schema: T,
  value: z.output<T>,
  deed: Deed = {},
): Answer {
  return { status, type: 'application/json', text: JSON.stringify(value), deed };
}

/** An error in the one form that this API has. */
export function problem(status: number, detail?: string, errors?: Problem['errors']): Answer {
  const value: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    ...(detail !== undefined && { detail }),
    ...(errors !== undefined && { errors }),
  };
  return { ...json(status, PROBLEM, value), type: 'application/problem+json' };
}
