import { describe, expect, it } from 'vitest';
import type { Handshake } from '../pipeline/handshake.ts';
import { targetOf } from './target.ts';

describe('targetOf', () => {
  it.each([
    ['ws://h', '/chat', '/chat', '', '/chat'],
    ['ws://h/', '/chat', '/chat', 'a=1', '/chat?a=1'],
    ['ws://h/socket', '/chat', '/chat', 'a=1', '/socket?a=1'],
    ['ws://h', '/ocpp/*', '/ocpp/CP1', '', '/ocpp/CP1'],
    ['ws://h/socket', '/ocpp/*', '/ocpp/CP1', '', '/socket/CP1'],
    ['ws://h/socket/', '/ocpp/*', '/ocpp/CP1', '', '/socket/CP1'],
    ['ws://h/socket', '/*', '/a/b', '', '/socket/a/b'],
  ])('%s for route %s and path %s?%s is asked for %s', (url, route, path, query, wanted) => {
    expect(targetOf(new URL(url), route, { path } as Handshake, query)).toBe(wanted);
  });
});
