import { _, type CodeKeywordDefinition, type KeywordCxt, str } from 'ajv';

/**
 * `maxLength` and `minLength` count code points (RFC 8259 section 1 calls them characters), and ajv counts all of each
 * text. A text has at most as many as it has UTF-16 units, and at least half as many: mostly that decides.
 */
export const LENGTH_KEYWORDS: CodeKeywordDefinition[] = [
  {
    keyword: 'maxLength',
    type: 'string',
    schemaType: 'number',
    error: { message: ({ schema }) => str`must NOT have more than ${schema} characters` },
    code(cxt: KeywordCxt) {
      const { data, schema: limit } = cxt;
      const units = _`${data}.length`;
      cxt.fail(_`${units} > ${limit} && (${units} > ${2 * limit} || ${counterOf(cxt)}(${data}) > ${limit})`);
    },
  },
  {
    keyword: 'minLength',
    type: 'string',
    schemaType: 'number',
    error: { message: ({ schema }) => str`must NOT have fewer than ${schema} characters` },
    code(cxt: KeywordCxt) {
      const { data, schema: limit } = cxt;
      const units = _`${data}.length`;
      cxt.fail(_`${units} < ${limit} || (${units} < ${2 * limit} && ${counterOf(cxt)}(${data}) < ${limit})`);
    },
  },
];

/** Code points of a text; half a surrogate pair is one. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _character of text) count++;
  return count;
}

function counterOf({ gen }: KeywordCxt) {
  return gen.scopeValue('func', { ref: countCharacters });
}
