/** Writes `docs/reference` from the tables in the source. Run by `npm run docs`; a test compares both. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { referencePages } from './reference/pages.ts';

const FOLDER = 'docs/reference';

mkdirSync(FOLDER, { recursive: true });
for (const { file, text } of await referencePages()) {
  writeFileSync(join(FOLDER, file), text);
  console.log(join(FOLDER, file));
}
