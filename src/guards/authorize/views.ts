import type { Candidate, Connection } from '../../pipeline/connection.ts';
import type { Principal } from '../../pipeline/principal.ts';

/** What a rule sees of a principal, made once a principal. Its fields are declared, so that a misspelt one does not load. */
export class PrincipalView {
  readonly identity: string;
  readonly subject: string;
  readonly tenant: string | undefined;
  readonly roles: readonly string[];
  readonly tier: string | undefined;
  readonly tokenId: string | undefined;
  readonly certificateSerial: string | undefined;

  constructor(principal: Principal) {
    this.identity = principal.identity;
    this.subject = principal.subject;
    this.tenant = principal.tenant;
    this.roles = principal.roles;
    this.tier = principal.tier;
    this.tokenId = principal.tokenId;
    this.certificateSerial = principal.certificateSerial;
  }
}

/** The same by name and type in CEL. */
export const PRINCIPAL_FIELDS: Readonly<Record<keyof PrincipalView, string>> = {
  identity: 'string',
  subject: 'string',
  tenant: 'string',
  roles: 'list<string>',
  tier: 'string',
  tokenId: 'string',
  certificateSerial: 'string',
};

/** What a rule sees of a connection, made once a connection. */
export class ConnectionView {
  readonly id: string;
  readonly route: string;
  readonly host: string;
  /** In normal form: what the route matched and what the upstream got. */
  readonly path: string;
  readonly address: string;
  readonly origin: string | undefined;
  /** The subprotocol; not there until one is negotiated. */
  readonly protocol: string | undefined;

  constructor(id: string, route: string, at: Place, protocol: string | undefined) {
    this.id = id;
    this.route = route;
    this.host = at.host;
    this.path = at.path;
    this.address = at.address;
    this.origin = at.origin;
    this.protocol = protocol;
  }
}

/** The same by name and type in CEL. */
export const CONNECTION_FIELDS: Readonly<Record<keyof ConnectionView, string>> = {
  id: 'string',
  route: 'string',
  host: 'string',
  path: 'string',
  address: 'string',
  origin: 'string',
  protocol: 'string',
};

interface Place {
  readonly host: string;
  readonly path: string;
  readonly address: string;
  readonly origin: string | undefined;
}

/** The variables of a rule. One object is used for every message of a route, so that binding copies nothing. */
export class Scope {
  message: unknown;
  claims: unknown;
  principal: PrincipalView | undefined;
  connection: ConnectionView | undefined;

  bindConnection(connection: Connection): void {
    const views = connection.slot<Views>('authorize', makeViews);
    views.connection ??= new ConnectionView(connection.id, connection.route, connection, connection.protocol);
    if (views.of !== connection.principal) {
      views.of = connection.principal;
      views.principal = new PrincipalView(connection.principal);
    }
    this.claims = connection.principal.claims;
    this.principal = views.principal;
    this.connection = views.connection;
  }

  /** Another principal in place of the connection's own, for whoever else must allow it. */
  bindPrincipal(principal: Principal): void {
    this.claims = principal.claims;
    this.principal = viewOf(principal);
  }

  /** A connection as it was at the door, with this principal. */
  bindRenewal(connection: Connection, principal: Principal): void {
    this.bindPrincipal(principal);
    this.connection = new ConnectionView(connection.id, connection.route, connection, undefined);
  }

  bindCandidate({ id, route, handshake, principal }: Candidate): void {
    this.claims = principal.claims;
    this.principal = new PrincipalView(principal);
    this.connection = new ConnectionView(id, route, handshake, undefined);
  }
}

const views = new WeakMap<Principal, PrincipalView>();

function viewOf(principal: Principal): PrincipalView {
  const known = views.get(principal);
  if (known) return known;
  const made = new PrincipalView(principal);
  views.set(principal, made);
  return made;
}

interface Views {
  connection: ConnectionView | undefined;
  /** The principal that the view shows: a refresh replaces it. */
  of: Principal | undefined;
  principal: PrincipalView | undefined;
}

const makeViews = (): Views => ({ connection: undefined, of: undefined, principal: undefined });
