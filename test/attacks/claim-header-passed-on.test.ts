// SM-12: a header that says who is connected cannot be one that clients are allowed to send.
import { expect, it } from 'vitest';
import { ConfigError } from '../../src/config/problem.ts';
import { startGateway } from '../support/gateway.ts';

/** What is wrong with a route that forwards the tenant in `X-Tenant` and passes these on. */
async function problemsWith(passHeaders: string[]): Promise<string[]> {
  const upstream = { url: 'ws://127.0.0.1:9', forward: { tenant: 'X-Tenant' }, passHeaders };
  const route = { name: 'chat', match: { path: '/chat' }, origins: 'none-required', identify: ['visitors'] };
  try {
    const running = await startGateway({ config: { routes: [{ ...route, upstream }] } });
    await running.stop();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((problem) => problem.path);
    throw error;
  }
}

// Visitors have no tenant: nothing is forwarded, and a client's own X-Tenant would have been all that the upstream sees.
it.each(['X-Tenant', 'x-tenant', 'X_TENANT'])('refuses to pass %s on', async (name) => {
  expect(await problemsWith(['cookie', name])).toEqual(['routes[0].upstream.passHeaders[1]']);
});

it('passes others on', async () => {
  expect(await problemsWith(['cookie', 'x-tenants'])).toEqual([]);
});
