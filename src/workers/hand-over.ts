import type { ChildProcess } from 'node:child_process';

/** What goes between node:cluster and a worker for a connection: the one names it, the other says that it has it. */
interface Dealt {
  readonly cmd?: unknown;
  readonly seq?: unknown;
  readonly ack?: unknown;
}

/**
 * Closes connections that were on their way to a worker when it ended: node:cluster waits for an answer that never comes,
 * and keeps them open for as long as their clients have patience. Nothing was read of them: whoever connects again is dealt
 * to another worker.
 */
export function closeUndelivered(child: ChildProcess): void {
  const dealt = new Map<unknown, { close?(): void }>();
  const send = child.send.bind(child) as (...args: unknown[]) => boolean;
  child.send = (message: Dealt, handle?: unknown, ...more: unknown[]): boolean => {
    if (message.cmd === 'NODE_CLUSTER' && typeof handle === 'object' && handle !== null)
      dealt.set(message.seq, handle);
    return send(message, handle, ...more);
  };
  child.on('internalMessage', ({ cmd, ack }: Dealt) => {
    if (cmd === 'NODE_CLUSTER') dealt.delete(ack);
  });
  child.once('exit', () => {
    for (const handle of dealt.values()) handle.close?.();
    dealt.clear();
  });
}
