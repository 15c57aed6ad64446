import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { REFUSAL_CODES, REFUSALS } from '../errors.ts';
import { refuseUpgrade } from './respond.ts';

function refusal(code: (typeof REFUSAL_CODES)[number], retryAfter?: number) {
  const socket = new PassThrough();
  const write = vi.spyOn(socket, 'end');
  refuseUpgrade(socket, { code, ...(retryAfter !== undefined && { retryAfter }) });
  const text = String(write.mock.calls[0]?.[0]);
  socket.destroy();
  const [head = '', body] = text.split('\r\n\r\n');
  const [line, ...fields] = head.split('\r\n');
  return { line, body, fields: new Map(fields.map((field) => field.split(': ') as [string, string])) };
}

describe('a refusal', () => {
  it.each(REFUSAL_CODES)('for %s has its status, closes, and tells no more than the table', (code) => {
    const { line, body, fields } = refusal(code);
    expect(line).toMatch(new RegExp(`^HTTP/1.1 ${REFUSALS[code].status} [A-Za-z ]+$`));
    expect(fields.get('Connection')).toMatch(/\bclose$/);
    expect(body).toBe(`${REFUSALS[code].told}\n`);
    expect(Number(fields.get('Content-Length'))).toBe(body?.length);
    expect(fields.has('Retry-After')).toBe(REFUSALS[code].retryable);
  });

  it('says what its status owes', () => {
    expect(refusal('method_not_allowed').fields.get('Allow')).toBe('GET');
    expect(refusal('version_unsupported').fields.get('Sec-WebSocket-Version')).toBe('13');
    expect(refusal('upgrade_required').fields.get('Upgrade')).toBe('websocket');
    expect(refusal('credential_missing').fields.get('WWW-Authenticate')).toBe('Bearer');
  });

  it('spreads those who may come back, and no one comes earlier than told', () => {
    const waits = Array.from({ length: 200 }, () =>
      Number(refusal('draining', 5_400).fields.get('Retry-After')),
    );
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(6);
    expect(new Set(waits).size).toBeGreaterThan(3);
  });

  it('writes nothing into a socket that has ended, and destroys it', () => {
    const socket = new PassThrough();
    socket.end();
    refuseUpgrade(socket, { code: 'internal' });
    expect(socket.destroyed).toBe(true);
  });
});
