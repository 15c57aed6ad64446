/** A process of the generator: gets its part over IPC, says how it goes, and ends with its report. */
import path from 'node:path';
import { Generator, type Part } from './generator.ts';

/** How often it says how it goes, in milliseconds. */
const ROUND = 500;

const abort = new AbortController();
process.on('disconnect', () => process.exit(1));
process.on('SIGINT', () => {}); // the parent says what it means
process.on('message', (message: { readonly part: Part } | 'stop') => {
  if (message === 'stop') abort.abort();
  else void run(message.part);
});

async function run(part: Part): Promise<void> {
  try {
    const generator = new Generator(part, (name) => path.resolve(part.folder, name));
    let before = generator.tally.latency.copy();
    const timer = setInterval(() => {
      const { counts, latency } = generator.tally;
      const { answered, sent, lost } = counts;
      const p99 = latency.since(before).quantile(0.99) / 1_000;
      before = latency.copy();
      process.send?.({ progress: { open: generator.open, sent, answered, lost, p99 } });
    }, ROUND);
    const report = await generator.run(abort.signal);
    clearInterval(timer);
    process.send?.({ report }, () => process.exit(0));
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) }, () => process.exit(1));
  }
}
