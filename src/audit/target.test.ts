import { describe, expect, it } from 'vitest';
import { resolveTarget } from './target.ts';

const here = (): Promise<string> => Promise.resolve('192.0.2.1');

describe('resolveTarget', () => {
  it.each([
    [
      'wss://ws.example.com',
      { port: 443, path: '/', authority: 'ws.example.com', serverName: 'ws.example.com' },
    ],
    ['wss://ws.example.com:8443/chat', { port: 8443, path: '/chat', authority: 'ws.example.com:8443' }],
    [
      'wss://[2001:db8::1]:8443/',
      { host: '2001:db8::1', authority: '[2001:db8::1]:8443', serverName: undefined },
    ],
    ['wss://192.0.2.7/', { host: '192.0.2.7', serverName: undefined }],
    ['wss://h/chat?ticket=s3cret#x', { path: '/chat?ticket=s3cret', url: 'wss://h/chat?…' }],
  ])('%s', async (text, expected) => {
    expect(await resolveTarget(text, here)).toMatchObject({ address: '192.0.2.1', ...expected });
  });

  it.each(['ws://h/', 'https://h/', 'h', '', 'wss://'])('%j is not a URL like that', async (text) => {
    await expect(resolveTarget(text, here)).rejects.toThrow(
      `${JSON.stringify(text)} is not a URL like wss://host/path`,
    );
  });

  it('takes no credential', async () => {
    await expect(resolveTarget('wss://ada:pw@h/', here)).rejects.toThrow('must not hold a credential');
  });

  it('says which host has no address', async () => {
    await expect(resolveTarget('wss://no-such-host.invalid/')).rejects.toThrow(
      /^no-such-host\.invalid has no address/,
    );
  });
});
