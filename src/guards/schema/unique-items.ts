/**
 * `uniqueItems` in linear time: items are compared by a canonical text, where comparing each with each would take
 * seconds for the objects of one large message. Equality as JSON Schema has it: the order of members does not matter.
 */
export function allUnique(items: readonly unknown[]): boolean {
  const scalars = new Set<unknown>();
  const texts = new Set<string>();
  for (const item of items) {
    const before = scalars.size + texts.size;
    if (typeof item === 'object' && item !== null) texts.add(canonical(item));
    else scalars.add(item);
    if (scalars.size + texts.size === before) return false;
  }
  return true;
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const members = value as Record<string, unknown>;
  const names = Object.keys(members).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(members[name])}`).join()}}`;
}
