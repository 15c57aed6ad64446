/**
 * The shortest stream, found by leaving out ever smaller parts, that still `fails`.
 * Bounded: a failure is to be read soon, not perfectly.
 */
export function minimise(bytes: Buffer, fails: (bytes: Buffer) => boolean, tries = 3_000): Buffer {
  let smallest = bytes;
  for (let size = Math.ceil(bytes.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < smallest.length && tries > 0; ) {
      const shorter = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      tries--;
      if (shorter.length < smallest.length && fails(shorter)) smallest = shorter;
      else at += size;
    }
  }
  return smallest;
}
