/** A header field as it stands on the wire; a value may hold any bytes, in Latin-1. */
export type Field = readonly [name: string, value: string];

/** Where a token goes in an upgrade. */
export type TokenPlace =
  | { readonly kind: 'header' }
  /** As `bearer.TOKEN` among the subprotocols. */
  | { readonly kind: 'subprotocol' }
  | { readonly kind: 'cookie' | 'query'; readonly name: string };

/** What goes with every upgrade, and who asks. */
export interface Login {
  /** Origin, subprotocol and whatever other fields the user gave. */
  readonly always: readonly Field[];
  /** Never in a report. */
  readonly token: string | undefined;
  readonly place: TokenPlace;
}

/** The request target with one parameter more. */
export function withParameter(path: string, name: string, value: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
}
