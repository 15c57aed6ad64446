import type { Duplex } from 'node:stream';

/** How long a client has to read its refusal and go, in milliseconds. */
const PATIENCE = 2_000;

/** Sockets that were answered, and when each is cut off; the oldest first, as all have the same patience. */
const leaving = new Map<Duplex, number>();
let timer: NodeJS.Timeout | undefined;

/**
 * Lets an ended socket flush its last bytes and leaves the client a moment to read them: closing a TCP connection
 * with bytes still unread resets it, and the answer would be lost. What still comes is thrown away, and a client that
 * stays is cut off. One timer serves all.
 */
export function linger(socket: Duplex): void {
  socket.removeAllListeners('data').removeAllListeners('readable');
  socket.on('error', () => socket.destroy());
  socket.on('close', () => leaving.delete(socket));
  socket.resume();
  leaving.set(socket, performance.now() + PATIENCE);
  if (!timer) timer = setTimeout(cutOff, PATIENCE).unref();
}

function cutOff(): void {
  timer = undefined;
  const now = performance.now();
  for (const [socket, until] of leaving) {
    if (until > now) {
      timer = setTimeout(cutOff, until - now).unref();
      return;
    }
    leaving.delete(socket);
    socket.destroy();
  }
}
