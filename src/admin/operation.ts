import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { Operator } from './operator.ts';
import { PROBLEM, type Problem } from './views.ts';

/** Who may ask: anyone who reaches the listener, a holder of any token, or of the operators' one. */
export type Access = 'anyone' | 'metrics' | 'operator';

/** What a handler is given. */
export interface Call<P = unknown, Q = unknown> {
  readonly operator: Operator;
  readonly params: P;
  readonly query: Q;
  /** The name of the token that was shown; undefined for none. */
  readonly who: string | undefined;
}

/** What a handler answers. `affected` counts what it changed, for the record. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly affected?: number;
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
  /** What it answers when all goes well, by status. Errors are problems (RFC 9457) and not listed. */
  readonly answers: Readonly<Record<number, { readonly meaning: string; readonly body: Body }>>;
  run(call: Call): Promise<Answer>;
}

const NOTHING = z.strictObject({});

interface Draft<P extends z.ZodObject, Q extends z.ZodObject>
  extends Omit<Operation, 'params' | 'query' | 'run'> {
  readonly params?: P;
  readonly query?: Q;
  run(call: Call<z.output<P>, z.output<Q>>): Answer | Promise<Answer>;
}

/** Gives a row its types: what was declared is what the handler gets. */
export function operation<P extends z.ZodObject, Q extends z.ZodObject>(draft: Draft<P, Q>): Operation {
  const { params, query, run, ...row } = draft;
  return {
    ...row,
    params: params ?? NOTHING,
    query: query ?? NOTHING,
    // The router parses both with these very schemas before it calls.
    run: async (call) => run(call as Call<z.output<P>, z.output<Q>>),
  };
}

/** An answer in JSON; the schema only gives the value its type. */
export function json<T extends z.ZodType>(
  status: number,
  _schema: T,
  value: z.output<T>,
  affected?: number,
): Answer {
  const answer = { status, type: 'application/json', text: JSON.stringify(value) };
  return affected === undefined ? answer : { ...answer, affected };
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
