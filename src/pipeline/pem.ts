import { X509Certificate } from 'node:crypto';
import { OptionsError, type RouteContext } from './context.ts';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const BEGIN = /-----BEGIN /g;

/** A file that is not the PEM it should be; the message is for the operator. */
export class PemError extends Error {
  override readonly name = 'PemError';
}

/**
 * All certificates of a PEM text, in order. A block that is cut off or damaged is an error: OpenSSL would take the
 * ones before it and say nothing.
 *
 * @throws PemError
 */
export function certificatesOf(text: string): X509Certificate[] {
  return blocksOf(text, 'CERTIFICATE').map((block, i) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new PemError(`certificate ${i + 1} cannot be read`);
    }
  });
}

/**
 * The PEM blocks with this label. Text between blocks is allowed, and blocks with other labels are passed over.
 *
 * @throws PemError if there is none, or one is cut off.
 */
export function blocksOf(text: string, label: string): string[] {
  const begun = text.match(BEGIN)?.length ?? 0;
  const whole = [...text.matchAll(BLOCK)];
  if (whole.length !== begun) throw new PemError('a PEM block is cut off or damaged');
  const blocks = whole.filter((match) => match[1] === label).map((match) => match[0]);
  if (blocks.length === 0) throw new PemError(`there is no ${label} in it`);
  return blocks;
}

/**
 * Reads the authorities that stand in place of the system's, as PEM: at least one, none cut off. Node would take an empty
 * text for "all public roots", and of a damaged one what comes before the damage.
 *
 * @throws OptionsError at this path
 */
export function readAuthorities(
  file: string,
  path: readonly string[],
  { read, resolve }: Pick<RouteContext, 'read' | 'resolve'>,
): string {
  const text = read(file);
  try {
    certificatesOf(text);
  } catch (error) {
    if (!(error instanceof PemError)) throw error;
    throw new OptionsError([{ path, message: error.message, file: resolve(file) }]);
  }
  return text;
}
