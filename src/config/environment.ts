export type Environment = Readonly<Record<string, string | undefined>>;

export interface Substituted {
  readonly text: string;
  /** Whether anything came from the environment. */
  readonly changed: boolean;
  /** What could not be replaced, as sentences. */
  readonly faults: readonly string[];
}

/** `$${` (a literal `${`), or `${` up to its brace, if it has one. */
const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;

/**
 * Replaces each `${NAME}` by the environment's value, once: a value is never read again, neither for more references
 * nor as YAML. A name that is not set is a fault, never an empty text.
 */
export function substitute(text: string, environment: Environment): Substituted {
  const faults: string[] = [];
  let changed = false;
  const result = text.replace(REFERENCE, (whole: string, name: string | undefined, brace: string) => {
    if (name === undefined) return '${';
    if (brace === '' || !/^[A-Za-z_]\w*$/.test(name)) {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the syntax we speak of
      faults.push('a variable is written ${NAME}, and a literal ${ as $${');
      return whole;
    }
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value === undefined) {
      faults.push(`the environment variable ${name} is not set`);
      return whole;
    }
    changed = true;
    return value;
  });
  return { text: result, changed, faults };
}
