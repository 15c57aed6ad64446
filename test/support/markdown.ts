import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block of a document: ```` ```yaml sallyport.yaml ````. */
export interface Fence {
  readonly language: string;
  /** What follows the language. */
  readonly info: string;
  readonly text: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
}

/** One `$ command` of a console block, and what the document says it prints. */
export interface Shown {
  readonly command: string;
  readonly output: string;
}

/** Every document that people write or read here, by path from the root. */
export function documents(): string[] {
  const root = readdirSync('.').filter((name) => name.endsWith('.md'));
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  return [...root, ...docs].sort();
}

export function fencesOf(file: string): Fence[] {
  const fences: Fence[] = [];
  let open: { language: string; info: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    const fence = /^```(\S*) ?(.*)$/.exec(line);
    if (open && fence) {
      fences.push({ ...open, text: `${open.lines.join('\n')}\n` });
      open = undefined;
    } else if (fence) {
      open = { language: fence[1] ?? '', info: fence[2] ?? '', line: index + 1, lines: [] };
    } else {
      open?.lines.push(line);
    }
  }
  if (open) throw new Error(`${file}:${open.line}: a fence that does not end`);
  return fences;
}

/** The prose, without what stands in fences. */
export function proseOf(file: string): string {
  return readFileSync(file, 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
}

/** The commands of a console block with what they print. */
export function shownIn(block: string): Shown[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...output] = part.trimEnd().split('\n');
      return { command, output: output.join('\n') };
    });
}

/** The words of a command line as a shell reads them: blanks part, single quotes hold together. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

/** What a document shows, as a pattern: a line `…` stands for any number of lines. */
export function patternOf(shown: string): RegExp {
  const parts = shown.split(/^…\n/m).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('(?:.*\\n)*?')}$`);
}
