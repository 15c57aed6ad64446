import { isIP } from 'node:net';
import type { Format } from 'ajv';

/**
 * The formats that schemas may use. A set of our own, because each must run in linear time on whatever a stranger
 * sends: every expression here is anchored and has one way to match. Unknown formats are errors at load; `regex` is one,
 * for a stranger's pattern is not compiled here.
 */
export const FORMATS: Readonly<Record<string, Format>> = {
  'date-time': (text: string) => DATE_TIME.test(text) && isDay(text) && isTime(text.slice(11)),
  date: (text: string) => DATE.test(text) && isDay(text),
  time: (text: string) => TIME.test(text) && isTime(text),
  duration: (text: string) => text.length > 2 && DURATION.test(text) && /\d[A-Z]$/.test(text),
  email: (text: string) => text.length <= 254 && isEmail(text),
  hostname: isHostname,
  ipv4: (text: string) => isIP(text) === 4,
  ipv6: (text: string) => isIP(text) === 6 && !text.includes('%'),
  uri: (text: string) => SCHEME.test(text) && isUriText(text),
  url: (text: string) => SCHEME.test(text) && isUriText(text),
  'uri-reference': isUriText,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  'json-pointer': /^(?:\/(?:[^~/]|~[01])*)*$/,
  // OpenAPI's, which AsyncAPI documents use too
  byte: (text: string) => text.length % 4 === 0 && BASE64.test(text),
  binary: true,
  password: true,
  int32: { type: 'number', validate: (n: number) => Number.isInteger(n) && n >= -(2 ** 31) && n < 2 ** 31 },
  int64: { type: 'number', validate: Number.isInteger },
  float: { type: 'number', validate: Number.isFinite },
  double: { type: 'number', validate: Number.isFinite },
};

// RFC 3339 §5.6
const DATE = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
// RFC 3339 appendix A; at least one number is asked for beside it
const DURATION = /^P(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)$/;
// RFC 3986 §3.1 and §2: characters that may stand in a URI, percent signs in triplets
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const URI_TEXT = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
// RFC 5321 §4.1.2, without quoted local parts and address literals
const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}$/;
// RFC 1123 §2.1
const LABEL = /^[A-Za-z0-9-]{1,63}$/;

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function isDay(text: string): boolean {
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8, 10));
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
  return day >= 1 && day <= (DAYS_IN_MONTH[month - 1] ?? 0) + leap;
}

/** Bounds of hour, minute, second and offset; a leap second only where UTC has them, at the end of a day. */
function isTime(text: string): boolean {
  const [hour, minute, second] = [text.slice(0, 2), text.slice(3, 5), text.slice(6, 8)].map(Number);
  const sign = text.at(-6);
  const offset = sign === '+' || sign === '-';
  const offsetHour = offset ? Number(text.slice(-5, -3)) : 0;
  const offsetMinute = offset ? Number(text.slice(-2)) : 0;
  if (hour! > 23 || minute! > 59 || second! > 60 || offsetHour > 23 || offsetMinute > 59) return false;
  if (second !== 60) return true;
  const shift = (offsetHour * 60 + offsetMinute) * (sign === '-' ? 1 : -1);
  return (hour! * 60 + minute! + shift + 2 * 1440) % 1440 === 1439;
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0));
  const dots = local.startsWith('.') || local.endsWith('.') || local.includes('..');
  return LOCAL_PART.test(local) && !dots && isHostname(text.slice(at + 1));
}

function isHostname(text: string): boolean {
  if (text.length === 0 || text.length > 253) return false;
  return text
    .split('.')
    .every((label) => LABEL.test(label) && !label.startsWith('-') && !label.endsWith('-'));
}

function isUriText(text: string): boolean {
  return URI_TEXT.test(text);
}
