import path from 'node:path';
import type { AdminOptions } from '../admin/admin-listener.ts';
import type { Token } from '../admin/tokens.ts';
import { readFault, readText } from '../config/files.ts';
import type { Loaded } from '../config/load.ts';
import { Placer } from '../config/placer.ts';
import { ConfigError } from '../config/problem.ts';
import { checkPair, PairError } from '../edge/certificates.ts';
import { OptionsError, type OptionsProblem } from '../pipeline/context.ts';

/** What the configuration says of the admin listener, with its files read; undefined if it has none. @throws ConfigError */
export function adminOptions(loaded: Loaded, now: number): AdminOptions | undefined {
  const { admin } = loaded.config;
  if (!admin) return undefined;
  const { address, hosts, token, metricsToken } = admin;
  const tokens: Token[] = [{ name: 'operator', value: token, access: 'operator' }];
  if (metricsToken !== undefined) tokens.push({ name: 'metrics', value: metricsToken, access: 'metrics' });
  if (!admin.tls) return { address, hosts, tokens };
  try {
    const tls = readAdminPair(admin.tls, (name) => path.resolve(loaded.directory, name), now);
    return { address, hosts, tokens, tls };
  } catch (error) {
    const placer = new Placer(loaded);
    placer.report(['admin'], error);
    throw new ConfigError(placer.problems);
  }
}

/**
 * Reads and checks the certificate of the admin listener, as those of the others are.
 *
 * @throws OptionsError with paths that begin behind `admin`.
 */
export function readAdminPair(
  names: { readonly cert: string; readonly key: string },
  resolve: (path: string) => string,
  now: number,
): { cert: string; key: string } {
  const problems: OptionsProblem[] = [];
  const fault = (which: 'cert' | 'key', message: string): void => {
    problems.push({ path: ['tls', which], message: `${names[which]}: ${message}` });
  };
  const read = (which: 'cert' | 'key'): string => {
    try {
      return readText(resolve(names[which]));
    } catch (error) {
      fault(which, `cannot read the file: ${readFault(error)}`);
      return '';
    }
  };
  const text = { label: names.cert, cert: read('cert'), key: read('key'), passphrase: undefined };
  if (problems.length > 0) throw new OptionsError(problems);
  try {
    return checkPair(text, now);
  } catch (error) {
    if (!(error instanceof PairError)) throw error;
    fault(error.file, error.message);
    throw new OptionsError(problems);
  }
}
