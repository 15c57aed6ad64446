import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigFiles, readFault } from './files.ts';

let folder: string;
const put = (name: string, text: string | Buffer): void => writeFileSync(path.join(folder, name), text);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sallyport-files-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('a file is read once, so that every part of a plan sees the same bytes', () => {
  const files = new ConfigFiles(folder);
  put('a', 'before');
  expect(files.read('a')).toBe('before');
  put('a', 'after');
  expect(files.read('a')).toBe('before');
  expect(files.read('./a')).toBe('before');
  expect(files.seen).toEqual([path.join(folder, 'a')]);
});

test('a folder is listed sorted, without hidden names and folders', () => {
  mkdirSync(path.join(folder, 'd/sub'), { recursive: true });
  for (const name of ['d/b.json', 'd/a.json', 'd/.hidden']) put(name, '');
  symlinkSync('a.json', path.join(folder, 'd/c.json'));
  const files = new ConfigFiles(folder);
  expect(files.list('d')).toEqual(['a.json', 'b.json', 'c.json']);
  expect(files.seen).toEqual([path.join(folder, 'd')]);
});

test('what cannot be read is said in words, and watched all the same', () => {
  const files = new ConfigFiles(folder);
  put('latin1', Buffer.from([0xe9]));
  put('large', '');
  truncateSync(path.join(folder, 'large'), 17 * 1_048_576);
  symlinkSync('loop', path.join(folder, 'loop'));
  expect(() => files.read('nothing')).toThrow('cannot read "nothing": there is no such file');
  expect(() => files.read('.')).toThrow('this is a folder');
  expect(() => files.read('latin1')).toThrow('it is not UTF-8 text');
  expect(() => files.read('large')).toThrow('larger than 16777216 bytes');
  expect(() => files.read('loop')).toThrow('go round in a circle');
  expect(() => files.read('latin1/below')).toThrow('a part of its path is not a folder');
  expect(() => files.read('/dev/zero')).toThrow('not a regular file');
  expect(() => files.list('nothing')).toThrow('there is no such file');
  expect(files.seen).toContain(path.join(folder, 'nothing'));
});

test('a file that this process may not read', () => {
  // Said of the error itself: nothing on disk stops a test that runs as root.
  expect(readFault(Object.assign(new Error('x'), { code: 'EACCES' }))).toBe('this process may not read it');
});
