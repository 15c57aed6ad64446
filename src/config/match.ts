import type { RoutePlan } from '../pipeline/route.ts';

type Match = (host: string, path: string) => RoutePlan | undefined;

/**
 * Finds the route of a request: a host that routes name has those routes to itself before the ones for any host, and
 * in each an exact path comes before the longest prefix. A prefix `/ocpp/*` is what lies below `/ocpp/`, at least one
 * character; `/*` is everything.
 */
export function matcher(routes: readonly RoutePlan[]): Match {
  const named = new Map<string, RoutePlan[]>();
  for (const route of routes) {
    const host = route.host ?? '';
    named.set(host, [...(named.get(host) ?? []), route]);
  }
  const tables = new Map([...named].map(([host, group]) => [host, new PathTable(group)]));
  const any = tables.get('');
  return (host, path) => (host === '' ? undefined : tables.get(host)?.find(path)) ?? any?.find(path);
}

/** Routes by path. One look-up for all exact paths, one for each length a prefix has: the client's path decides nothing. */
class PathTable {
  readonly #exact = new Map<string, RoutePlan>();
  readonly #prefixes = new Map<string, RoutePlan>();
  /** Longest first. */
  readonly #lengths: readonly number[];

  constructor(routes: readonly RoutePlan[]) {
    for (const route of routes) {
      if (!route.path.endsWith('/*')) this.#exact.set(route.path, route);
      else this.#prefixes.set(route.path.slice(0, -1), route);
    }
    const lengths = new Set([...this.#prefixes.keys()].map((prefix) => prefix.length));
    this.#lengths = [...lengths].sort((a, b) => b - a);
  }

  find(path: string): RoutePlan | undefined {
    const exact = this.#exact.get(path);
    if (exact) return exact;
    for (const length of this.#lengths) {
      if (length > path.length || (length === path.length && length > 1)) continue;
      const found = this.#prefixes.get(path.slice(0, length));
      if (found) return found;
    }
    return undefined;
  }
}
