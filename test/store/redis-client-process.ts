import { parseRedisPlace } from '../../src/store/redis-place.ts';
import { RedisStore } from '../../src/store/redis-store.ts';

// A process that trusts what NODE_EXTRA_CA_CERTS names, which only the start of a process can say.

const place = parseRedisPlace(process.argv[2] ?? '');
if (typeof place === 'string') throw new Error(place);
const store = new RedisStore(place, { timeout: 5_000 });
await store.open();
process.stdout.write(store.trouble ?? 'well');
await store.close();
