import { systemClock } from '../../src/store/clock.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';

// Another process at the same folder: adds to one sum, without end or so many times.

const [folder = '', times = 'Infinity'] = process.argv.slice(2);
const store = new LmdbStore(folder, systemClock, { timeout: 30_000 });
for (let i = 0; i < Number(times); i++) {
  const sum = await store.increment('sum', 1);
  if (i % 50 === 0) process.stdout.write(`${sum}\n`);
}
await store.close();
