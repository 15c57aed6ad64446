import { type ASTNode, Environment, EvaluationError, ParseError } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { memberReader } from '../../pipeline/member.ts';
import { CONNECTION_FIELDS, ConnectionView, PRINCIPAL_FIELDS, PrincipalView } from './views.ts';

/** Bounds of one expression, checked when it is read. */
const LIMITS = {
  maxAstNodes: 1_000,
  maxDepth: 50,
  maxListElements: 500,
  maxMapEntries: 100,
  maxCallArguments: 8,
};
/** Macros within each other: each one multiplies the time by the length of a list. */
const MAX_NESTED_MACROS = 2;
const MACROS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** What is wrong with an expression, and where: `column` counts from 1. */
export interface ExpressionProblem {
  readonly message: string;
  readonly column: number | undefined;
}

/** Answers for what is bound in `scope`; throws where it cannot be evaluated. */
export type Expression = (scope: object) => unknown;

/** CEL as rules of one moment see it: `message` is there once there is one. */
export function createLanguage(withMessage: boolean): Environment {
  const language = new Environment({ limits: LIMITS })
    .registerType('Principal', { ctor: PrincipalView, fields: PRINCIPAL_FIELDS })
    .registerType('Connection', { ctor: ConnectionView, fields: CONNECTION_FIELDS })
    .registerVariable('principal', 'Principal')
    .registerVariable('connection', 'Connection')
    .registerVariable('claims', 'map<string, dyn>')
    // The library's own `matches` is a backtracking RegExp. A macro is looked up by its name alone, before any
    // function and for every receiver, so this one takes its place.
    .registerFunction('list.matches(ast): bool', linearMatches);
  return withMessage ? language.registerVariable('message', 'dyn') : language;
}

/** Reads and checks an expression that must say yes or no. */
export function compile(text: string, language: Environment): Expression | ExpressionProblem {
  try {
    const expression = language.parse(text);
    refuseSlowParts(expression.ast, 0);
    const { valid, type, error } = expression.check();
    if (!valid) return problemOf(error);
    if (type !== 'bool' && type !== 'dyn') return { message: `is a ${type}, not a bool`, column: undefined };
    return shortcut(expression.ast, expression) ?? expression;
  } catch (error) {
    return problemOf(error);
  }
}

/**
 * What most rules say, without the evaluator (10 to 20 ns for 130 to 250): `message.type == "chat.send"`,
 * `message.room in claims.rooms`, `"admin" in principal.roles`. Whatever is not plain texts at plain places is still
 * the evaluator's to judge.
 */
function shortcut({ op, args }: ASTNode, expression: Expression): Expression | undefined {
  if (op !== '==' && op !== 'in') return undefined;
  const [left, right] = (args as readonly [ASTNode, ASTNode]).map(operandOf);
  if (!left || !right) return undefined;
  const judge = op === '==' ? areEqual : isAmong;
  return (scope) => judge(left(scope as Operands), right(scope as Operands)) ?? expression(scope);
}

type Operands = Readonly<Record<string, unknown>>;

/** Reads a text, or a member of a variable; undefined where that takes more than looking. */
function operandOf({ op, args }: ASTNode): ((scope: Operands) => unknown) | undefined {
  if (op === 'value') return typeof args === 'string' ? () => args : undefined;
  if (op !== '.' || args[0].op !== 'id') return undefined;
  const [{ args: variable }, field] = args;
  if (field in Object.prototype) return undefined; // of any other name, whoever has it owns it
  const holderIn = memberReader(variable);
  const memberOf = memberReader(field);
  return (scope) => {
    const holder = holderIn(scope);
    if (typeof holder !== 'object' || holder === null) return undefined;
    const kind = holder.constructor;
    return kind === Object || kind === PrincipalView ? memberOf(holder) : undefined;
  };
}

function areEqual(left: unknown, right: unknown): boolean | undefined {
  return typeof left === 'string' && typeof right === 'string' ? left === right : undefined;
}

function isAmong(text: unknown, list: unknown): boolean | undefined {
  return typeof text === 'string' && Array.isArray(list) ? list.includes(text) : undefined;
}

/** Why an evaluation failed, in one word and without a value of the message. */
export function failureOf(error: unknown): string {
  return error instanceof EvaluationError ? error.code : 'fault';
}

function problemOf(error: unknown): ExpressionProblem {
  // The library's error classes carry where and what; its message draws the line, which belongs to no log.
  const { summary, range, message } = error as ParseError;
  return { message: summary ?? message, column: range && range.start + 1 };
}

function faultAt(node: ASTNode, message: string): ParseError {
  return new ParseError({ message, node, range: node.range });
}

/** What of the library's checker and evaluator a macro is handed. */
interface Checker {
  check(node: ASTNode, context: unknown): { readonly kind: string; readonly name: string };
  getType(name: string): unknown;
}
interface Evaluator {
  run(node: ASTNode, context: unknown): unknown;
}

/** `matches` with a pattern that is known at load, compiled to an automaton: linear time for any text (RE2). */
function linearMatches({ args: [pattern], receiver }: { args: [ASTNode]; receiver: ASTNode }) {
  if (pattern.op !== 'value' || typeof pattern.args !== 'string') {
    throw faultAt(pattern, 'matches() takes a pattern that is written here');
  }
  const automaton = automatonOf(pattern.args, pattern);
  return {
    async: false,
    typeCheck(checker: Checker, _macro: unknown, context: unknown) {
      const { kind, name } = checker.check(receiver, context);
      if (kind === 'dyn' || name === 'string') return checker.getType('bool');
      throw faultAt(receiver, `matches() reads a string, not a ${name}`);
    },
    evaluate(evaluator: Evaluator, _macro: unknown, context: unknown) {
      const text = evaluator.run(receiver, context);
      if (typeof text === 'string') return automaton.test(text);
      throw new EvaluationError({ code: 'no_such_overload', message: 'matches() reads a string' });
    },
  };
}

function automatonOf(pattern: string, node: ASTNode): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch {
    throw faultAt(node, 'matches() takes a pattern in RE2 syntax');
  }
}

/**
 * Refuses what a message could make slow: `duration()` of a text that is not written here (the library reads it in cubic
 * time), and macros nested beyond what two lists of a message multiply to.
 */
function refuseSlowParts(node: ASTNode, macros: number): void {
  const isMacro = node.op === 'rcall' && MACROS.has(node.args[0]) && node.args[2].length > 1;
  if (isMacro && macros === MAX_NESTED_MACROS) {
    throw faultAt(node, `macros nest more than ${MAX_NESTED_MACROS} deep`);
  }
  if (node.op === 'call' && node.args[0] === 'duration' && node.args[1][0]?.op !== 'value') {
    throw faultAt(node, 'duration() takes a text that is written here');
  }
  for (const child of childrenOf(node.args)) refuseSlowParts(child, macros + (isMacro ? 1 : 0));
}

function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : [];
}
