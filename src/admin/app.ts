import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { timeout } from 'hono/timeout';
import type { z } from 'zod';
import type { Recorder } from '../record/recorder.ts';
import { isOwnHost } from './hosts.ts';
import { type Answer, type Operation, problem } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import type { Operator } from './operator.ts';
import { type Holder, type Token, Tokens } from './tokens.ts';

export interface AppOptions {
  readonly tokens: readonly Token[];
  /** Names, in lower case, under which the listener is reached besides `localhost` and addresses. */
  readonly hosts?: readonly string[];
}

/** No operation takes a body; what a client sends all the same must be small, in bytes. */
const MAX_BODY = 1_024;

/** How long one operation may take, in milliseconds. It goes on after that, unanswered. */
const TIME_LIMIT = 30_000;

/** What a request is known to be, besides what hono knows. */
interface Env {
  Bindings: Partial<HttpBindings>;
  Variables: { holder?: Holder; operation?: Operation; affected?: number; refusal?: string };
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
  app.use(bodyLimit({ maxSize: MAX_BODY, onError: (c) => refuse(c, 413, 'no operation takes a body') }));
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
    if (error instanceof HTTPException) return refuse(c, error.status, error.message);
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
  const params = operation.params.safeParse(c.req.param());
  const query = operation.query.safeParse(queryOf(c.req.url));
  if (!params.success || !query.success) {
    const issues = [...(params.error?.issues ?? []), ...(query.error?.issues ?? [])];
    return refuse(c, 400, 'a parameter is wrong', issues.map(errorOf));
  }
  c.set('operation', operation);
  const answer = await operation.run({ operator, params: params.data, query: query.data, who: holder?.name });
  if (answer.affected !== undefined) c.set('affected', answer.affected);
  return send(c, answer);
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

function refuse(c: Context<Env>, status: number, detail: string, errors?: ReturnType<typeof errorOf>[]) {
  c.set('refusal', detail);
  return send(c, problem(status, detail, errors));
}

function send(c: Context<Env>, { status, type, text }: Answer): Response {
  // Every status in the table is one that may have a body; hono's type lists them by number.
  return c.body(text, status as 200, { 'Content-Type': type });
}

/** Says who did what, or that somebody was turned away. Health and metrics are asked for all the time and not said. */
function record(recorder: Recorder, c: Context<Env>, seconds: number): void {
  const { holder, operation, affected, refusal } = c.var;
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
      target: pathname + search,
      address,
      status,
      outcome: status < 400 ? 'done' : 'failed',
      affected,
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
