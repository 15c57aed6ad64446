/**
 * Checks the direction of imports: a file in `src` imports only from its own layer's folder or from layers above it in
 * this list, and no two files import each other in a circle. Run by `npm run lint`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** From the bottom up. Names on one line do not know each other. */
const LAYERS: readonly (readonly string[])[] = [
  ['errors', 'protocol', 'report'],
  ['record', 'audit'],
  ['store', 'fuzz'],
  ['pipeline'],
  ['identity', 'dialects', 'guards', 'load'],
  ['signals'],
  ['config'],
  ['edge', 'upstream', 'admin'],
  ['session'],
  ['cluster'],
  ['upgrade', 'wellknown'],
  ['gateway'],
  ['workers'],
  ['rehearse'],
  ['index', 'guard', 'cli', 'client'],
];

/** Layers that know less than their place allows: the client runs in browsers. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  audit: ['errors', 'protocol', 'report'],
  load: ['protocol', 'pipeline', 'report'],
  fuzz: ['audit', 'errors', 'protocol'],
  rehearse: ['protocol', 'report', 'record', 'audit', 'fuzz', 'pipeline', 'load', 'edge'],
  report: [],
  client: ['protocol'],
};

const SRC = 'src';

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((m) =>
    join(dirname(file), m[1] as string),
  );
}

function layerOf(file: string): string {
  const [first = ''] = relative(SRC, file).split('/');
  return first.replace(/\.ts$/, '');
}

function rankOf(layer: string): number {
  return LAYERS.findIndex((names) => names.includes(layer));
}

function upwardImports(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const faults: string[] = [];
  for (const [file, imports] of graph) {
    const from = layerOf(file);
    if (rankOf(from) < 0) faults.push(`${file}: layer '${from}' is not in the list of scripts/layers.ts`);
    for (const target of imports) {
      const to = layerOf(target);
      if (from !== to && (rankOf(to) >= rankOf(from) || ONLY[from]?.includes(to) === false))
        faults.push(`${file} imports ${target}: '${from}' may not know '${to}'`);
    }
  }
  return faults;
}

function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const faults: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      faults.push(`cycle: ${[...path.slice(at), file].join(' → ')}`);
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return faults;
}

const graph = new Map(sourceFiles(SRC).map((file) => [file, importsOf(file)] as const));
const faults = [...upwardImports(graph), ...cycles(graph)];
for (const fault of faults) console.error(fault);
console.log(`${graph.size} files, ${faults.length} upward imports or cycles`);
process.exitCode = faults.length > 0 ? 1 : 0;
