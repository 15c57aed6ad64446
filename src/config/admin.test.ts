import { describe, expect, it } from 'vitest';
import { admin } from './admin.ts';

const TOKEN = '0123456789abcdef';
const problemsOf = (value: object) =>
  admin.safeParse({ token: TOKEN, ...value }).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('the admin listener', () => {
  it('is on loopback by default', () => {
    expect(admin.parse({ token: TOKEN }).address).toEqual({ host: '127.0.0.1', port: 9900 });
  });

  it.each(['127.0.0.1:9900', '127.9.9.9:1', '[::1]:9900', 'localhost:9900'])(
    'may be plain on %s',
    (address) => {
      expect(problemsOf({ address })).toEqual([]);
    },
  );

  it.each([
    '0.0.0.0:9900',
    '[::]:9900',
    '10.0.0.1:9900',
    '127.evil.example:9900',
    'localhost.example:1',
    '[::ffff:7f00:1]:1',
  ])('may not be plain on %s', (address) => {
    expect(problemsOf({ address })).toEqual(['address']);
    expect(problemsOf({ address, tls: { cert: 'a.pem', key: 'b.pem' } })).toEqual([]);
    expect(problemsOf({ address, dangerouslyWithoutTls: true })).toEqual([]);
  });

  it.each([undefined, '', 'short', 'with spaces in it here', 'with a line\nfeed in it'])(
    'takes no token like %j',
    (token) => {
      expect(new Set(problemsOf({ token }))).toEqual(new Set(['token']));
    },
  );

  it('keeps the two tokens apart', () => {
    expect(problemsOf({ metricsToken: TOKEN })).toEqual(['metricsToken']);
    expect(problemsOf({ metricsToken: `${TOKEN}0` })).toEqual([]);
  });
});
