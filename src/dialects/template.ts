/** Values for the placeholders of one template; undefined becomes `null`. */
export type TemplateValues<Name extends string> = Readonly<Record<Name, string | number | undefined>>;

/**
 * A JSON text with placeholders, as an operator writes it: `{"type":"error","re":{id},"reason":{reason}}`.
 * Each placeholder is a whole JSON value; what it stands for is JSON-encoded, so no value can break out of its place.
 */
export class Template<Name extends string> {
  readonly #literals: readonly string[];
  readonly #names: readonly Name[];

  /** Throws an Error that tells what is wrong with the text. */
  constructor(text: string, names: readonly Name[]) {
    const pieces = text.split(new RegExp(`\\{(${names.join('|')})\\}`));
    this.#literals = pieces.filter((_, index) => index % 2 === 0);
    this.#names = pieces.filter((_, index) => index % 2 === 1) as Name[];
    const unknown = this.#literals.join('').match(/\{([A-Za-z]+)\}/);
    if (unknown) throw new Error(`{${unknown[1]}} is unknown here; known are ${names.map(braced).join(' ')}`);
    this.#mustBeJson(names);
  }

  render(values: TemplateValues<Name>): string {
    let text = this.#literals[0] ?? '';
    for (let i = 0; i < this.#names.length; i++) {
      text += JSON.stringify(values[this.#names[i]!] ?? null) + this.#literals[i + 1];
    }
    return text;
  }

  /** A string sample shows a placeholder that stands inside quotes, which would not be JSON. */
  #mustBeJson(names: readonly Name[]): void {
    const sample = Object.fromEntries(names.map((name) => [name, 'sample'])) as TemplateValues<Name>;
    try {
      JSON.parse(this.render(sample));
    } catch {
      throw new Error('not JSON once its placeholders are filled in; they bring their own quotes');
    }
  }
}

function braced(name: string): string {
  return `{${name}}`;
}
