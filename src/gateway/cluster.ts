import path from 'node:path';
import { Cluster } from '../cluster/cluster.ts';
import type { Holder } from '../cluster/holder.ts';
import { FolderWay, type Papers, TlsWay, type Way } from '../cluster/ways.ts';
import { readFault, readText } from '../config/files.ts';
import type { Loaded } from '../config/load.ts';
import { Placer } from '../config/placer.ts';
import { ConfigError } from '../config/problem.ts';
import { checkPair, PairError } from '../edge/certificates.ts';
import { OptionsError } from '../pipeline/context.ts';
import { certificatesOf, PemError } from '../pipeline/pem.ts';
import type { WorkerRole } from './role.ts';

/** The other processes of this gateway, as the configuration names them; undefined if there are none. @throws ConfigError */
export function clusterOf(loaded: Loaded, holder: Holder, role: WorkerRole | undefined): Cluster | undefined {
  const { node, clock } = holder.services;
  const ways: Way[] = role ? [new FolderWay(role.folder, node)] : [];
  const { cluster } = loaded.config;
  if (cluster) {
    const { address, advertise } = cluster;
    const papers = () => readPapers(cluster, (name) => path.resolve(loaded.directory, name), clock.now());
    const placer = new Placer(loaded);
    placer.attempt(['cluster'], papers);
    if (placer.problems.length > 0) throw new ConfigError(placer.problems);
    const port = address.port === 0 ? 0 : address.port + (role?.number ?? 1) - 1;
    ways.push(new TlsWay({ host: address.host, port, advertise, papers }));
  }
  return ways.length === 0 ? undefined : new Cluster(holder, ways);
}

/**
 * Reads and checks what a node proves itself with.
 *
 * @throws OptionsError with paths that begin behind `cluster`.
 */
export function readPapers(
  names: Readonly<Record<keyof Papers, string>>,
  resolve: (path: string) => string,
  now: number,
): Papers {
  const fault = (which: keyof Papers, message: string): never => {
    throw new OptionsError([{ path: [which], message: `${names[which]}: ${message}` }]);
  };
  const read = (which: keyof Papers): string => {
    try {
      return readText(resolve(names[which]));
    } catch (error) {
      return fault(which, `cannot read the file: ${readFault(error)}`);
    }
  };
  const ca = read('ca');
  try {
    certificatesOf(ca); // Node takes an authority that is empty for all that are public
    const { cert, key } = checkPair(
      { label: names.cert, cert: read('cert'), key: read('key'), passphrase: undefined },
      now,
    );
    return { cert, key, ca };
  } catch (error) {
    if (error instanceof PairError) return fault(error.file, error.message);
    if (error instanceof PemError) return fault('ca', error.message);
    throw error;
  }
}
