import path from 'node:path';
import { Cluster } from '../cluster/cluster.ts';
import type { Holder } from '../cluster/holder.ts';
import { FolderWay, TlsWay, type Way } from '../cluster/ways.ts';
import { readFault, readText } from '../config/files.ts';
import type { Loaded } from '../config/load.ts';
import { Placer } from '../config/placer.ts';
import { ConfigError } from '../config/problem.ts';
import { checkPair, PairError } from '../edge/certificates.ts';
import { certificatesOf } from '../pipeline/pem.ts';
import type { WorkerRole } from './role.ts';

/** The other processes of this gateway, as the configuration names them; undefined if there are none. @throws ConfigError */
export function clusterOf(loaded: Loaded, holder: Holder, role: WorkerRole | undefined): Cluster | undefined {
  const ways: Way[] = role ? [new FolderWay(role.folder, holder.services.node)] : [];
  const { cluster } = loaded.config;
  if (cluster) {
    const { address, advertise } = cluster;
    const papers = () => papersOf(loaded, cluster, holder.services.clock.now());
    papers();
    const port = address.port === 0 ? 0 : address.port + (role?.number ?? 1) - 1;
    ways.push(new TlsWay({ host: address.host, port, advertise, papers }));
  }
  return ways.length === 0 ? undefined : new Cluster(holder, ways);
}

type Files = NonNullable<Loaded['config']['cluster']>;

/** Reads and checks what a node proves itself with. @throws ConfigError */
function papersOf(loaded: Loaded, files: Files, now: number) {
  const placer = new Placer(loaded);
  const read = (which: 'cert' | 'key' | 'ca'): string => {
    try {
      return readText(path.resolve(loaded.directory, files[which]));
    } catch (error) {
      placer.fault(['cluster', which], `cannot read the file: ${readFault(error)}`);
      return '';
    }
  };
  const [cert, key, ca] = [read('cert'), read('key'), read('ca')];
  if (placer.problems.length === 0) {
    try {
      // An authority of nobody would be everybody's: Node takes an empty one for all that are public.
      certificatesOf(ca);
      const pair = checkPair({ label: files.cert, cert, key, passphrase: undefined }, now);
      return { ...pair, ca };
    } catch (error) {
      const which = error instanceof PairError ? error.file : 'ca';
      placer.fault(['cluster', which], error instanceof Error ? error.message : String(error));
    }
  }
  throw new ConfigError(placer.problems);
}
