import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Guarded } from './guarded.ts';

/**
 * A route whose messages are held against these schemas, by type, and `chat.ping` besides. Schemas are read from files
 * as the gateway does; the files are gone once they are compiled.
 */
export function schemaRoute(
  schemas: Readonly<Record<string, unknown>>,
  written: Record<string, unknown> = {},
): Guarded {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-schemas-'));
  try {
    const files = {
      'chat.ping': { type: 'object', properties: { type: true }, additionalProperties: false },
      ...schemas,
    };
    for (const [type, schema] of Object.entries(files)) {
      writeFileSync(
        join(folder, `${type}.json`),
        typeof schema === 'string' ? schema : JSON.stringify(schema),
      );
    }
    const { messages = {}, ...rest } = written as { messages?: object };
    return new Guarded({ ...rest, messages: { ...messages, schemas: `${folder}/` } });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
