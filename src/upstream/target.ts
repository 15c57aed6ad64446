import type { Handshake } from '../pipeline/handshake.ts';

/**
 * The request target for the upstream. A URL without a path keeps the client's; with one, it stands for what the route
 * matched, and what lay behind a `/*` is added: `/ocpp/*` → `ws://host/socket` turns `/ocpp/CP1` into `/socket/CP1`.
 */
export function targetOf(url: URL, routePath: string, handshake: Handshake, query: string): string {
  const path = pathOf(url, routePath, handshake.path);
  return query === '' ? path : `${path}?${query}`;
}

function pathOf(url: URL, routePath: string, path: string): string {
  if (url.pathname === '' || url.pathname === '/') return path;
  if (!routePath.endsWith('/*')) return url.pathname;
  const base = url.pathname.endsWith('/') ? url.pathname.slice(0, -1) : url.pathname;
  return base + path.slice(routePath.length - 2);
}
