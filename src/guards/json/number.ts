/** Longest number literal that is looked at, in characters; the longest a double needs is 24. */
const MAX_LENGTH = 128;
const LITERAL = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * Whether a JSON number means the same to a reader with doubles (RFC 8259 section 6) as to one with exact integers:
 * false for an integer that a double rounds (`9007199254740993`) and for what over- or underflows (`1e400`, `1e-400`).
 * A fraction may be rounded: `0.1` is, everywhere. What is not a JSON number at all is the parser's to refuse.
 */
export function isExact(literal: string): boolean {
  if (literal.length > MAX_LENGTH) return false;
  const parts = LITERAL.exec(literal);
  if (!parts) return true;
  const [, whole = '', fraction = '', power = '0'] = parts;
  const written = (whole + fraction).replace(/^0+/, '');
  if (written === '') return true;
  const value = Math.abs(Number(literal));
  if (value === 0 || value === Number.POSITIVE_INFINITY) return false;
  const digits = written.replace(/0+$/, '');
  const exponent = Number(power) - fraction.length + written.length - digits.length;
  if (exponent < 0) return true;
  // Every integer of 15 digits is a double; a finite value keeps the exponent under 309.
  if (digits.length + exponent <= 15) return true;
  return BigInt(digits) * 10n ** BigInt(exponent) === BigInt(value);
}
