/** The least that Node can do: TLS in, TCP out, bytes passed on unseen. Takes the upstream's port, certificate and key. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createServer } from 'node:tls';

const [upstream, cert, key] = process.argv.slice(2) as [string, string, string];

const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (client) => {
  const backend = connect(Number(upstream), '127.0.0.1');
  client.setNoDelay(true);
  backend.setNoDelay(true);
  client.pipe(backend).pipe(client);
  client.on('error', () => backend.destroy());
  backend.on('error', () => client.destroy());
});

server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port));
process.on('message', () => {
  globalThis.gc?.();
  process.send?.('collected');
});
