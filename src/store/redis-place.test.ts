import { describe, expect, it } from 'vitest';
import { parseRedisPlace } from './redis-place.ts';

const at = (host: string, port: number) => ({ host, port });
const plain = { form: 'server', tls: false, database: 0 };

describe('parseRedisPlace', () => {
  it.each([
    ['redis://127.0.0.1', { ...plain, nodes: [at('127.0.0.1', 6_379)] }],
    ['redis://redis.internal:7000/3', { ...plain, database: 3, nodes: [at('redis.internal', 7_000)] }],
    ['rediss://[::1]:6380', { ...plain, tls: true, nodes: [at('::1', 6_380)] }],
    ['redis://h?timeout=2000', { ...plain, timeout: 2_000, nodes: [at('h', 6_379)] }],
    ['redis://:p%40ss@h', { ...plain, password: 'p@ss', nodes: [at('h', 6_379)] }],
    ['redis://gate:a%3Ab@h', { ...plain, username: 'gate', password: 'a:b', nodes: [at('h', 6_379)] }],
    [
      'redis+cluster://a,b:1,[::2]:3',
      { ...plain, form: 'cluster', nodes: [at('a', 6_379), at('b', 1), at('::2', 3)] },
    ],
    [
      'rediss+sentinel://u:p@a,b:2/4?name=main&sentinelPassword=s%20t',
      {
        form: 'sentinel',
        tls: true,
        database: 4,
        username: 'u',
        password: 'p',
        name: 'main',
        sentinelPassword: 's t',
        nodes: [at('a', 26_379), at('b', 2)],
      },
    ],
  ])('reads %s', (text, place) => {
    expect(parseRedisPlace(text)).toEqual(place);
  });

  it.each([
    ['', /is not a URL/],
    ['localhost:6379', /is not a URL/],
    ['http://h', /is not a URL/],
    ['redis+socket://h', /is not a URL/],
    ['redis://u:secret@', /is not a URL/],
    ['redis://secret@a@b', /is not a URL/],
    ['redis://h:0', /has a host that is not/],
    ['redis://h:65536', /has a host that is not/],
    ['redis://a,,b', /has a host that is not/],
    ['redis://a,b', /names several hosts/],
    [`redis+cluster://${'a,'.repeat(32)}a`, /names more than 32 hosts/],
    ['redis+cluster://a/1', /names a database/],
    ['redis+sentinel://a', /must say what the sentinels call/],
    ['redis://h?timeout=1', /has a timeout that is not/],
    ['redis://h?timeout=soon', /has a timeout that is not/],
    ['redis://h?name=main', /does not know the parameter "name"/],
    ['redis://u:%zz-secret@h', /begins no escape/],
  ])('has a sentence for %s, without what may be a password', (text, words) => {
    const said = parseRedisPlace(text);
    expect(said).toMatch(words);
    expect(said).not.toContain('secret');
  });
});
