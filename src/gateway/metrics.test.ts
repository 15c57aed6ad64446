import { expect, it } from 'vitest';
import type { RoutePlan } from '../pipeline/route.ts';
import { sessionsByRoute } from './metrics.ts';

it('counts the sessions of every route, of those that are gone from the plan too', () => {
  const routes = [{ name: 'chat' }, { name: 'feed' }] as RoutePlan[];
  const sessions = ['chat', 'removed', 'chat', 'removed'].map((route) => ({ route }));
  expect([...sessionsByRoute({ routes }, sessions)]).toEqual([
    ['chat', 2],
    ['feed', 0],
    ['removed', 2],
  ]);
  expect(sessionsByRoute({ routes }, []).has('removed')).toBe(false);
});
