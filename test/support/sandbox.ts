import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { hashSecret } from '../../src/identity/secret-hash.ts';

/** A folder with every file that the configurations in the documents name, and nothing else. */
export interface Sandbox {
  readonly folder: string;
  write(name: string, text: string): string;
  remove(): void;
}

/** Certificates for localhost and the hosts in the documents, a CA with its list for devices, schemas, and secrets. */
export async function createSandbox(): Promise<Sandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-docs-'));
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const [ca, devices] = await Promise.all([createDevelopmentCa(), createDevelopmentCa('Devices')]);
  const { cert, key } = await ca.issue({ dns: ['localhost', 'ws.example.com'] });
  for (const place of ['', 'certs/']) {
    write(`${place}cert.pem`, cert);
    write(`${place}key.pem`, key);
  }
  write('certs/devices-ca.pem', devices.cert);
  write('certs/devices.crl', await devices.revoke([]));
  write('secrets', `meter-1:${await hashSecret('a secret', 10)}\n`);
  return { folder, write, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
