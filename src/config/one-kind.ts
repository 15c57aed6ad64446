import { z } from 'zod';

interface Kind {
  readonly name: string;
  readonly options: z.ZodType;
}

/** A mapping with one key that names a kind, and that kind's options for its value: `jwt: { … }`. */
export type OneKind = Readonly<Record<string, unknown>>;

export function oneKind(kinds: readonly Kind[], what: string): z.ZodType<OneKind, OneKind> {
  const names = kinds.map((kind) => kind.name).join(', ');
  const shape = Object.fromEntries(kinds.map((kind) => [kind.name, kind.options.optional()]));
  return z
    .strictObject(shape)
    .refine((value) => Object.keys(value).length === 1, `one key that names the kind of ${what}: ${names}`)
    .meta({ minProperties: 1, maxProperties: 1 }) as unknown as z.ZodType<OneKind, OneKind>;
}

/** The kind that a parsed mapping names, and the options for it. */
export function kindOf<K extends Kind>(
  kinds: readonly K[],
  value: OneKind,
): { kind: K; options: unknown } | undefined {
  const kind = kinds.find(({ name }) => value[name] !== undefined);
  return kind && { kind, options: value[kind.name] };
}
