// Programs that some tests need as real peers. Installed from Debian's packages when missing and permitted.
import { spawnSync } from 'node:child_process';

/** Program → Debian package. */
const TOOLS = { openssl: 'openssl' };

function onPath(program) {
  return spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin" command -v ${program}`]).status === 0;
}

/** Programs that tests need and that are not here. */
export function missingTools() {
  return Object.keys(TOOLS).filter((program) => !onPath(program));
}

export function ensureTools() {
  const missing = missingTools();
  if (missing.length === 0) return;
  const packages = missing.map((program) => TOOLS[program]);
  process.stderr.write(`sallyport: installing ${packages.join(', ')} from Debian's packages …\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('sh', ['-c', `apt-get update -qq && apt-get install -y -qq ${packages.join(' ')}`], {
    stdio: 'ignore',
    env,
  });
}
