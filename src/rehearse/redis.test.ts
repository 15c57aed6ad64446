import { afterEach, expect, it, vi } from 'vitest';
import { startRedis } from './redis.ts';

afterEach(() => void vi.unstubAllEnvs());

it('says in one line that redis-server is not installed', async () => {
  vi.stubEnv('PATH', '/nowhere');
  await expect(startRedis('/tmp')).rejects.toThrow(
    /^this rehearsal needs redis-server, which is not installed/,
  );
});
