import type { Socket } from 'node:net';

/** An upstream that has answered 101: an open WebSocket leg, not yet read. */
export interface Dialled {
  /** A plain or TLS socket; paused until `read`. */
  readonly socket: Socket;
  /** What came behind the 101, the first frames perhaps. Owned by the receiver. */
  readonly head: Buffer;
  /** The subprotocol the upstream chose; empty if none. */
  readonly protocol: string;
  /**
   * Starts reading. Chunks lie in one buffer shared by all upstream sockets and are valid only inside the callback:
   * whoever keeps bytes copies them.
   */
  read(onChunk: (chunk: Buffer) => void): void;
}
