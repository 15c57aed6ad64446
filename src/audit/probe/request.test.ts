import { describe, expect, it } from 'vitest';
import type { Login } from '../login.ts';
import type { Target } from '../target.ts';
import { type Change, upgradeRequest } from './request.ts';

const TARGET = { path: '/chat?a=1', authority: 'h:8443' } as Target;

function written(login: Partial<Login>, change: Change = {}): string {
  const whole: Login = {
    always: [['Origin', 'https://a']],
    token: undefined,
    place: { kind: 'header' },
    ...login,
  };
  const { bytes, key } = upgradeRequest(TARGET, whole, change);
  return bytes.toString('latin1').replace(key, 'KEY');
}

describe('upgradeRequest', () => {
  it('is right in every way', () => {
    expect(written({})).toBe(
      'GET /chat?a=1 HTTP/1.1\r\nHost: h:8443\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: KEY\r\n' +
        'Sec-WebSocket-Version: 13\r\nUser-Agent: sallyport-audit\r\nOrigin: https://a\r\n\r\n',
    );
  });

  it('is wrong as it is told', () => {
    const change: Change = {
      method: 'POST',
      target: '*',
      version: 'HTTP/1.0',
      fields: { Host: ['a', 'b'], Origin: null, 'User-Agent': null },
      lines: ['X : y'],
      rest: Buffer.from('body'),
    };
    const text = written({}, change);
    expect(text).toMatch(/^POST \* HTTP\/1\.0\r\nHost: a\r\nHost: b\r\nUpgrade/);
    expect(text).toMatch(/13\r\nX : y\r\n\r\nbody$/);
  });

  it.each([
    [{ kind: 'header' }, 'Authorization: Bearer t'],
    [{ kind: 'cookie', name: 'session' }, 'Cookie: session=t'],
    [{ kind: 'subprotocol' }, 'Sec-WebSocket-Protocol: bearer.t'],
    [{ kind: 'query', name: 'access_token' }, 'GET /chat?a=1&access_token=t HTTP/1.1'],
  ] as const)('puts the token where it belongs: %j', (place, line) => {
    expect(written({ token: 't', place })).toContain(`${line}\r\n`);
    expect(written({ token: 't', place }, { token: 'other' })).toContain(
      line.replace(/t( HTTP.*)?$/, 'other$1'),
    );
    expect(written({ token: 't', place }, { token: null })).not.toContain(line);
  });

  it('keeps the token when other subprotocols are offered', () => {
    const change = { fields: { 'Sec-WebSocket-Protocol': 'chat' } };
    expect(written({ token: 't', place: { kind: 'subprotocol' } }, change)).toContain(
      'Protocol: chat, bearer.t\r\n',
    );
  });
});
