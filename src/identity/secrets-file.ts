import type { OptionsProblem } from '../pipeline/context.ts';
import { isCleanText } from './claims.ts';
import { parseHash, type SecretHash } from './secret-hash.ts';

export interface SecretsFile {
  readonly hashes: ReadonlyMap<string, SecretHash>;
  readonly problems: readonly Omit<OptionsProblem, 'path'>[];
}

/**
 * Reads a file of hashed secrets: one `NAME:HASH` a line, the hash as `hashSecret` writes it; blank lines and those that
 * start with `#` are skipped. A name has no colon (RFC 7617 §2) and stands there once.
 */
export function parseSecretsFile(text: string): SecretsFile {
  const hashes = new Map<string, SecretHash>();
  const problems: { message: string; line: number }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const problem = readLine(line, hashes);
    if (problem) problems.push({ message: problem, line: index + 1 });
  }
  return { hashes, problems };
}

/** What is wrong with the line, which is never quoted: it may hold a secret that nobody hashed. */
function readLine(line: string, hashes: Map<string, SecretHash>): string | undefined {
  const colon = line.indexOf(':');
  const name = line.slice(0, colon);
  if (colon < 0 || !isCleanText(name)) return 'a line NAME:HASH';
  if (hashes.has(name)) return `${name} is there twice`;
  const hash = parseHash(line.slice(colon + 1));
  if (!hash) return `${name} has no hash like $scrypt$ln=15,r=8,p=1$SALT$KEY`;
  hashes.set(name, hash);
  return undefined;
}
