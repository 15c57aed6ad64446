/** A client certificate that the edge has verified against the listener's CA bundle and CRL. Never an unverified one. */
export interface ClientCertificate {
  /** Distinguished name of the subject by short name (`CN`, `O`, `OU` …), repeated fields in order. */
  readonly subject: Readonly<Record<string, readonly string[]>>;
  readonly issuer: Readonly<Record<string, readonly string[]>>;
  readonly san: {
    readonly uri: readonly string[];
    readonly dns: readonly string[];
    readonly email: readonly string[];
  };
  /** Hexadecimal, lower case. */
  readonly serial: string;
  /** SHA-256 of the DER form, hexadecimal, lower case. */
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  /** Who issued what, from this certificate up to the trust anchor's own: what a revocation list names. */
  readonly path: readonly CertificateLink[];
  /** SHA-256 of the trust anchor that vouches for it, hexadecimal, lower case. */
  readonly anchor: string;
}

/** One certificate of a path, as a revocation list names it. */
export interface CertificateLink {
  /** The issuer's distinguished name, as text. */
  readonly issuer: string;
  /** Hexadecimal, lower case. */
  readonly serial: string;
}

export interface TlsFacts {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly protocol: string;
  readonly cipher: string;
  /** SNI, lower-cased, one trailing dot stripped; undefined if the client sent none. */
  readonly serverName?: string;
  readonly certificate?: ClientCertificate;
}

/** What an upgrade request said, once `edge/handshake` has found it to be one. Immutable. */
export interface Handshake {
  readonly listener: string;
  /** The client's address in canonical text, after trusted proxies and PROXY protocol. */
  readonly address: string;
  /** The address of the TCP peer. */
  readonly peer: string;
  /** Lower case, no port, no trailing dot. */
  readonly host: string;
  /** In normal form, starting with `/`; what the route matched and what the upstream gets. */
  readonly path: string;
  /** Without the `?`; empty if there was none. */
  readonly query: string;
  /** As sent; undefined if absent. */
  readonly origin: string | undefined;
  /** Field names in lower case. A field that was repeated is joined by `, ` where its grammar is a list. */
  readonly headers: ReadonlyMap<string, string>;
  /** Offered subprotocols, in order, unique. A `bearer.` credential stands here as sent. */
  readonly protocols: readonly string[];
  /** Sec-WebSocket-Extensions as sent; empty if absent. */
  readonly extensions: string;
  /** Sec-WebSocket-Key as sent. */
  readonly key: string;
  readonly tls: TlsFacts;
  /**
   * A token that did not come with a request: a message of an open session brought it, and the rest here is what is known
   * of that session. No other place is looked at for a token then.
   */
  readonly presented?: string;
}
