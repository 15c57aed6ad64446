const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export type JsonObject = Readonly<Record<string, unknown>>;

/** Deeper than any token or key set needs; keeps recursion over the result harmless. */
const MAX_DEPTH = 32;

/**
 * A JSON object from bytes, or undefined unless it is valid UTF-8, one object at the top, names no member twice at any
 * level (RFC 7519 §4: a parser that takes the last one and a parser that takes the first one would disagree) and nests
 * no deeper than 32.
 */
export function parseObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const text = utf8.decode(bytes);
    const { depth, members } = structureOf(text);
    if (depth > MAX_DEPTH) return undefined;
    const value: unknown = JSON.parse(text);
    return isObject(value) && membersIn(value) === members ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items = Object.values(value);
  let count = Array.isArray(value) ? 0 : items.length;
  for (const item of items) count += membersIn(item);
  return count;
}

/** How deep a text nests, and how many members it writes: in valid JSON each colon outside a string is one. */
function structureOf(text: string): { depth: number; members: number } {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString && char === '\\') i++;
    else if (char === '"') inString = !inString;
    else if (inString) continue;
    else if (char === ':') members++;
    else if (char === '{' || char === '[') deepest = Math.max(deepest, ++depth);
    else if (char === '}' || char === ']') depth--;
  }
  return { depth: deepest, members };
}
