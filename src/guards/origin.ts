import { domainToASCII } from 'node:url';
import { z } from 'zod';
import type { Candidate } from '../pipeline/connection.ts';
import { OptionsError } from '../pipeline/context.ts';
import { guardKind } from '../pipeline/guard.ts';
import { PASS, refuse, type Verdict } from '../pipeline/verdict.ts';

/** Longest Origin that is looked at, in characters. */
const MAX_LENGTH = 512;
const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['http', '80'],
  ['https', '443'],
]);

const ORIGINS =
  'origins: a list of `https://app.example.com` (`https://*.example.com` stands for one label), `null` and `absent`, or none-required';

const origins = z
  .union([z.literal('none-required'), z.array(z.string()).min(1)], { error: ORIGINS })
  .describe(ORIGINS);

/**
 * Whose pages may open this route (RFC 6455 section 10.2, RFC 6454). Exact comparison in canonical form: scheme and host
 * in lower case, a default port left out. `https://*.example.com` stands for exactly one label. A route that any page and
 * any program may open says `none-required`; `null` and an absent Origin pass only where the list names them.
 */
export const origin = guardKind({
  name: 'origin',
  options: {
    origins,
    dangerouslyAllowCrossSiteCookies: z
      .boolean()
      .optional()
      .describe('Let listed origins of other sites in although an identity of the route reads cookies.'),
  },

  create(options, { readsCookie }) {
    const listed = options.origins;
    if (listed === undefined) fail(['origins'], `is missing; ${ORIGINS}`);
    if (listed === 'none-required') {
      if (readsCookie)
        fail(['origins'], 'an identity of this route reads cookies, so its origins must be listed');
      return undefined;
    }
    const allowed = compile(listed, readsCookie);
    const sameSite = readsCookie && options.dangerouslyAllowCrossSiteCookies !== true;
    return {
      onUpgrade: (candidate) => judge(candidate, allowed, sameSite),
    };
  },
});

/** The listed origins in canonical form. */
interface Allowed {
  readonly exact: ReadonlySet<string>;
  /** Canonical, with `*` for the first label. */
  readonly wild: ReadonlySet<string>;
  readonly opaque: boolean;
  readonly absent: boolean;
}

function judge({ handshake }: Candidate, allowed: Allowed, sameSite: boolean): Verdict {
  // A browser says this itself, and no script can change it (Fetch Metadata section 2.4).
  if (sameSite && handshake.headers.get('sec-fetch-site') === 'cross-site') {
    return refuse('origin_denied', 'another site opens a route that reads cookies');
  }
  const sent = handshake.origin;
  if (sent === undefined) return allowed.absent ? PASS : refuse('origin_denied', 'there is no Origin');
  if (sent === 'null') return allowed.opaque ? PASS : refuse('origin_denied', 'the Origin is null');
  const canonical = canonicalOrigin(sent);
  if (canonical === undefined) return refuse('origin_denied', 'the Origin is not one origin');
  if (allowed.exact.has(canonical)) return PASS;
  if (allowed.wild.size > 0 && allowed.wild.has(withoutFirstLabel(canonical))) return PASS;
  return refuse('origin_denied', 'the Origin is not listed');
}

/**
 * An origin as RFC 6454 section 6.2 serializes it, in ASCII, with scheme and host in lower case and no default port;
 * undefined for anything else. A host that the URL parser would rewrite (`0x7f.1`) is not taken for what it becomes.
 */
export function canonicalOrigin(sent: string): string | undefined {
  if (sent.length > MAX_LENGTH) return undefined;
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i.exec(sent);
  if (!parts) return undefined;
  const scheme = parts[1]!.toLowerCase();
  const host = parts[2]!.toLowerCase();
  const port = parts[3];
  if (port !== undefined && Number(port) > 65_535) return undefined;
  if (DEFAULT_PORTS.has(scheme) && domainToASCII(host) !== host) return undefined;
  return `${scheme}://${host}${port === undefined || port === DEFAULT_PORTS.get(scheme) ? '' : `:${port}`}`;
}

function withoutFirstLabel(canonical: string): string {
  return canonical.replace(/:\/\/[^.]+\./, '://*.');
}

function compile(listed: readonly string[], readsCookie: boolean): Allowed {
  const exact = new Set<string>();
  const wild = new Set<string>();
  listed.forEach((text, i) => {
    const path = ['origins', i];
    if (text === 'null' || text === 'absent') {
      if (readsCookie)
        fail(path, `an identity of this route reads cookies, so ${text} cannot stand for an origin`);
      return;
    }
    if (text === '*') fail(path, '`*` is not an origin; a route that any page may open says none-required');
    const wildcard = /^([^:/]+:\/\/)\*\.(.+)$/.exec(text);
    const canonical = canonicalOrigin(toASCII(wildcard ? `${wildcard[1]}${wildcard[2]}` : text));
    if (!canonical) fail(path, `${JSON.stringify(text)} is not an origin like https://app.example.com`);
    if (!wildcard) exact.add(canonical);
    else if (/:\/\/[^.]+\.[^.]/.test(canonical)) wild.add(canonical.replace('://', '://*.'));
    else fail(path, `${JSON.stringify(text)} would cover a whole top-level domain`);
  });
  return { exact, wild, opaque: listed.includes('null'), absent: listed.includes('absent') };
}

/** A host that was written in Unicode, as browsers send it (RFC 5891). */
function toASCII(text: string): string {
  const parts = /^([^:/]+:\/\/)([^:/?#@\\%\s]+)(:\d+)?$/.exec(text);
  return parts ? `${parts[1]}${domainToASCII(parts[2]!) || parts[2]}${parts[3] ?? ''}` : text;
}

function fail(path: readonly (string | number)[], message: string): never {
  throw new OptionsError([{ path, message }]);
}
