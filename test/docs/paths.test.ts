import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents, proseOf } from '../support/markdown.ts';

// Whatever a document names is there: files in links and in backticks, and the headings that links lead to.

const pages = documents();

/** `## Add a guard` → `add-a-guard`, as the platforms that show these pages make it. */
function anchorsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Relative links with their anchors. */
function linksOf(file: string): [path: string, anchor: string][] {
  return [...proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#');
      return [path === '' ? file : join(dirname(file), path), anchor];
    });
}

/** Paths in backticks: below the root, or (in ARCHITECTURE.md) below `src`. NAME and LIBRARY stand for something new. */
function pathsOf(file: string): string[] {
  return [...proseOf(file).matchAll(/`((?:[\w.-]+\/)+[\w.-]*|[\w.-]+\.(?:ts|md|mjs))`/g)]
    .map(([, path = '']) => path)
    .filter((path) => !/NAME|LIBRARY|\*/.test(path) && !path.startsWith('dist/'));
}

const exists = (path: string): boolean => existsSync(path) || existsSync(join('src', path));

describe('links', () => {
  it.each(pages)('of %s lead somewhere', (file) => {
    const broken = linksOf(file).filter(
      ([path, anchor]) => !existsSync(path) || (anchor !== '' && !anchorsOf(path).includes(anchor)),
    );
    expect(broken).toEqual([]);
  });

  it('are found at all', () => {
    expect(linksOf('README.md').length).toBeGreaterThan(10);
  });
});

describe('paths', () => {
  it.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('in %s are there', (file) => {
    const paths = pathsOf(file);
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !exists(path))).toEqual([]);
  });
});

describe('CONTRIBUTING.md', () => {
  it('needs six steps at most to add something', () => {
    const [, ...sections] = readFileSync('CONTRIBUTING.md', 'utf8').split(/^## Add /m);
    expect(sections).toHaveLength(4);
    for (const section of sections) {
      const steps = (section.split(/^## /m)[0] ?? '').match(/^\d\. /gm) ?? [];
      expect(steps.length).toBeLessThanOrEqual(6);
      expect(steps.length).toBeGreaterThan(2);
    }
  });
});
