// RO-05, RO-06
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createDevelopmentCa } from '../../src/edge/development-ca.ts';
import { createGateway } from '../../src/gateway.ts';

test('a configuration map that Kubernetes swaps is seen each time', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-swap-'));
  const at = (name: string): string => path.join(folder, name);
  const { cert, key } = await (await createDevelopmentCa()).issue({ dns: ['localhost'] });
  writeFileSync(at('cert.pem'), cert);
  writeFileSync(at('key.pem'), key, { mode: 0o600 });

  // As the kubelet does it: a new folder, a new link to it, and a rename of the link.
  const publish = (version: number): void => {
    mkdirSync(at(`..v${version}`));
    writeFileSync(at(`..v${version}/sallyport.yaml`), text(version));
    symlinkSync(`..v${version}`, at('..data_tmp'));
    renameSync(at('..data_tmp'), at('..data'));
  };
  publish(1);
  symlinkSync('..data/sallyport.yaml', at('sallyport.yaml'));

  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const gateway = await createGateway(at('sallyport.yaml'), { record: { destination: silent } });
  await gateway.listen();
  for (const version of [2, 3, 4]) {
    publish(version);
    await expect.poll(() => gateway.plan().routes[0]?.name, { timeout: 10_000 }).toBe(`v${version}`);
  }
  await gateway.close();
  rmSync(folder, { recursive: true });
}, 60_000);

const text = (version: number): string => `
listeners: { public: { address: 127.0.0.1:0, tls: { certificates: [{ cert: cert.pem, key: key.pem }] } } }
identities: { visitors: { anonymous: {} } }
routes:
  - name: v${version}
    match: { path: /chat }
    origins: none-required
    identify: [visitors]
    upstream: { url: ws://127.0.0.1:9 }
`;
