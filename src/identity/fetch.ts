import { request as requestHttp } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import { checkIdentity } from '../protocol/server-identity.ts';

/** How a document may be fetched from an identity provider. */
export interface FetchLimits {
  /** From the first packet to the last byte, in milliseconds. */
  readonly timeout: number;
  /** Of the body, in bytes. */
  readonly maxBytes: number;
  /** What to trust in place of the system's authorities, PEM. */
  readonly ca?: string | undefined;
}

/** Why a document could not be had: one line, without a URL's secrets. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
  /** What the provider answered in place of a 200; undefined if it did not, or not in full. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** A body that is too large: what stands for it in `FetchError.status` (RFC 9110 §15.5.14). */
export const TOO_LARGE = 413;

/** What is asked by POST: a form, and the value of Authorization. */
export interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly authorization: string;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether a provider may be asked at this URL: `https:`, or plain `http:` to this very machine. Never with a password in it. */
export function isSafeUrl(text: string, dangerouslyAllowHttp: boolean): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && (dangerouslyAllowHttp || LOOPBACK.test(url.hostname));
}

/**
 * The body of a 200 as text, of a GET or of a form by POST. Redirects, other statuses, compressed, larger and slower answers throw a FetchError: one
 * deadline holds for all of it, so that a drip of bytes does not prolong it.
 */
export function fetchText(url: string, limits: FetchLimits, form?: Form): Promise<string> {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    const body = form && new URLSearchParams(form.fields).toString();
    const options: RequestOptions = {
      // A connection of its own: no answer can be taken for that of another question.
      agent: false,
      method: form ? 'POST' : 'GET',
      headers: { accept: 'application/json', 'accept-encoding': 'identity', ...(form && headersOf(form)) },
      maxHeaderSize: 16_384,
      rejectUnauthorized: true,
      checkServerIdentity: checkIdentity,
      ...(limits.ca !== undefined && { ca: limits.ca }),
    };
    const request = (target.protocol === 'https:' ? requestHttps : requestHttp)(target, options);
    const settle = (error: FetchError | undefined, text = '') => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(text);
      request.destroy();
    };
    const fail = (why: string, status?: number) => settle(new FetchError(`${target.host}: ${why}`, status));
    const timer = setTimeout(
      () => fail(`no whole answer within ${Math.round(limits.timeout)} ms`),
      limits.timeout,
    );

    request.on('error', (error) => fail(error.message));
    request.on('response', (response) => {
      if (response.statusCode !== 200)
        return fail(`answered ${response.statusCode}, not 200`, response.statusCode);
      if (response.headers['content-encoding']) return fail('a compressed answer was not asked for');
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limits.maxBytes) fail(`the answer is larger than ${limits.maxBytes} bytes`, TOO_LARGE);
        else chunks.push(chunk);
      });
      response.on('error', (error) => fail(error.message));
      response.on('end', () => settle(undefined, Buffer.concat(chunks).toString()));
    });
    request.end(body);
  });
}

function headersOf({ authorization }: Form): Record<string, string> {
  return { authorization, 'content-type': 'application/x-www-form-urlencoded' };
}
