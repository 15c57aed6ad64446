import { isLoopback } from '../config/admin.ts';
import type { Io } from './io.ts';
import { type Given, type Option, UsageError } from './verb.ts';

/** How long the admin API may take to answer, in milliseconds: it bounds its own work at 30 seconds. */
const TIMEOUT = 35_000;

/** The environment variable with the operators' token: an argument would be seen by every process. */
const TOKEN = 'SALLYPORT_ADMIN_TOKEN';

/** What every command has that asks the admin API of a running gateway. */
export const ADMIN_OPTIONS: Readonly<Record<string, Option>> = {
  admin: {
    type: 'string',
    value: 'URL',
    help: 'Where the admin API is, or its host:port; http://127.0.0.1:9900 if left out.',
  },
};

/** For the notes of such a command. */
export const ADMIN_NOTE = `The operators' token is taken from ${TOKEN}. A certificate of your own authority is trusted by NODE_EXTRA_CA_CERTS.`;

/**
 * Asks the admin API. The token goes over TLS, or to this very machine.
 *
 * @returns the answer, from JSON
 * @throws Error with what the API says is wrong, in one line
 */
export async function askAdmin(
  given: Given,
  io: Io,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<unknown> {
  const url = adminUrl(given.text('admin') ?? 'http://127.0.0.1:9900', path);
  const token = io.environment[TOKEN];
  if (!token) throw new UsageError(`the operators' token must be in ${TOKEN}`);
  const response = await fetch(url, {
    method,
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT),
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new Error(`${url.host} does not answer: ${causeOf(error)}`);
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const { detail, title } = (answer ?? {}) as { detail?: string; title?: string };
  throw new Error(`${url.host} answers ${response.status}: ${detail ?? title ?? response.statusText}`);
}

/** `host:port` stands for http:// on this very machine, and for https:// elsewhere. */
function adminUrl(given: string, path: string): URL {
  const short = /^(?:[\w.-]+|\[[\da-f:.]+\]):\d{1,5}$/i.test(given);
  const base = short ? `${isLoopback(hostOf(`http://${given}`)) ? 'http' : 'https'}://${given}` : given;
  const host = hostOf(base);
  const url = host === '' ? undefined : new URL(path, base);
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(host));
  if (!url || !safe)
    throw new UsageError(
      `--admin is https://…, http:// on this very machine, or host:port; not ${JSON.stringify(given)}`,
    );
  return url;
}

/** Empty for what is no URL with a host. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
}

function causeOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
