import { describe, expect, it } from 'vitest';
import { strictTransportFor } from './strict-transport.ts';

const TWO_YEARS = 730 * 86_400_000;
const to = (servername: string | false): { servername: string | false } => ({ servername });

describe('Strict-Transport-Security', () => {
  it('is in seconds, for the name that TLS was asked for', () => {
    expect(strictTransportFor(to('ws.example.com'), TWO_YEARS)).toBe('max-age=63072000');
    expect(strictTransportFor(to('ws.example.com'), 0)).toBe('max-age=0'); // browsers forget, RFC 6797 §6.1.1
    expect(strictTransportFor(to('ws.example.com'), 'none')).toBe('');
  });

  it.each([false, '', 'localhost', 'LOCALHOST.', 'app.localhost'])('is nothing for %s', (name) => {
    expect(strictTransportFor(to(name as string | false), TWO_YEARS)).toBe('');
  });
});
