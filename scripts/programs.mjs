// Programs of the system that some tests run as real peers. Where it is permitted (root, on Debian or Ubuntu) what is missing
// is installed, without its services being started; where not, the end of the test run says which tests did not run.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** By program: the Debian package that it is in. */
const PACKAGES = { 'redis-server': 'redis-server', nginx: 'nginx', chromium: 'chromium' };

/** How long all of it may take, in milliseconds. */
const TIME_LIMIT = 300_000;

/** What Debian asks before it starts the service of a new package: 101 is no. */
const POLICY = '/usr/sbin/policy-rc.d';

export function isThere(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Installs what is missing, if it may. Never fails: tests that need it say so themselves. */
export function installPrograms() {
  const missing = Object.keys(PACKAGES).filter((program) => !isThere(program));
  if (missing.length === 0 || process.getuid?.() !== 0 || !isThere('apt-get')) return;
  process.stderr.write(`sallyport: installing ${missing.join(', ')} for the tests …\n`);
  const until = Date.now() + TIME_LIMIT;
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', '-o', 'Acquire::http::Timeout=15', '-o', 'Acquire::Retries=1', ...args], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: Math.max(1, until - Date.now()),
    }).status === 0;
  const policy = !existsSync(POLICY);
  if (policy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    apt('update');
    // One by one: what cannot be had does not keep out the rest.
    for (const program of missing) apt('install', '-y', '--no-install-recommends', PACKAGES[program]);
  } finally {
    if (policy) rmSync(POLICY, { force: true });
  }
}
