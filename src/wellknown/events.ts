import type { PlainOperation } from './operation.ts';

/**
 * `POST /.well-known/sallyport/events`: a security event token by push (RFC 8935). 202 says that all that follows from it
 * has been done, also where that is nothing; 400 that it will not do; anything else that it may come again.
 */
export const events: PlainOperation = {
  id: 'events',
  method: 'POST',
  path: '/events',
  consumes: 'application/secevent+jwt',
  maxBytes: 32_768,
  deadline: 10_000,
  rate: 'events',
  async run({ desk, handshake: { headers, address }, body }) {
    const done = await desk.signals.receive({
      authorization: headers.get('authorization'),
      token: body.toString('latin1'),
      address,
    });
    if (done === undefined) return { status: 202 };
    if ('pass' in done) return done;
    const { error: err, description } = done;
    return { status: 400, body: { err, description }, headers: { 'Content-Language': 'en' } };
  },
};
