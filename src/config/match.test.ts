import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RoutePlan } from '../pipeline/route.ts';
import { matcher } from './match.ts';

const route = (path: string, host?: string): RoutePlan =>
  ({ name: `${host ?? '*'} ${path}`, path, host }) as RoutePlan;

const match = matcher([
  route('/*'),
  route('/chat'),
  route('/ocpp/*'),
  route('/ocpp/v2/*'),
  route('/ocpp/v2/special'),
  route('/*', 'a.example'),
  route('/chat', 'a.example'),
  route('/only', 'b.example'),
]);

test.each([
  ['x.example', '/chat', '* /chat'],
  ['x.example', '/chat/', '* /*'],
  ['x.example', '/chat2', '* /*'],
  ['x.example', '/', '* /*'],
  ['x.example', '/ocpp', '* /*'],
  ['x.example', '/ocpp/', '* /*'],
  ['x.example', '/ocpp/CP1', '* /ocpp/*'],
  ['x.example', '/ocpp/v2', '* /ocpp/*'],
  ['x.example', '/ocpp/v2/CP1', '* /ocpp/v2/*'],
  ['x.example', '/ocpp/v2/special', '* /ocpp/v2/special'],
  ['x.example', '/ocppx/CP1', '* /*'],
  ['a.example', '/chat', 'a.example /chat'],
  ['a.example', '/ocpp/CP1', 'a.example /*'],
  ['b.example', '/only', 'b.example /only'],
  ['b.example', '/chat', '* /chat'],
  ['', '/chat', '* /chat'],
])('%s %s takes %s', (host, path, expected) => {
  expect(match(host, path)?.name).toBe(expected);
});

test('where nothing matches there is no route', () => {
  const few = matcher([route('/chat', 'a.example'), route('/ocpp/*')]);
  for (const [host, path] of [
    ['b.example', '/chat'],
    ['a.example', '/chat/x'],
    ['a.example', '/ocpp/'],
    ['toString', '__proto__'],
  ])
    expect(few(host!, path!)).toBeUndefined();
});

test('agrees with reading the list from the most to the least specific', () => {
  const segment = fc.constantFrom('a', 'b', 'c');
  const path = fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
  const prefix = path.map((text) => (text === '/' ? '/*' : `${text}/*`));
  const pattern = fc.record({ path: fc.oneof(path, prefix), host: fc.constantFrom(undefined, 'h1', 'h2') });
  const patterns = fc.uniqueArray(pattern, {
    maxLength: 12,
    selector: ({ path, host }) => `${host} ${path}`,
  });
  fc.assert(
    fc.property(patterns, fc.constantFrom('h1', 'h2', 'h3'), path, (all, host, asked) => {
      const routes = all.map((each) => route(each.path, each.host));
      expect(matcher(routes)(host, asked)?.name).toBe(byTheBook(routes, host, asked)?.name);
    }),
  );
});

function byTheBook(routes: readonly RoutePlan[], host: string, path: string): RoutePlan | undefined {
  const matching = routes.filter((each) => {
    const below = each.path.slice(0, -1);
    const hit = each.path.endsWith('/*')
      ? path.startsWith(below) && (path.length > below.length || below === '/')
      : each.path === path;
    return hit && (each.host === undefined || each.host === host);
  });
  const rank = (each: RoutePlan): number =>
    (each.host ? 10_000 : 0) + (each.path.endsWith('/*') ? each.path.length : 1_000);
  return matching.sort((x, y) => rank(y) - rank(x))[0];
}
