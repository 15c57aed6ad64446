import { z } from 'zod';
import { duration } from '../../pipeline/units.ts';
import { evaluate } from './evaluate.ts';
import { type Expression, ExpressionError, parseExpression } from './expression.ts';
import { History } from './history.ts';

/** An alerting rule, as Prometheus has it. */
export interface Rule {
  readonly name: string;
  readonly expression: Expression;
  /** How long it must be true before it fires, in milliseconds. */
  readonly holds: number;
  readonly severity: string;
  readonly summary: string;
}

const FILE = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({
          alert: z.string().optional(),
          expr: z.union([z.string(), z.number()]).transform(String),
          for: duration.optional(),
          labels: z.record(z.string(), z.string()).prefault({}),
          annotations: z.record(z.string(), z.string()).prefault({}),
        }),
      ),
    }),
  ),
});

/** The file holds no rules, or one that cannot be evaluated here; the message says which. */
export class RulesError extends Error {
  override readonly name = 'RulesError';
}

/** The alerts of a rule file; its recording rules are left out. @throws RulesError */
export function rulesOf(written: unknown): Rule[] {
  const { success, data, error } = FILE.safeParse(written);
  if (!success) {
    const [{ path, message }] = error.issues as [z.core.$ZodIssue];
    throw new RulesError(`${path.join('.') || 'the file'}: ${message}`);
  }
  return data.groups.flatMap(({ rules }) =>
    rules.flatMap(({ alert, expr, for: holds = 0, labels, annotations }) => {
      if (alert === undefined) return [];
      const { severity = '' } = labels;
      return [
        { name: alert, expression: read(alert, expr), holds, severity, summary: annotations.summary ?? '' },
      ];
    }),
  );
}

function read(alert: string, expr: string): Expression {
  try {
    const expression = parseExpression(expr);
    evaluate(expression, new History()); // what cannot be evaluated at all is said now
    return expression;
  } catch (error) {
    if (error instanceof ExpressionError) throw new RulesError(`${alert}: ${error.message}`);
    throw error;
  }
}
