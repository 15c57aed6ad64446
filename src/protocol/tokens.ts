/** `tchar` of RFC 9110 §5.6.2, for the inside of a character class. */
const TCHAR = "!#$%&'*+\\-.^_`|~0-9A-Za-z";

/** RFC 9110 §5.6.2: what names of header fields, subprotocols and extensions are made of. */
export const TOKEN = new RegExp(`^[${TCHAR}]+$`);

/** Whether the text is one token, and nothing beside it. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

const CODES: ReadonlySet<number> = new Set(
  Array.from({ length: 128 }, (_, code) => code).filter((code) => isToken(String.fromCharCode(code))),
);

/** Whether a token may have this character; false for NaN, which is what stands behind the end of a text. */
export function isTokenChar(code: number): boolean {
  return CODES.has(code);
}

/**
 * The elements of a comma-separated list, without the white space around them; empty ones are kept, for the grammar
 * to judge. Linear in the length of the text: it is cut once, and nothing is searched twice.
 */
export function listOf(text: string): string[] {
  return text.split(',').map(trim);
}

/** Without spaces and tabs at both ends. A loop and not a regular expression: `\s+$` is quadratic. */
export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
