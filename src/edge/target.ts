/** A request target in normal form. */
export interface Target {
  /** Starts with `/`. */
  readonly path: string;
  /** Without the `?`; empty if there was none. */
  readonly query: string;
}

/** pchar of RFC 3986 §3.3, and the slash between segments. Everything else must come percent-encoded. */
const PATH = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;

/** The query of RFC 3986 §3.4, and what browsers leave as it is (URL Standard, the query percent-encode set). */
const QUERY = /^(?:[!$&'()*+,\-./0-9:;=?@A-Za-z_~[\]\\^`{|}]|%[0-9A-Fa-f]{2})*$/;

const UNRESERVED = /^[A-Za-z0-9\-._~]$/;

/**
 * Reads an origin-form target (RFC 9112 §3.2.1) into its one normal form: percent-encodings of unreserved characters
 * are decoded, all others are in upper case. Whatever two readers might take for two different paths is refused, not
 * repaired: dot segments, empty segments, encoded slashes, backslashes and controls, bytes that are not UTF-8, and
 * every other form of target. Matrix parameters and the case of letters are kept: they mean what the upstream says.
 *
 * @returns the target, or what is wrong with it.
 */
export function readTarget(url: string): Target | string {
  const mark = url.indexOf('?');
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? '' : url.slice(mark + 1);
  if (!rawPath.startsWith('/')) return 'the target is not a path';
  if (!PATH.test(rawPath)) return 'the path has a character that must be percent-encoded';
  if (!QUERY.test(query)) return 'the query has a character that must be percent-encoded';
  const path = rawPath.includes('%') ? canonical(rawPath) : rawPath;
  if (path === undefined) return 'the path hides a slash, a backslash, a control or bytes that are not UTF-8';
  if (path.includes('//')) return 'the path has an empty segment';
  if (/\/\.{1,2}(?:[/;]|$)/.test(path)) return 'the path has a dot segment';
  return { path, query };
}

function canonical(path: string): string | undefined {
  if (/%(?:2f|5c|[01][0-9a-f]|7f)/i.test(path)) return undefined;
  try {
    decodeURIComponent(path);
  } catch {
    return undefined;
  }
  return path.replace(/%[0-9A-Fa-f]{2}/g, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return UNRESERVED.test(character) ? character : encoded.toUpperCase();
  });
}
