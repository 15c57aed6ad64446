import type { RouteContext } from '../../src/pipeline/context.ts';
import { OptionsError } from '../../src/pipeline/context.ts';

/** Files of a configuration that exist in memory alone. Values that are not text become JSON. */
export class FakeFiles {
  readonly #texts: ReadonlyMap<string, string>;
  /** What was asked for, in order. */
  readonly read: string[] = [];

  constructor(files: Readonly<Record<string, unknown>>) {
    this.#texts = new Map(
      Object.entries(files).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value, null, 2),
      ]),
    );
  }

  /** The part of a route's context that reads files; it fails as the configuration's own does. */
  context(): Pick<RouteContext, 'read' | 'list'> {
    return {
      read: (name) => {
        this.read.push(name);
        const text = this.#texts.get(name);
        if (text === undefined) throw new OptionsError([{ path: [], message: `cannot read "${name}"` }]);
        return text;
      },
      list: (folder) => {
        const prefix = folder.endsWith('/') ? folder : `${folder}/`;
        const inside = [...this.#texts.keys()].filter((name) => name.startsWith(prefix));
        if (inside.length === 0) throw new OptionsError([{ path: [], message: `cannot read "${folder}"` }]);
        return inside
          .map((name) => name.slice(prefix.length))
          .filter((name) => !name.includes('/'))
          .sort();
      },
    };
  }
}
