import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whose files run in one process, one after the other: to load the gateway costs more than most of their tests. */
const SHARED = ['src', 'test/attacks', 'test/conformance', 'test/docs', 'test/support'];

/** Who puts a module in the place of another, or measures the process, wants one of its own. */
const WANTS_ITS_OWN = /\bvi\.(mock|doMock)\(|\bprocess\.memoryUsage\b|support\/memory\.ts'/;

const own = SHARED.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name)),
).filter((file) => WANTS_ITS_OWN.test(readFileSync(file, 'utf8')));

/** Test files that run in one process with others. */
export const TOGETHER = { include: SHARED.map((folder) => `${folder}/**/*.test.ts`), exclude: own };

const others = readdirSync('test')
  .map((name) => join('test', name))
  .filter((folder) => !SHARED.includes(folder));

/** Test files each of which has a process of its own. */
export const ALONE = {
  include: ['test/*.test.ts', ...others.map((folder) => `${folder}/**/*.test.ts`), ...own],
};
