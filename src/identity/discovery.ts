import { type FetchLimits, fetchText, isSafeUrl } from './fetch.ts';
import { parseObject } from './strict-json.ts';

/** Why a provider's description of itself cannot be used. */
export class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError';
}

/** Where a provider describes itself (OpenID Connect Discovery 1.0 §4). */
export function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

/** Where a transmitter of security events describes itself (OpenID Shared Signals Framework 1.0 §7.2). */
export function transmitterUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/ssf-configuration${pathname.replace(/\/$/, '')}`;
}

/**
 * The URL of a provider's keys. What it says must name the very issuer that was asked (§4.3): else one provider could
 * speak for another.
 */
export async function discoverJwks(
  issuer: string,
  limits: FetchLimits,
  dangerouslyAllowHttp: boolean,
  description: string = discoveryUrl(issuer),
): Promise<string> {
  const text = await fetchText(description, limits);
  const document = parseObject(Buffer.from(text));
  if (!document) throw new DiscoveryError('the discovery document is not one JSON object');
  if (document.issuer !== issuer)
    throw new DiscoveryError('the discovery document names another issuer than the configuration');
  const { jwks_uri: jwks } = document;
  // Plain http is for an issuer on this very machine: one from elsewhere has no business at our loopback.
  const plain = dangerouslyAllowHttp || new URL(issuer).protocol === 'http:';
  if (typeof jwks !== 'string' || !isSafeUrl(jwks, dangerouslyAllowHttp) || !(plain || isHttps(jwks)))
    throw new DiscoveryError('the discovery document has no jwks_uri that is https');
  return jwks;
}

function isHttps(url: string): boolean {
  return new URL(url).protocol === 'https:';
}
