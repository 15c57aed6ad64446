import { z } from 'zod';
import { OptionsError, type OptionsProblem } from '../pipeline/context.ts';
import { guardKind } from '../pipeline/guard.ts';
import type { Principal } from '../pipeline/principal.ts';
import { PASS, type Refused, refuse, type Verdict } from '../pipeline/verdict.ts';
import { compile, createLanguage, type Expression, failureOf } from './authorize/language.ts';
import { Scope } from './authorize/views.ts';

/** Rules of one route: each message may have to pass them all by. */
const MAX_RULES = 500;
/** Characters of one expression. */
const MAX_LENGTH = 4_096;

const expression = z.string().min(1).max(MAX_LENGTH);
const rule = z.strictObject({
  on: z.enum(['connect', 'message']).optional().describe('When the rule is asked. Default message.'),
  when: expression.optional().describe('What the rule is about; everything where left out.'),
  allow: expression.describe('Whether that may be.'),
});
type RuleOptions = z.infer<typeof rule>;

/**
 * Who may do what: rules in CEL over `message`, `claims`, `principal` and `connection`. The first rule whose `when` is
 * true decides, by its `allow`; nothing matched means no, and so does an expression that cannot be evaluated. Rules
 * `on: connect` are asked once, before there is a message; where there are none, being identified is enough to connect.
 */
export const authorize = guardKind({
  name: 'authorize',
  options: {
    authorize: z
      .array(rule)
      .min(1)
      .max(MAX_RULES)
      .optional()
      .describe('Rules in CEL; the first that matches decides.'),
  },

  create({ authorize: written }) {
    if (!written) return undefined;
    const problems: OptionsProblem[] = [];
    const atConnect = compileRules(written, 'connect', problems);
    const atMessage = compileRules(written, 'message', problems);
    if (atMessage.length === 0 && problems.length === 0) {
      const message = "has no rule for messages; { allow: 'true' } lets all of them through";
      problems.push({ path: ['authorize'], message });
    }
    if (problems.length > 0) throw new OptionsError(problems);
    const scope = new Scope();
    return {
      ...(atConnect.length > 0 && {
        onUpgrade(candidate) {
          scope.bindCandidate(candidate);
          return judge(atConnect, scope);
        },
        onRenewal(connection, principal) {
          scope.bindRenewal(connection, principal);
          return judge(atConnect, scope);
        },
      }),
      onMessage(message, connection) {
        scope.bindConnection(connection);
        scope.message = message.body;
        let verdict = judge(atMessage, scope);
        if (connection.bounds && verdict.pass) verdict = judgeBounds(connection.bounds, atMessage, scope);
        scope.message = undefined;
        return verdict;
      },
    };
  },
});

interface Rule {
  /** As an operator finds it: `authorize[0]`. */
  readonly place: string;
  /** Undefined where the rule is about everything. */
  readonly when: Expression | undefined;
  readonly allow: Expression;
  readonly denied: Refused;
}

const UNMATCHED = refuse('not_authorized', 'no rule of authorize matches');

function judge(rules: readonly Rule[], scope: Scope): Verdict {
  for (const rule of rules) {
    try {
      const applies = rule.when === undefined || rule.when(scope);
      if (applies === false) continue;
      if (applies !== true) return refuse('not_authorized', `${rule.place} says neither true nor false`);
      return rule.allow(scope) === true ? PASS : rule.denied;
    } catch (error) {
      return refuse('not_authorized', `${rule.place} cannot be evaluated: ${failureOf(error)}`);
    }
  }
  return UNMATCHED;
}

/** A right that a renewed credential brought must have been there before: all who bound it must allow it too. */
function judgeBounds(bounds: readonly Principal[], rules: readonly Rule[], scope: Scope): Verdict {
  for (const principal of bounds) {
    scope.bindPrincipal(principal);
    const verdict = judge(rules, scope);
    if (!verdict.pass) return verdict;
  }
  return PASS;
}

function compileRules(
  written: readonly RuleOptions[],
  on: 'connect' | 'message',
  problems: OptionsProblem[],
): Rule[] {
  const language = createLanguage(on === 'message');
  const rules: Rule[] = [];
  written.forEach((options, i) => {
    if ((options.on ?? 'message') !== on) return;
    if (rules.at(-1)?.when === undefined && rules.length > 0) {
      const message = `is never asked: ${rules.at(-1)?.place} is about everything`;
      problems.push({ path: ['authorize', i], message });
    }
    const part = (key: 'when' | 'allow', text: string): Expression => {
      const compiled = compile(text, language);
      if (typeof compiled === 'function') return compiled;
      const at = compiled.column === undefined ? '' : ` (column ${compiled.column})`;
      problems.push({ path: ['authorize', i, key], message: `${compiled.message}${at}` });
      return () => false;
    };
    const place = `authorize[${i}]`;
    rules.push({
      place,
      when: options.when === undefined ? undefined : part('when', options.when),
      allow: part('allow', options.allow),
      denied: refuse('not_authorized', `${place} does not allow it`),
    });
  });
  return rules;
}
