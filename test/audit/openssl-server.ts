import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';

/** Whether this machine has the command: it is not a part of Node. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** Starts `openssl s_server` with these options on a port of its own; it speaks TLS, and takes whatever is said. */
export async function startOpensslServer(
  options: readonly string[],
): Promise<{ port: number; ca: string; stop(): void }> {
  const ca = await createDevelopmentCa();
  const { cert, key } = await ca.issue({ dns: ['localhost'] });
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-openssl-'));
  const file = join(folder, 'pair.pem');
  writeFileSync(file, cert + key);
  const server = spawn('openssl', ['s_server', '-accept', '0', '-cert', file, ...options], {
    stdio: ['pipe', 'pipe', 'ignore'], // it ends with its input,
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.on('exit', () => reject(new Error('openssl s_server ended')));
    let said = '';
    server.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [, found] = /ACCEPT .*:(\d+)/.exec(said) ?? [];
      if (found) resolve(Number(found));
    });
  });
  return {
    port,
    ca: ca.cert,
    stop() {
      server.removeAllListeners('exit').kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
