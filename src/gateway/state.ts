import path from 'node:path';
import type { Loaded } from '../config/load.ts';
import { Placer } from '../config/placer.ts';
import { ConfigError } from '../config/problem.ts';
import { RevocationFile } from '../store/revocation-file.ts';
import type { Services } from '../store/services.ts';

/** Takes up what another process kept; undefined where the configuration has no `state`. @throws ConfigError */
export async function openState(
  loaded: Loaded,
  { revocations }: Pick<Services, 'revocations'>,
): Promise<RevocationFile | undefined> {
  const { state } = loaded.config;
  if (!state) return undefined;
  try {
    return await RevocationFile.open(path.resolve(loaded.directory, state.directory), revocations);
  } catch (error) {
    const placer = new Placer(loaded);
    placer.fault(['state', 'directory'], error instanceof Error ? error.message : String(error));
    throw new ConfigError(placer.problems);
  }
}
