import type { Duplex } from 'node:stream';

/** The head of an HTTP message, read leniently, and the bytes after it. */
export interface RawHead {
  readonly start: string;
  /** Names in lower case; of a repeated field the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly rest: Buffer;
}

/** Reads up to the empty line. Rejects if the connection ends first. Leaves the socket paused, with no listener of its own. */
export function readHead(socket: Duplex): Promise<RawHead> {
  return new Promise((resolve, reject) => {
    let held = Buffer.alloc(0);
    const take = (chunk: Buffer): void => {
      held = Buffer.concat([held, chunk]);
      const end = held.indexOf('\r\n\r\n');
      if (end < 0) return;
      stop();
      socket.pause();
      resolve({ ...parse(held.toString('latin1', 0, end)), rest: held.subarray(end + 4) });
    };
    const fail = (): void => {
      stop();
      reject(new Error(`the connection ended inside an HTTP head, after ${held.length} bytes`));
    };
    const stop = (): void => {
      socket.off('data', take);
      for (const event of ['end', 'close', 'error']) socket.off(event, fail);
    };
    socket.on('data', take);
    for (const event of ['end', 'close', 'error']) socket.on(event, fail);
  });
}

function parse(head: string): Omit<RawHead, 'rest'> {
  const [start = '', ...lines] = head.split('\r\n');
  const fields = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return { start, headers: new Map(fields) };
}
