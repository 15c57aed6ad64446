import type { Principal } from '../pipeline/principal.ts';

/** Freezes a principal and everything in it: what a guard, a rule or a header reads is what was verified. */
export function freezePrincipal(principal: Principal): Principal {
  return freezeDeep(principal);
}

function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) freezeDeep(item);
  return Object.freeze(value);
}
