import type { ServerResponse } from 'node:http';
import { refusalFields } from '../edge/respond.ts';
import { REFUSALS } from '../errors.ts';
import type { Refused } from '../pipeline/verdict.ts';
import type { HeaderFields } from './cross-origin.ts';
import type { Answer } from './operation.ts';

/** The one form of all answers: JSON, kept by nobody, the end of the connection. */
export function respond(response: ServerResponse, done: Answer | Refused, headers: HeaderFields): void {
  if (response.destroyed) return;
  const refused = 'pass' in done;
  const body = refused ? notice(done) : done.body;
  const text = body === undefined ? '' : `${JSON.stringify(body)}\n`;
  const common = {
    Connection: 'close',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(text !== '' && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
  };
  const status = refused ? REFUSALS[done.code].status : done.status;
  const own = refused ? refusalFields(done) : done.headers;
  response.writeHead(status, { ...common, ...own, ...headers, Vary: 'Origin' });
  response.end(text);
}

/** What a client is told of a refusal: as in the answers of dialects, the name and the table's few words. */
function notice({ code, retryAfter }: Refused): object {
  return { code, reason: REFUSALS[code].told, ...(retryAfter !== undefined && { retryAfter }) };
}
