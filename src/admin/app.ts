import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { timeout } from 'hono/timeout';
import type { z } from 'zod';
import type { Recorder } from '../record/recorder.ts';
import { StoreError } from '../store/store.ts';
import { bodyOf, parseJson } from './body.ts';
import { isOwnHost } from './hosts.ts';
import { type Answer, type Call, type Deed, type Operation, problem } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { type Operator, Unanswered } from './operator.ts';
import { type Holder, type Token, Tokens } from './tokens.ts';

export interface AppOptions {
  readonly tokens: readonly Token[];
  /** Names, in lower case, under which the listener is reached besides `localhost` and addresses. */
  readonly hosts?: readonly string[];
}

/** How long one operation may take, in milliseconds. It goes on after that, unanswered. */
const TIME_LIMIT = 30_000;

/** What a request is known to be, besides what hono knows. */
interface Env {
  Bindings: Partial<HttpBindings>;
  Variables: { holder?: Holder; operation?: Operation; deed?: Deed; refusal?: string };
}

/** The admin API as an application: every path, method and check of it comes from the table of operations. */
export function createApp(operator: Operator, recorder: Recorder, options: AppOptions): Hono<Env> {
  const { hosts = [] } = options;
  const tokens = new Tokens(options.tokens);
  const app = new Hono<Env>();

  app.use(async (c, next) => {
    const begun = performance.now();
    await next();
    c.header('Cache-Control', 'no-store');
    c.header('X-Content-Type-Options', 'nosniff');
    record(recorder, c, (performance.now() - begun) / 1_000);
  });
  app.use(async (c, next) => {
    if (isOwnHost(c.req.header('host') ?? '', hosts)) return next();
    return refuse(c, 421, 'this Host is not served here');
  });
  app.use(timeout(TIME_LIMIT, new HTTPException(504, { message: 'still at work' })));

  for (const operation of OPERATIONS) {
    const path = operation.path.replace(/\{(\w+)\}/g, ':$1');
    app.on(operation.method, path, (c) => answer(c, operation, operator, tokens));
  }
  for (const [path, methods] of methodsByPath()) {
    app.all(path, (c) => {
      c.header('Allow', methods.join(', '));
      return refuse(c, 405, `this path knows ${methods.join(', ')}`);
    });
  }
  app.notFound((c) => refuse(c, 404, 'there is no such path'));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return send(c, problem(error.status, error.message));
    if (error instanceof Unanswered) return send(c, problem(504, error.message));
    if (error instanceof StoreError)
      return send(c, problem(503, `what all nodes share is away: ${error.message}`));
    recorder.event('gateway.fault', { where: `admin ${c.var.operation?.id}`, error: String(error) });
    return send(c, problem(500));
  });
  return app;
}

async function answer(
  c: Context<Env>,
  operation: Operation,
  operator: Operator,
  tokens: Tokens,
): Promise<Response> {
  const shown = c.req.header('authorization');
  const holder = shown === undefined ? undefined : tokens.holderOf(shown);
  if (!holder && (shown !== undefined || operation.access !== 'anyone')) {
    c.header('WWW-Authenticate', 'Bearer realm="sallyport admin"');
    return refuse(c, 401, shown === undefined ? 'a bearer token is required' : 'this token is not known');
  }
  if (holder?.access === 'metrics' && operation.access === 'operator') {
    return refuse(c, 403, 'this token reads metrics alone');
  }
  if (holder) c.set('holder', holder);
  const call = await read(c, operation);
  if ('status' in call) return refuse(c, call.status, call.detail, call.errors);
  c.set('operation', operation);
  const answer = await operation.run({ ...call, operator, who: holder?.name });
  c.set('deed', answer.deed ?? {});
  return send(c, answer);
}

interface Wrong {
  readonly status: number;
  readonly detail: string;
  readonly errors?: ReturnType<typeof errorOf>[];
}

/** Reads path, query and body by the schemas of the row. */
async function read(
  c: Context<Env>,
  { params, query, body }: Operation,
): Promise<Wrong | Pick<Call, 'params' | 'query' | 'body'>> {
  if (body && !/^application\/json\s*(?:;|$)/i.test(c.req.header('content-type') ?? '')) {
    return { status: 415, detail: 'the body must be application/json' };
  }
  const text = await bodyOf(c.req.raw);
  if (text === undefined) return { status: 413, detail: 'the body is larger than any operation takes' };
  const results = {
    params: params.safeParse(c.req.param()),
    query: query.safeParse(queryOf(c.req.url)),
    body: body?.safeParse(parseJson(text)),
  };
  const issues = Object.values(results).flatMap((result) => result?.error?.issues ?? []);
  if (issues.length > 0) return { status: 400, detail: 'a parameter is wrong', errors: issues.map(errorOf) };
  return { params: results.params.data, query: results.query.data, body: results.body?.data };
}

/** A parameter that comes twice becomes a list, which no schema accepts. */
function queryOf(url: string): Record<string, string | string[]> {
  const { searchParams } = new URL(url);
  return Object.fromEntries(
    [...new Set(searchParams.keys())].map((key) => {
      const values = searchParams.getAll(key);
      return [key, values.length === 1 ? values[0]! : values];
    }),
  );
}

function errorOf({ path, message }: z.core.$ZodIssue) {
  return { message, ...(path.length > 0 && { at: path.join('.') }) };
}

function refuse(c: Context<Env>, status: number, detail: string, errors?: Wrong['errors']): Response {
  c.set('refusal', detail);
  return send(c, problem(status, detail, errors));
}

function send(c: Context<Env>, { status, type, text }: Answer): Response {
  // Every status in the table is one that may have a body; hono's type lists them by number.
  return c.body(text, status as 200, { 'Content-Type': type });
}

/** Says who did what, or that somebody was turned away. Health and metrics are asked for all the time and not said. */
function record(recorder: Recorder, c: Context<Env>, seconds: number): void {
  const { holder, operation, deed, refusal } = c.var;
  const { status } = c.res;
  const address = c.env?.incoming?.socket.remoteAddress;
  if (refusal !== undefined) {
    recorder.event('admin.refused', {
      address,
      method: c.req.method,
      path: c.req.path,
      status,
      reason: refusal,
    });
  } else if (operation?.access === 'operator') {
    const { pathname, search } = new URL(c.req.url);
    recorder.event('admin.action', {
      who: holder?.name,
      operation: operation.id,
      target: [pathname + search, deed?.target].filter(Boolean).join(' '),
      address,
      status,
      outcome: status < 400 ? 'done' : 'failed',
      affected: deed?.affected,
      seconds,
    });
  }
}

function methodsByPath(): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of OPERATIONS) {
    const key = path.replace(/\{(\w+)\}/g, ':$1');
    methods.set(key, [...(methods.get(key) ?? []), method.toUpperCase()]);
  }
  return methods;
}
