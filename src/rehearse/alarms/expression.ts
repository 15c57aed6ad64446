/** What an alert asks, as a tree. The language is a part of PromQL and means what it means there. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'time' }
  | { readonly kind: 'selector'; readonly name: string; readonly matchers: readonly Matcher[] }
  | {
      readonly kind: 'range';
      readonly of: 'rate' | 'increase';
      readonly selector: Selector;
      /** Milliseconds. */
      readonly window: number;
    }
  | {
      readonly kind: 'aggregate';
      readonly of: 'sum' | 'min' | 'max' | 'count';
      /** Labels that are kept; none where there is no `by`. */
      readonly by: readonly string[];
      readonly inner: Expression;
    }
  | {
      readonly kind: 'binary';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    };

export type Selector = Extract<Expression, { readonly kind: 'selector' }>;

export interface Matcher {
  readonly label: string;
  readonly matches: (value: string) => boolean;
}

/** From the loosest to the tightest. */
const OPERATORS = [['and'], ['==', '!=', '<=', '>=', '<', '>'], ['+', '-'], ['*', '/']] as const;
export type Operator = (typeof OPERATORS)[number][number];

/** The expression is not one that can be evaluated here. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|(\d+(?:\.\d+)?(?:ms|[smhd])?)|([a-zA-Z_:][\w:]*)|(==|!=|<=|>=|=~|!~|[-+*/<>=(){},[\]]))/y;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @throws ExpressionError with what is not understood. */
export function parseExpression(text: string): Expression {
  const reader = new Reader(tokensOf(text));
  const whole = reader.binary(0);
  reader.end();
  return whole;
}

/** Every metric that it looks at. */
export function metricsOf(expression: Expression): string[] {
  switch (expression.kind) {
    case 'selector':
      return [expression.name];
    case 'range':
      return [expression.selector.name];
    case 'aggregate':
      return metricsOf(expression.inner);
    case 'binary':
      return [...metricsOf(expression.left), ...metricsOf(expression.right)];
    default:
      return [];
  }
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  for (TOKEN.lastIndex = 0; text.slice(TOKEN.lastIndex).trim() !== ''; ) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new ExpressionError(`not understood: ${text.slice(at).trim()}`);
    tokens.push(match[0].trim());
  }
  return tokens;
}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  binary(level: number): Expression {
    const operators: readonly string[] | undefined = OPERATORS[level];
    if (!operators) return this.#atom();
    let left = this.binary(level + 1);
    while (operators.includes(this.#tokens[this.#at] ?? '')) {
      const operator = this.#take() as Operator;
      left = { kind: 'binary', operator, left, right: this.binary(level + 1) };
    }
    return left;
  }

  end(): void {
    if (this.#at < this.#tokens.length)
      throw new ExpressionError(`not understood: ${this.#tokens[this.#at]}`);
  }

  #atom(): Expression {
    const token = this.#take();
    if (token === '(') {
      const inner = this.binary(0);
      this.#expect(')');
      return inner;
    }
    if (/^\d+(\.\d+)?$/.test(token)) return { kind: 'number', value: Number(token) };
    if (!/^[a-zA-Z_:]/.test(token)) throw new ExpressionError(`not understood: ${token}`);
    if (token === 'sum' || token === 'min' || token === 'max' || token === 'count')
      return this.#aggregate(token);
    if (token === 'rate' || token === 'increase') return this.#range(token);
    if (this.#tokens[this.#at] !== '(') return this.#selector(token);
    if (token !== 'time') throw new ExpressionError(`there is no ${token}() here`);
    this.#expect('(', ')');
    return { kind: 'time' };
  }

  #aggregate(of: 'sum' | 'min' | 'max' | 'count'): Expression {
    const by: string[] = [];
    if (this.#tokens[this.#at] === 'by') {
      this.#expect('by', '(');
      while (this.#tokens[this.#at] !== ')') {
        by.push(this.#take());
        if (this.#tokens[this.#at] === ',') this.#take();
      }
      this.#expect(')');
    }
    this.#expect('(');
    const inner = this.binary(0);
    this.#expect(')');
    return { kind: 'aggregate', of, by, inner };
  }

  #range(of: 'rate' | 'increase'): Expression {
    this.#expect('(');
    const selector = this.#selector(this.#take());
    this.#expect('[');
    const [, count, unit] = /^(\d+)(ms|[smhd])$/.exec(this.#take()) ?? [];
    if (unit === undefined) throw new ExpressionError(`${of} needs a window like [1m]`);
    this.#expect(']', ')');
    return { kind: 'range', of, selector, window: Number(count) * UNITS[unit]! };
  }

  #selector(name: string): Selector {
    const matchers: Matcher[] = [];
    if (this.#tokens[this.#at] !== '{') return { kind: 'selector', name, matchers };
    this.#expect('{');
    while (this.#tokens[this.#at] !== '}') {
      const [label, operator, value] = [this.#take(), this.#take(), this.#take()];
      matchers.push({ label, matches: matcherOf(operator, value) });
      if (this.#tokens[this.#at] === ',') this.#take();
    }
    this.#expect('}');
    return { kind: 'selector', name, matchers };
  }

  #take(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new ExpressionError('it ends too soon');
    return token;
  }

  #expect(...tokens: readonly string[]): void {
    for (const token of tokens) {
      const found = this.#take();
      if (found !== token) throw new ExpressionError(`expected ${token}, found ${found}`);
    }
  }
}

/** Patterns match whole values, as in PromQL. */
function matcherOf(operator: string, quoted: string): Matcher['matches'] {
  if (!quoted.startsWith('"')) throw new ExpressionError(`${quoted} is no text in quotes`);
  const text = quoted.slice(1, -1).replace(/\\(.)/g, '$1');
  if (operator === '=') return (value) => value === text;
  if (operator === '!=') return (value) => value !== text;
  if (operator !== '=~' && operator !== '!~') throw new ExpressionError(`${operator} does not match labels`);
  const pattern = new RegExp(`^(?:${text})$`);
  return (value) => pattern.test(value) === (operator === '=~');
}
