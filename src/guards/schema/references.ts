import type { Documents, SchemaDocument, Segments } from './documents.ts';
import { SchemaFault } from './fault.ts';

/** How deep a document is searched for an anchor. */
const MAX_NESTING = 200;

/**
 * Where a `$ref` that stands at a place leads: into its own document, or into a neighbour of it.
 * Throws a SchemaFault with the place of the `$ref`, or with that of a fault in the neighbour.
 */
export function followReference(
  documents: Documents,
  from: SchemaDocument,
  at: Segments,
  reference: string,
): [SchemaDocument, Segments] {
  try {
    const [path, fragment] = split(reference);
    const document = path === '' ? from : documents.neighbour(from, path);
    const place = placeOf(document, decodeURIComponent(fragment));
    if (place && document.at(place) !== undefined) return [document, place];
  } catch (error) {
    if (error instanceof SchemaFault) throw error;
    throw from.fault(at, `$ref ${reference}: ${(error as Error).message}`);
  }
  throw from.fault(at, `$ref ${reference} leads nowhere`);
}

function split(reference: string): [path: string, fragment: string] {
  const hash = reference.indexOf('#');
  return hash < 0 ? [reference, ''] : [reference.slice(0, hash), reference.slice(hash + 1)];
}

/** A fragment is a JSON pointer (RFC 6901 §6) or the name of an anchor. */
function placeOf(document: SchemaDocument, fragment: string): Segments | undefined {
  if (fragment !== '' && !fragment.startsWith('/')) return findAnchor(document.value, fragment, []);
  return pointerNames(fragment);
}

/** The unescaped names that a JSON pointer goes through. */
export function pointerNames(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** `$anchor` of 2020-12, and the `$id: '#name'` that draft-07 has for it. */
function findAnchor(value: unknown, name: string, at: Segments): Segments | undefined {
  if (typeof value !== 'object' || value === null || at.length > MAX_NESTING) return undefined;
  const { $anchor, $id } = value as { $anchor?: unknown; $id?: unknown };
  if ($anchor === name || $id === `#${name}`) return at;
  for (const [key, part] of Object.entries(value)) {
    const found = findAnchor(part, name, [...at, key]);
    if (found) return found;
  }
  return undefined;
}
