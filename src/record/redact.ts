/** What stands where a credential stood. */
export const REDACTED = '[redacted]';

/** Names that hold a credential, as query parameters, cookies, form fields or JSON keys are called. */
const SECRET_NAME =
  '[\\w.-]*(?:token|ticket|secret|password|passwd|pwd|api[_-]?key|credential|jwt|assertion|signature|session|sid|auth)';

/** Words that follow "basic" or "bearer" in plain English, and are no credential. */
const PLAIN = '(?:auth\\w*|credentials?|passwords?|tokens?|scheme|subprotocol|certificate)';

/**
 * Shapes of credentials, each with what replaces it. A second line of defence: credentials must not be put into events
 * in the first place. Every quantifier is over one class that the next part excludes, so matching is linear.
 */
const SHAPES: readonly (readonly [shape: RegExp, replacement: string])[] = [
  // JWS and JWE in compact form begin with base64url of `{"` (RFC 7515 section 3.1).
  [/eyJ[\w-]{5,}(?:(?:\.|%2[Ee])[\w-]*)*/g, REDACTED],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g, REDACTED],
  // Header fields that are nothing but a credential.
  [/\b((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s*[:=]\s*)[^\r\n]+/gi, `$1$2${REDACTED}`],
  // RFC 7617 and RFC 6750; `bearer.` is the form in Sec-WebSocket-Protocol.
  [
    new RegExp(`\\b(basic|bearer)((?:\\s|%20|\\+)+|\\.)(?!${PLAIN}\\b)[\\w.~+/=%-]{4,}`, 'gi'),
    `$1$2${REDACTED}`,
  ],
  // RFC 3986 section 3.2.1: user information of a URL.
  [/\/\/[^\s/@]+@/g, `//${REDACTED}@`],
  [new RegExp(`(^|[?&;#,\\s"'({])(${SECRET_NAME})(=|%3D)[^&\\s;,#"')]+`, 'gi'), `$1$2$3${REDACTED}`],
  [
    new RegExp(`(\\\\?["']${SECRET_NAME}\\\\?["']\\s*:\\s*)(?:\\\\?"[^"]*"?|[^\\s,}]+)`, 'gi'),
    `$1"${REDACTED}"`,
  ],
];

/** The text without anything that has the shape of a credential. */
export function redact(text: string): string {
  let clean = text;
  for (const [shape, replacement] of SHAPES) clean = clean.replace(shape, replacement);
  return clean;
}
