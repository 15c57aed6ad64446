import { describe, expect, it } from 'vitest';
import { canonicalName, hostOf } from './host.ts';

describe('hostOf', () => {
  it.each([
    ['ws.example.com', 'ws.example.com'],
    ['WS.Example.COM:8443', 'ws.example.com'],
    ['ws.example.com.', 'ws.example.com'],
    ['ws.example.com.:443', 'ws.example.com'],
    ['127.0.0.1:1', '127.0.0.1'],
    ['[::1]:443', '::1'],
    ['[2001:DB8:0:0::1]', '2001:db8::1'],
    ['[::ffff:10.0.0.1]', '10.0.0.1'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['under_score.example', 'under_score.example'],
    ['localhost:', 'localhost'],
  ])('reads %s', (field, host) => {
    expect(hostOf(field)).toBe(host);
  });

  it.each([
    '',
    '[',
    '[]',
    '[::1',
    '[g::1]',
    'a:b',
    'a:b:c',
    'a b',
    '%',
    'a%20b',
    'a/b',
    'user@a',
    '.a',
    'a..b',
    'a..',
    '-a',
    'a-',
    'a:65536',
    'a:123456',
    'a,b',
    '::1',
    '[fe80::1%eth0]',
    `${'a'.repeat(64)}.b`,
    'a.'.repeat(200),
    'x'.repeat(65_536),
  ])('refuses %j', (field) => {
    expect(hostOf(field)).toBeUndefined();
  });

  it('takes off one trailing dot and no more', () => {
    expect(canonicalName('A.B.')).toBe('a.b');
    expect(canonicalName('a.b..')).toBeUndefined();
  });
});
