import { z } from 'zod';
import type { Fragment, OptionsOf } from '../pipeline/guard.ts';

/** What one fragment leaves in a parsed route. Sections with defaults are always there, others are as written. */
export type Parsed<F extends Fragment> = {
  readonly [K in keyof F]: F[K] extends z.ZodType<infer T> ? T : F[K] extends Fragment ? Parsed<F[K]> : never;
};

/** A part of the configuration, and who owns it. */
export interface Owned {
  readonly owner: string;
  readonly fragment: Fragment;
}

/**
 * One strict schema of all fragments. Sections that several owners name are merged; a leaf that two own, or that is a
 * section elsewhere, is a mistake in the program and throws. A section is optional, and filled in when it is left out
 * if any leaf of it has a default.
 */
export function assembleRoute(parts: readonly Owned[]): z.ZodType<Record<string, unknown>> {
  return objectOf(merge(parts, []));
}

type Tree = Map<string, { readonly owner: string; readonly leaf: z.ZodType } | Tree>;

function merge(parts: readonly Owned[], path: readonly string[]): Tree {
  const sections = new Map<string, Owned[]>();
  const tree: Tree = new Map();
  for (const { owner, fragment } of parts) {
    for (const [key, value] of Object.entries(fragment)) {
      const before = tree.get(key);
      const other = sections.get(key)?.[0]?.owner ?? (before && 'owner' in before ? before.owner : undefined);
      if (other !== undefined && (isLeaf(value) || before))
        throw new Error(`${[...path, key].join('.')} is owned by both ${other} and ${owner}`);
      if (isLeaf(value)) tree.set(key, { owner, leaf: value });
      else sections.set(key, [...(sections.get(key) ?? []), { owner, fragment: value }]);
    }
  }
  for (const [key, owners] of sections) tree.set(key, merge(owners, [...path, key]));
  return tree;
}

function objectOf(tree: Tree): z.ZodObject {
  const shape: Record<string, z.ZodType> = {};
  for (const [key, node] of tree) shape[key] = 'leaf' in node ? node.leaf : sectionOf(objectOf(node as Tree));
  return z.strictObject(shape);
}

function sectionOf(object: z.ZodObject): z.ZodType {
  const empty = object.safeParse({});
  return empty.success && Object.keys(empty.data).length > 0 ? object.prefault({}) : object.optional();
}

/** Only what a fragment describes, out of a parsed route. Sections of which nothing is set are left out. */
export function pick<F extends Fragment>(
  fragment: F,
  options: Readonly<Record<string, unknown>>,
): OptionsOf<F> {
  const picked: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(fragment)) {
    const value = options[key];
    if (value === undefined) continue;
    if (isLeaf(part)) {
      picked[key] = value;
      continue;
    }
    const section = pick(part, value as Record<string, unknown>);
    if (Object.keys(section).length > 0) picked[key] = section;
  }
  // Parsed by the very schemas of the fragment.
  return picked as OptionsOf<F>;
}

export function isLeaf(part: z.ZodType | Fragment): part is z.ZodType {
  return part instanceof z.ZodType;
}
