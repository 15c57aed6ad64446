/** The gateway as a contender: takes a configuration file, prints its port, collects garbage when sent a message. */
import { createGateway } from 'sallyport';

const [file] = process.argv.slice(2) as [string];
const gateway = await createGateway(file, { watch: false, record: { level: 'warn', destination: 2 } });
await gateway.listen();

process.on('message', () => {
  globalThis.gc?.();
  process.send?.('collected');
});
console.log(gateway.address('public').port);
