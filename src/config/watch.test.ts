import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OnChange, type Watching, type WatchOptions, watchFiles } from './watch.ts';

let folder: string;
let watching: Watching | undefined;
/** Each call of `onChange`, as they come. */
let calls: { next(): Promise<readonly string[]>; count(): number };

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-watch-'));
});

afterEach(() => {
  watching?.close();
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);
const put = (name: string, text: string): void => writeFileSync(at(name), text);

/** Watches with a short debounce, and with no poll unless the test is about it. */
function start(names: string[], options: WatchOptions = {}, react: OnChange = () => {}): void {
  const seen: (readonly string[])[] = [];
  const waiting: ((changed: readonly string[]) => void)[] = [];
  let count = 0;
  watching = watchFiles(
    names.map(at),
    (changed) => {
      count++;
      const relative = changed.map((file) => path.relative(folder, file));
      const waiter = waiting.shift();
      if (waiter) waiter(relative);
      else seen.push(relative);
      return react(changed);
    },
    { debounce: 20, poll: 3_600_000, ...options },
  );
  calls = {
    next: () =>
      seen.length > 0 ? Promise.resolve(seen.shift()!) : new Promise((done) => waiting.push(done)),
    count: () => count,
  };
}

test('a file that is written is seen, each time', async () => {
  put('a', '1');
  start(['a']);
  put('a', '22');
  expect(await calls.next()).toEqual(['a']);
  put('a', '333');
  expect(await calls.next()).toEqual(['a']);
});

test('a change that is not taken is not offered again because the same files are named again', async () => {
  put('a', '1');
  start(['a'], {}, () => {
    watching!.update([at('a'), at('b')]);
    throw new Error('not taken');
  });
  put('a', '22');
  await calls.next();
  await calls.next(); // once more, for `b` is new
  await pause(100); // five times what would bring another
  expect(calls.count()).toBe(2);
  put('b', '1');
  expect(await calls.next()).toEqual(['a', 'b']);
});

test('an atomic rename is seen, each time', async () => {
  put('a', '1');
  start(['a']);
  for (const text of ['2', '3', '4']) {
    put('.a.tmp', text);
    renameSync(at('.a.tmp'), at('a'));
    expect(await calls.next()).toEqual(['a']);
  }
});

test('a swap of the link ..data, as Kubernetes does it, is seen, each time', async () => {
  const publish = (version: string): void => {
    mkdirSync(at(version));
    put(`${version}/tls.crt`, version);
    symlinkSync(version, at('..data_tmp'));
    renameSync(at('..data_tmp'), at('..data'));
  };
  publish('..v1');
  symlinkSync('..data/tls.crt', at('tls.crt'));
  start(['tls.crt']);
  for (const version of ['..v2', '..v3', '..v4']) {
    publish(version);
    expect(await calls.next()).toEqual(['tls.crt']);
  }
});

test('a folder further up that is a link and is swapped is seen', async () => {
  mkdirSync(at('v1'));
  mkdirSync(at('v2'));
  put('v1/a', '1');
  put('v2/a', '2');
  symlinkSync('v1', at('current'));
  start(['current/a']);
  symlinkSync('v2', at('next'));
  renameSync(at('next'), at('current'));
  expect(await calls.next()).toEqual(['current/a']);
});

test('a file that comes, and one that goes, are changes', async () => {
  start(['a']);
  put('a', '1');
  expect(await calls.next()).toEqual(['a']);
  rmSync(at('a'));
  expect(await calls.next()).toEqual(['a']);
});

test('a watched folder tells of a new file and of a changed one', async () => {
  mkdirSync(at('schemas'));
  start(['schemas']);
  put('schemas/a.json', '{}');
  expect(await calls.next()).toEqual(['schemas']);
  put('schemas/a.json', '{ }');
  expect(await calls.next()).toEqual(['schemas']);
});

test('a neighbour is nobody’s business', async () => {
  put('a', '1');
  start(['a']);
  put('neighbour', '1');
  put('a', '22');
  expect(await calls.next()).toEqual(['a']);
  expect(calls.count()).toBe(1);
});

test('the poll sees what was not announced: a folder that came later', async () => {
  start(['later/a'], { poll: 20 });
  mkdirSync(at('later'));
  put('later/a', '1');
  expect(await calls.next()).toEqual(['later/a']);
  put('later/a', '22');
  expect(await calls.next()).toEqual(['later/a']);
});

test('runs never overlap, and changes meanwhile lead to one more', async () => {
  put('a', '1');
  let running = 0;
  let most = 0;
  let release: () => void = () => {};
  start(['a'], { poll: 5 }, async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((done) => {
      release = done;
    });
    running--;
  });
  put('a', '22');
  await calls.next();
  put('a', '333');
  put('a', '4444');
  const second = calls.next();
  // Many polls pass while the first run is held; none may start another.
  await new Promise((done) => setTimeout(done, 60));
  expect(calls.count()).toBe(1);
  release();
  await second;
  release();
  expect(most).toBe(1);
});

test('a run that throws is offered the same change again', async () => {
  put('a', '1');
  let failures = 2;
  start(['a'], { poll: 20 }, () => {
    if (failures-- > 0) throw new Error('not now');
  });
  put('a', '22');
  for (let run = 0; run < 3; run++) expect(await calls.next()).toEqual(['a']);
});

test('update watches other files, and keeps what is known of the old', async () => {
  put('a', '1');
  put('b', '1');
  start(['a']);
  watching!.update([at('b')]);
  put('a', '22');
  put('b', '22');
  expect(await calls.next()).toEqual(['b']);
  expect(calls.count()).toBe(1);
});

test('a link to itself is a change like any other, not a loop', async () => {
  put('a', '1');
  start(['a']);
  rmSync(at('a'));
  symlinkSync('a', at('a'));
  expect(await calls.next()).toEqual(['a']);
});
