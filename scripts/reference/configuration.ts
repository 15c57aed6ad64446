import type { JsonSchema } from '../../src/config/json-schema.ts';
import { CONFIG } from '../../src/config/schema.ts';
import { code, type Page, page, table } from './markdown.ts';
import { rowsOf, schemaOf } from './schema.ts';

export function configurationPage(): Page {
  const schema = schemaOf(CONFIG);
  return page(
    'configuration.md',
    'Configuration',
    '`src/config/schema.ts`',
    'One YAML file. An unknown key is an error. Durations are written `250ms`, `10s`, `2m`, `12h`, `30d`; sizes `512B`, ' +
      // biome-ignore lint/suspicious/noTemplateCurlyInString: shown as it is written
      '`64KiB`, `1MiB`; rates `20/s`, `600/m`; rates of bytes `256KiB/s`. `${NAME}` is taken from the environment, and ' +
      'an unset one is an error. Paths are relative to the file. Editors learn all this from `sallyport schema`.',
    ...Object.entries(schema.properties ?? {}).flatMap(([name, part]) => sectionOf(name, part)),
  );
}

function sectionOf(name: string, part: JsonSchema): string[] {
  const rows = rowsOf(part, name);
  // What is no mapping is a row itself.
  const own = rows.length > 0 ? rows : rowsOf({ properties: { [name]: part } });
  return [
    `## ${name}`,
    ...(part.description && rows.length > 0 ? [part.description] : []),
    table(
      ['Key', 'Form', 'Default', 'Meaning'],
      own.map(({ path, form, fallback, meaning }) => [code(path), form, fallback, meaning]),
    ),
  ];
}
