// What `npm start` and `npm test` do first: install and build, each only when something changed since the last time.
// Plain JavaScript without dependencies, because it runs before there are any.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const MINIMUM_NODE = [20, 19];

/** One clear line, and out. */
export function fail(line) {
  console.error(`sallyport: ${line}`);
  process.exit(1);
}

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const tooOld = major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1]);
  if (tooOld) fail(`Node ${MINIMUM_NODE.join('.')} or newer is needed, this is ${process.versions.node}`);
}

/** Runs a step; its output is shown only if it fails. */
function step(name, command, args) {
  process.stderr.write(`sallyport: ${name} …\n`);
  const windows = process.platform === 'win32';
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    shell: windows,
  });
  if (status === 0) return;
  if (error?.code === 'ENOENT') fail(`${command} is needed for ${name}, and was not found`);
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  fail(`${name} failed${error ? `: ${error.message}` : ` with exit code ${status}`}`);
}

function digest(files) {
  const hash = createHash('sha256').update(process.version);
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Ends here, in one line, where the work would end in a page of them. */
function mustBeWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    fail(`cannot write ${folder}: ${error.code === 'EACCES' ? 'no permission' : error.code}`);
  }
}

/** Runs `work` unless the stamp says that it was done for the very same files. */
function once(stamp, files, present, work) {
  const path = join(root, stamp);
  const wanted = digest(files);
  if (existsSync(join(root, present)) && existsSync(path) && readFileSync(path, 'utf8') === wanted) return;
  mustBeWritable(root);
  mustBeWritable(dirname(path));
  work();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, wanted);
}

export function install() {
  once('node_modules/.sallyport-stamp', ['package.json', 'package-lock.json'], 'node_modules', () =>
    step('installing packages', 'npm', ['ci', '--no-audit', '--no-fund']),
  );
}

function sources(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.ts') && statSync(join(root, name)).isFile())
    .sort();
}

export function build() {
  const files = ['tsconfig.json', 'tsconfig.build.json', ...sources('src')];
  once('dist/.sallyport-stamp', files, 'dist/cli/main.js', () =>
    step('building', process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']),
  );
}
