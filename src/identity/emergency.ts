import { z } from 'zod';
import { AddressSet, cidr } from '../pipeline/addresses.ts';
import type { Handshake } from '../pipeline/handshake.ts';
import {
  type Identification,
  type Identity,
  isRefused,
  type LastResort,
  NOT_MINE,
} from '../pipeline/identity.ts';
import type { Principal } from '../pipeline/principal.ts';
import { duration } from '../pipeline/units.ts';
import type { Refused } from '../pipeline/verdict.ts';
import type { Services } from '../store/services.ts';
import { type EmergencyState, emergencyStateOf, LONGEST } from './emergency-state.ts';
import { freezePrincipal } from './principal.ts';

/** `emergency` of the configuration. */
export const emergencyOptions = z
  .strictObject({
    subjects: z
      .array(z.string().min(1).max(1_024))
      .max(1_000)
      .default([])
      .describe('Who may then come in by what was known of them, as the identities name them.'),
    networks: z
      .array(cidr)
      .max(1_000)
      .default([])
      .describe('From where everybody whose credential was known may come in.'),
    lifetime: duration
      .prefault('5m')
      .refine((ms) => ms >= 1_000 && ms <= 3_600_000, 'from 1s to 1h')
      .describe('How long such a credential is good, and so its session; then it must be shown again.'),
    maximum: duration
      .prefault('1h')
      .refine((ms) => ms >= 60_000 && ms <= LONGEST, 'from 1m to 24h')
      .describe('For how long an operator may switch it on at a time.'),
  })
  .refine(({ subjects, networks }) => subjects.length + networks.length > 0, {
    path: ['subjects'],
    message: 'nobody could come in: name subjects, networks, or both',
  });

export type EmergencyOptions = z.output<typeof emergencyOptions>;

/**
 * The one place where emergency mode has a meaning. While it is on, and only for an identity that cannot answer because its
 * provider is away, what was last known may vouch for those whom the configuration lists: for a short time, and with a
 * mark that stays on the session.
 */
export class Emergency implements LastResort {
  readonly #subjects: ReadonlySet<string>;
  readonly #networks: AddressSet;
  readonly #lifetime: number;
  readonly #services: Services;
  readonly #state: EmergencyState;

  constructor({ subjects, networks, lifetime }: EmergencyOptions, services: Services) {
    this.#subjects = new Set(subjects);
    this.#networks = new AddressSet(networks);
    this.#lifetime = lifetime;
    this.#services = services;
    this.#state = emergencyStateOf(services);
  }

  async reconsider(
    name: string,
    identity: Identity,
    handshake: Handshake,
    refused: Refused,
  ): Promise<Identification> {
    if (!this.#state.on || !identity.lastKnown) return refused;
    const found = await identity.lastKnown(handshake);
    if (found === NOT_MINE) return refused;
    if (isRefused(found)) return found;
    return this.#lists(found, handshake) ? this.#admit(name, found, handshake, identity) : refused;
  }

  #lists({ subject }: Principal, { address }: Handshake): boolean {
    return this.#subjects.has(subject) || this.#networks.has(address);
  }

  #admit(name: string, principal: Principal, { address }: Handshake, { recheck }: Identity): Principal {
    const { clock, recorder } = this.#services;
    const { subject, tenant, expiresAt = Number.POSITIVE_INFINITY } = principal;
    const now = clock.now();
    const ends = Math.min(expiresAt, now + this.#lifetime);
    const marked = freezePrincipal({ ...principal, expiresAt: ends, emergency: true });
    const credential = recheck?.credentialOf(principal);
    if (credential !== undefined) recheck?.takeOver(marked, credential);
    recorder.event('emergency.admitted', {
      identity: name,
      subject,
      tenant,
      address,
      seconds: (ends - now) / 1_000,
    });
    return marked;
  }
}
