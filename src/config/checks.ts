import { nearest } from './nearest.ts';
import type { ConfigPath } from './problem.ts';

/** A fault between parts that each are right by themselves. */
export interface Conflict {
  readonly path: ConfigPath;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly nearest?: string | undefined;
}

/**
 * What one part of the configuration asks of another. These look at the values as written, whatever else is wrong
 * with them, so that every fault is reported at once.
 */
export function conflictsOf(value: unknown): Conflict[] {
  return CHECKS.flatMap((check) => check(value));
}

type Check = (value: unknown) => Conflict[];

const identitiesExist: Check = (value) => {
  const known = Object.keys(mapping(get(value, 'identities')));
  return [...identifiers(value), ...spokenFor(value)]
    .filter(({ name }) => !known.includes(name))
    .map(({ path, name }) => ({
      path,
      message: 'there is no identity of this name',
      expected: known.length > 0 ? `one of ${known.join(', ')}` : undefined,
      nearest: nearest(name, known),
    }));
};

const identitiesOnce: Check = (value) =>
  routes(value).flatMap(({ route, path }) =>
    repeated(list(get(route, 'identify')), (name) => name as string).map(([index]) => ({
      path: [...path, 'identify', index],
      message: 'this identity was asked already',
    })),
  );

const anonymousLast: Check = (value) =>
  routes(value).flatMap(({ route, path }) => {
    const names = list(get(route, 'identify'));
    const at = names.findIndex((name) => kindOf(value, name) === 'anonymous');
    if (at < 0 || at === names.length - 1) return [];
    return [
      {
        path: [...path, 'identify', at + 1],
        message: 'is never asked: the anonymous identity before it lets everyone in',
      },
    ];
  });

const certificatesAsked: Check = (value) => {
  const doors = Object.values(mapping(get(value, 'listeners')));
  if (doors.some((door) => get(get(door, 'tls'), 'clientCertificates') !== undefined)) return [];
  return identifiers(value)
    .filter(({ name }) => kindOf(value, name) === 'certificate')
    .map(({ path }) => ({
      path,
      message: 'no listener asks for client certificates, so nobody can have this identity',
      expected: 'tls.clientCertificates on a listener',
    }));
};

const issuersOnce: Check = (value) => {
  const all = Object.entries(mapping(get(value, 'signals')));
  return repeated(all, ([, each]) => get(each, 'issuer')).map(([index, first]) => ({
    path: ['signals', all[index]![0], 'issuer'],
    message: `signals.${all[first]![0]} has this issuer already`,
  }));
};

const namesOnce: Check = (value) => {
  const all = routes(value);
  return repeated(all, ({ route }) => get(route, 'name')).map(([index, first]) => ({
    path: [...all[index]!.path, 'name'],
    message: `another route (number ${first + 1}) has this name`,
  }));
};

const matchesOnce: Check = (value) => {
  const all = routes(value);
  return repeated(all, ({ route }) => matchText(get(route, 'match'))).map(([index, first]) => ({
    path: [...all[index]!.path, 'match'],
    message: `another route (number ${first + 1}) matches the same host and path, so this one is never taken`,
  }));
};

const protocolsOnce: Check = (value) =>
  routes(value).flatMap(({ route, path }) =>
    repeated(list(get(route, 'protocols')), (item) =>
      typeof item === 'string' ? item : get(item, 'name'),
    ).map(([index]) => ({
      path: [...path, 'protocols', index],
      message: 'this subprotocol stands here already',
    })),
  );

const addressesOnce: Check = (value) => {
  const doors = Object.keys(mapping(get(value, 'listeners'))).map((name) => ['listeners', name, 'address']);
  const places = get(value, 'admin') === undefined ? doors : [...doors, ['admin', 'address']];
  return repeated(places, (path) => {
    const text = path.reduce<unknown>(get, value);
    return typeof text === 'string' && !text.endsWith(':0') ? text : undefined;
  }).map(([index, first]) => ({
    path: places[index]!,
    message: `${places[first]!.slice(0, -1).join('.')} has this address already`,
  }));
};

/**
 * A header that tells the upstream who is connected is left out where there is nothing to tell: a client's own must not
 * stand in. Many backends read `_` in a header's name as `-`.
 */
const forwardedAlone: Check = (value) =>
  routes(value).flatMap(({ route, path }) => {
    const upstream = get(route, 'upstream');
    const claimed = Object.values(mapping(get(upstream, 'forward'))).map(headerKey);
    return list(get(upstream, 'passHeaders')).flatMap((name, index) => {
      if (typeof name !== 'string' || !claimed.includes(headerKey(name))) return [];
      return [
        {
          path: [...path, 'upstream', 'passHeaders', index],
          message: 'the gateway says who is connected in this header, so a client must not send it',
        },
      ];
    });
  });

/** Nodes find each other in what they share. */
const clusterShares: Check = (value) =>
  get(value, 'cluster') === undefined || get(get(value, 'state'), 'redis') !== undefined
    ? []
    : [{ path: ['cluster'], message: 'nodes find each other by `state.redis`, which is not there' }];

function headerKey(name: unknown): string {
  return String(name).toLowerCase().replaceAll('_', '-');
}

const CHECKS: readonly Check[] = [
  identitiesExist,
  identitiesOnce,
  anonymousLast,
  certificatesAsked,
  issuersOnce,
  namesOnce,
  matchesOnce,
  protocolsOnce,
  addressesOnce,
  forwardedAlone,
  clusterShares,
];

/** Indexes of items whose key was there before, each with the index of the first. Items without a text key count not. */
function repeated<T>(items: readonly T[], keyOf: (item: T) => unknown): [index: number, first: number][] {
  const seen = new Map<string, number>();
  return items.flatMap((item, index): [number, number][] => {
    const key = keyOf(item);
    if (typeof key !== 'string') return [];
    const first = seen.get(key);
    if (first !== undefined) return [[index, first]];
    seen.set(key, index);
    return [];
  });
}

function routes(value: unknown): { route: unknown; path: ConfigPath }[] {
  return list(get(value, 'routes')).map((route, index) => ({ route, path: ['routes', index] }));
}

/** Every name in every `identify`. */
function identifiers(value: unknown): { path: ConfigPath; name: string }[] {
  return routes(value).flatMap(({ route, path }) =>
    list(get(route, 'identify')).flatMap((name, index) =>
      typeof name === 'string' ? [{ path: [...path, 'identify', index], name }] : [],
    ),
  );
}

/** Every identity that a transmitter of security events may speak for. */
function spokenFor(value: unknown): { path: ConfigPath; name: string }[] {
  return Object.entries(mapping(get(value, 'signals'))).flatMap(([signal, each]) =>
    list(get(get(each, 'subjects'), 'identities')).flatMap((name, index) =>
      typeof name === 'string' ? [{ path: ['signals', signal, 'subjects', 'identities', index], name }] : [],
    ),
  );
}

/** The kind of the identity of this name. */
function kindOf(value: unknown, name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  return Object.keys(mapping(get(get(value, 'identities'), name)))[0];
}

function matchText(match: unknown): string | undefined {
  const path = get(match, 'path');
  return typeof path === 'string' ? `${String(get(match, 'host') ?? '*')} ${path}` : undefined;
}

function get(value: unknown, key: string): unknown {
  const all = mapping(value);
  return Object.hasOwn(all, key) ? all[key] : undefined;
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMapping ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
