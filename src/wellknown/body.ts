import type { IncomingMessage } from 'node:http';
import { type Refused, refuse } from '../pipeline/verdict.ts';

type Fields = ReadonlyMap<string, string>;

/** Reads a body of the one media type that is taken, up to its bound and within its time, in milliseconds. */
export async function readBody(
  request: IncomingMessage,
  fields: Fields,
  { consumes, maxBytes, deadline }: { consumes: string; maxBytes: number; deadline: number },
): Promise<Buffer | Refused> {
  if (mediaTypeOf(fields) !== consumes || fields.has('content-encoding'))
    return refuse('media_type_unsupported', `not plain ${consumes}`);
  if (Number(fields.get('content-length') ?? 0) > maxBytes) return tooLarge(maxBytes);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (result: Buffer | Refused): void => {
      clearTimeout(timer);
      request.off('data', take);
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) finish(tooLarge(maxBytes));
      else chunks.push(chunk);
    };
    const timer = setTimeout(
      () => finish(refuse('handshake_timeout', 'the body did not come in time')),
      deadline,
    );
    request
      .on('data', take)
      .once('end', () => finish(Buffer.concat(chunks)))
      .on('error', () => finish(refuse('client_left', 'amid its body')))
      .once('close', () => finish(refuse('client_left', 'amid its body')));
  });
}

/** RFC 9110 §8.3.1: in any case, and what follows `;` is no part of it. */
function mediaTypeOf(fields: Fields): string {
  return (fields.get('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

function tooLarge(maxBytes: number): Refused {
  return refuse('body_too_large', `more than ${maxBytes} bytes`);
}
