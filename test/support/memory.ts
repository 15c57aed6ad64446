import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the heap that are in use after a collection. */
export function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Bytes that are really held: outside the heap (buffers), after a collection. */
export function heldBytes(): number {
  collect();
  collect(); // the first one's buffers are given back in the background; the second waits for that
  return process.memoryUsage().arrayBuffers;
}
