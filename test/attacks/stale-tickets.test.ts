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

it('hands the client no early data to send', async () => {
  const edge = await startEdge();
  const session = await sessionOf(edge, 'TLSv1.3');
  // The extension early_data (42) with four bytes of max_early_data_size would be in the ticket.
  expect(session.includes(Buffer.from([0x00, 0x2a, 0x00, 0x04]))).toBe(false);
});
