import { closeSync, openSync, writeSync } from 'node:fs';

/** Linux: while it is open, no core sleeps more deeply than the number of microseconds written to it says. */
const LATENCY = '/dev/cpu_dma_latency';

/**
 * Keeps the cores from sleeping until the process ends, where that is permitted. A write to a peer on a core that sleeps
 * costs the writer an interrupt to wake it, in a virtual machine some microseconds; and the slower a contender is, the more
 * often its peers sleep. That is the machine's doing, not the contender's. Returns whether it could.
 */
export function stayAwake(): boolean {
  try {
    const file = openSync(LATENCY, 'w');
    writeSync(file, Buffer.alloc(4));
    process.once('exit', () => closeSync(file));
    return true;
  } catch {
    return false;
  }
}
