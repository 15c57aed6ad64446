import path from 'node:path';
import type { AdminOptions } from '../admin/admin-listener.ts';
import type { Token } from '../admin/tokens.ts';
import { readFault, readText } from '../config/files.ts';
import type { Loaded } from '../config/load.ts';
import { Placer } from '../config/placer.ts';
import { ConfigError } from '../config/problem.ts';

/** What the configuration says of the admin listener, with its files read; undefined if it has none. @throws ConfigError */
export function adminOptions(loaded: Loaded): AdminOptions | undefined {
  const { admin } = loaded.config;
  if (!admin) return undefined;
  const { address, hosts, token, metricsToken } = admin;
  const tokens: Token[] = [{ name: 'operator', value: token, access: 'operator' }];
  if (metricsToken !== undefined) tokens.push({ name: 'metrics', value: metricsToken, access: 'metrics' });
  return { address, hosts, tokens, ...(admin.tls && { tls: readPair(loaded, admin.tls) }) };
}

function readPair(loaded: Loaded, names: { cert: string; key: string }): { cert: string; key: string } {
  const placer = new Placer(loaded);
  const read = (which: 'cert' | 'key'): string => {
    try {
      return readText(path.resolve(loaded.directory, names[which]));
    } catch (error) {
      placer.fault(['admin', 'tls', which], `cannot read the file: ${readFault(error)}`);
      return '';
    }
  };
  const pair = { cert: read('cert'), key: read('key') };
  if (placer.problems.length > 0) throw new ConfigError(placer.problems);
  return pair;
}
