import type { Duplex } from 'node:stream';
import { Patience } from './patience.ts';

/** How long a client has to read its refusal and go, in milliseconds. */
const PATIENCE = 2_000;

const leaving = new Patience<Duplex>(PATIENCE, (socket) => socket.destroy());

/**
 * Lets an ended socket flush its last bytes and leaves the client a moment to read them: closing a TCP connection
 * with bytes still unread resets it, and the answer would be lost. What still comes is thrown away unread, and a
 * client that stays is cut off.
 */
export function linger(socket: Duplex): void {
  socket.removeAllListeners('data').removeAllListeners('readable');
  socket.on('error', () => socket.destroy());
  socket.on('close', () => leaving.delete(socket));
  // A listener, and not `resume` alone: it also makes node's HTTP parser let go of the socket.
  socket.on('data', ignore);
  leaving.add(socket);
}

function ignore(): void {}
