import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { REVOCABLE, type Revocation, type Revocations } from './revocations.ts';

/** As many revocations as there may be, each as long as the admin API takes, fit into it; in bytes. */
const MAX_BYTES = 536_870_912;

const NAME = 'revocations.json';

/** What stands in the file. Times in milliseconds since the epoch. */
const CONTENT = z.strictObject({
  version: z.literal(1),
  revocations: z.array(
    z.strictObject({
      by: z.enum(REVOCABLE),
      value: z.string(),
      issuedBefore: z.number(),
      until: z.number(),
      identity: z.string().exactOptional(),
      within: z.string().exactOptional(),
      renewable: z.literal(true).exactOptional(),
    }),
  ),
});

/** Why what was kept cannot be used. A gateway must not start without it: it would let in who was revoked. */
export class StateError extends Error {
  override readonly name = 'StateError';
}

/**
 * The revocations that were kept in a folder; none if there is no file yet. Opens no other file and makes no folder.
 *
 * @throws StateError
 */
export async function readRevocations(folder: string): Promise<readonly Revocation[]> {
  const file = join(folder, NAME);
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new StateError(`${file} is larger than ${MAX_BYTES} bytes`);
    const parsed = CONTENT.safeParse(JSON.parse(await readFile(file, 'utf8')));
    if (parsed.success) return parsed.data.revocations;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (error instanceof StateError) throw error;
    if (code !== undefined) throw new StateError(`cannot read ${file} (${code})`);
  }
  throw new StateError(`${file} is damaged: put back a copy of it, or remove it and revoke again`);
}

/**
 * Keeps revocations over a restart: one file, which is always whole, for it is written beside its place, brought to
 * the disk, and only then renamed. One gateway a folder: the last to write decides.
 */
export class RevocationFile {
  readonly #folder: string;
  readonly #revocations: Revocations;
  #running: Promise<unknown> = Promise.resolve();
  /** A write that has not begun: it will hold what is added until then. */
  #waiting: Promise<void> | undefined;
  #trouble: string | undefined;

  private constructor(folder: string, revocations: Revocations) {
    this.#folder = folder;
    this.#revocations = revocations;
  }

  /**
   * Adds what was kept in the folder, which is made if there is none, and writes it once, without what has ended: a
   * folder that cannot be written is known at once, and not with the first revocation.
   *
   * @throws StateError
   */
  static async open(folder: string, revocations: Revocations): Promise<RevocationFile> {
    const file = new RevocationFile(folder, revocations);
    for (const each of await readRevocations(folder)) revocations.add(each);
    await file.save();
    return file;
  }

  /** Resolves when everything that has been added by now is on the disk. @throws StateError if it cannot be. */
  save(): Promise<void> {
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = undefined;
      return this.#write();
    });
    this.#running = this.#waiting.catch(() => undefined);
    return this.#waiting;
  }

  /** Why the last write failed; undefined if it did not. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  async #write(): Promise<void> {
    const place = join(this.#folder, NAME);
    const beside = `${place}.new`;
    const text = JSON.stringify({ version: 1, revocations: this.#revocations.inForce() });
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await rm(beside, { force: true }); // of a process that was killed
      await flushed(beside, 'wx', (handle) => handle.writeFile(text));
      await rename(beside, place);
      await flushed(this.#folder, 'r'); // the name itself
      this.#trouble = undefined;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.#trouble = `cannot write ${place} (${code ?? message})`;
      throw new StateError(this.#trouble);
    }
  }
}

/** Opens, does the work, and brings it to the disk. A new file is for its owner alone. */
async function flushed(
  path: string,
  flags: string,
  work: (handle: Awaited<ReturnType<typeof open>>) => Promise<void> = async () => {},
): Promise<void> {
  const handle = await open(path, flags, 0o600);
  try {
    await work(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
