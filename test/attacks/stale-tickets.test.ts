// TL-10 TL-11
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { connectEdge, type Edge, open, startEdge } from '../support/edge.ts';

const versions = [['TLSv1.2'], ['TLSv1.3']] as const;

/** A session that the edge has issued. */
async function sessionOf(edge: Edge, maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<Buffer> {
  const socket = await connectEdge(edge, { maxVersion });
  // In TLS 1.3 tickets come after the handshake.
  const session = maxVersion === 'TLSv1.3' ? (await once(socket, 'session'))[0] : socket.getSession();
  socket.destroy();
  return session;
}

it.each(versions)('resumes a session while its key is in use, in %s', async (maxVersion) => {
  const edge = await startEdge();
  const session = await sessionOf(edge, maxVersion);
  expect((await connectEdge(edge, { maxVersion, session })).isSessionReused()).toBe(true);
});

it.each(versions)(
  'does a full handshake, without an error, for a ticket of another key, in %s',
  async (maxVersion) => {
    const session = await sessionOf(await startEdge(), maxVersion);
    const other = await startEdge();
    const socket = await open(other, undefined, { maxVersion, session });
    expect(socket.isSessionReused()).toBe(false);
  },
);

it('allows no early data: what is not accepted cannot be replayed', async () => {
  const tags = tagsOf(await sessionOf(await startEdge(), 'TLSv1.3'));
  expect(tags).toContain(0xa2); // the timeout: the session is read as OpenSSL writes it
  expect(tags).not.toContain(0xaf); // max_early_data, which is there if it is not 0
});

/** The tags in the outermost SEQUENCE of OpenSSL's SSL_SESSION in DER. Newer versions of Node put the server's name before it. */
function tagsOf(session: Buffer): number[] {
  const der = session.subarray(
    session.findIndex(
      (_, at) => session[at] === 0x30 && session.readUInt16BE(at + 2) === session.length - at - 4,
    ),
  );
  const tags: number[] = [];
  const header = (at: number): [start: number, length: number] => {
    const first = der[at + 1]!;
    return first < 0x80 ? [at + 2, first] : [at + 2 + (first & 0x7f), der.readUIntBE(at + 2, first & 0x7f)];
  };
  for (let [at] = header(0); at < der.length; ) {
    tags.push(der[at]!);
    const [start, length] = header(at);
    at = start + length;
  }
  return tags;
}
