import type { Identity } from '../pipeline/identity.ts';
import type { Principal } from '../pipeline/principal.ts';
import type { Json } from '../store/store.ts';
import { freezePrincipal } from './principal.ts';

/** A principal on its way to another process, as JSON has it, with the credential if that will be asked about again. */
export interface Carried {
  readonly principal: Json;
  readonly credential?: string;
}

/** Packs a principal that this identity has made. */
export function pack(principal: Principal, identity: Pick<Identity, 'recheck'> | undefined): Carried {
  const credential = identity?.recheck?.credentialOf(principal);
  // What a principal has are texts, numbers and what a claim set in JSON held.
  return { principal: principal as unknown as Json, ...(credential !== undefined && { credential }) };
}

/** Unpacks what `pack` has packed: by a process of ours, over a way that strangers cannot write to. */
export function unpack(
  { principal: packed, credential }: Carried,
  identityOf: (name: string) => Pick<Identity, 'recheck'> | undefined,
): Principal {
  const principal = freezePrincipal(packed as unknown as Principal);
  if (credential !== undefined) identityOf(principal.identity)?.recheck?.takeOver(principal, credential);
  return principal;
}
