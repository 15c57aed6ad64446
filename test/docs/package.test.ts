import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { documents } from '../support/markdown.ts';

// What package.json says is published is there, and what the documents import is published.

interface Entry {
  readonly types: string;
  readonly default: string;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Entry>>;
  readonly files: readonly string[];
  readonly engines: { readonly node: string };
};

/** What the build makes `dist/x.js` and `dist/x.d.ts` from. */
const sourceOf = (built: string): string =>
  built.replace('./dist/', 'src/').replace(/(\.d\.ts|\.js)$/, '.ts');

describe('package.json', () => {
  it.each(Object.entries(manifest.exports))('%s has a source, for types and for code', (_, entry) => {
    expect(sourceOf(entry.types)).toBe(sourceOf(entry.default));
    expect(existsSync(sourceOf(entry.default))).toBe(true);
  });

  it.each(Object.entries(manifest.bin))('the command %s has a source that can be run', (_, built) => {
    expect(readFileSync(sourceOf(built), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('publishes files that are there', () => {
    expect(manifest.files.filter((file) => file !== 'dist' && !existsSync(file))).toEqual([]);
    expect(manifest.files).toEqual(
      expect.arrayContaining(['dist', 'PROTOCOL.md', 'SECURITY.md', 'CHANGELOG.md']),
    );
  });

  it('wants the Node that the README asks for', () => {
    const [wanted = ''] = /\d+\.\d+/.exec(manifest.engines.node) ?? [];
    expect(readFileSync('README.md', 'utf8')).toContain(`${wanted} or newer`);
  });
});

describe('documents', () => {
  const imports = documents().flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/import (?:type )?\{ ([^}]+) \} from '(sallyport[^']*)'/g)].map(
      ([, names = '', specifier = '']): [string, string, string] => [file, specifier, names],
    ),
  );

  it.each(imports)('%s imports from %s what it exports: %s', async (_, specifier, names) => {
    const entry = manifest.exports[specifier.replace('sallyport', '.')];
    const source = readFileSync(sourceOf(entry?.default ?? ''), 'utf8');
    for (const name of names.split(', '))
      expect(source).toMatch(new RegExp(`\\b${name.replace('type ', '')}\\b`));
  });

  it('import something', () => {
    expect(imports.length).toBeGreaterThan(0);
  });
});
