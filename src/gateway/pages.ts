import type { IncomingMessage, ServerResponse } from 'node:http';

/** A page that the listener serves beside its sockets. */
export interface Page {
  /** The media type. */
  readonly type: string;
  readonly body: string | Buffer;
}

/** Finds the page for a path and query, or undefined for the listener's own generic answer. */
export type Pages = (path: string, query: URLSearchParams) => Page | undefined | Promise<Page | undefined>;

/**
 * Answers a GET with a page, if there is one. What a page may do is bounded: it loads and connects to its own origin
 * and can be framed by nobody.
 */
export async function servePage(
  pages: Pages,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (request.method !== 'GET') return false;
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const page = await pages(path, new URLSearchParams(query));
  if (!page) return false;
  response.writeHead(200, {
    'Content-Type': page.type,
    'Content-Length': Buffer.byteLength(page.body),
    'Content-Security-Policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  });
  response.end(page.body);
  return true;
}
