import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/store/clock.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { describeStore } from './store-suite.ts';

describeStore({
  name: 'memory',
  async open() {
    const store = new MemoryStore(systemClock);
    return { stores: [store, store], close: () => store.close() };
  },
});

describeStore({
  name: 'lmdb',
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-lmdb-'));
    const stores = [new LmdbStore(folder, systemClock), new LmdbStore(folder, systemClock)] as const;
    return {
      stores,
      async close() {
        for (const store of stores) await store.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
});
