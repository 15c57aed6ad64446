import type { AdminConfig } from '../config/admin.ts';
import type { AdminOptions } from './admin-listener.ts';
import type { Token } from './tokens.ts';

/** What the configuration asks for. `read` returns the text of a file named relative to the configuration. */
export function optionsOf(config: AdminConfig, read: (path: string) => string): AdminOptions {
  const { address, token, metricsToken, hosts, tls } = config;
  const tokens: Token[] = [{ name: 'admin', value: token, access: 'operator' }];
  if (metricsToken !== undefined) tokens.push({ name: 'metrics', value: metricsToken, access: 'metrics' });
  return { address, tokens, hosts, ...(tls && { tls: { cert: read(tls.cert), key: read(tls.key) } }) };
}
