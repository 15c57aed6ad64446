import path from 'node:path';
import type { CompiledPlan } from '../config/plan.ts';
import type { Registry } from '../session/registry.ts';
import { Renewals } from '../session/renewals.ts';
import { SignalReceiver } from '../signals/receiver.ts';
import type { Gate } from '../upgrade/gate.ts';
import { upgrade } from '../upgrade.ts';
import { WellKnown } from '../wellknown/well-known.ts';
import { Listeners } from './listeners.ts';
import type { GatewayOperator } from './operator.ts';
import { type Pages, servePage } from './pages.ts';
import type { WorkerRole } from './role.ts';

/** What the doors of a gateway lead to. */
export interface DoorParts {
  readonly gate: Gate;
  readonly plan: () => CompiledPlan;
  readonly registry: Registry;
  readonly operator: () => GatewayOperator;
  readonly pages: Pages | undefined;
  /** The folder that the files of a listener are relative to. */
  readonly directory: string;
  readonly role: WorkerRole | undefined;
  /** A new CA bundle or revocation list is in service. */
  readonly trustChanged: () => void;
}

/** The listeners, none open yet, and behind them upgrades, well-known paths and pages. */
export function createDoors(parts: DoorParts): Listeners {
  const { gate, plan, registry, operator, pages, directory, role, trustChanged } = parts;
  const { services } = gate;
  const wellKnown = new WellKnown({
    services,
    plan,
    closedFor: () => gate.closedFor(),
    signals: new SignalReceiver({
      services,
      transmitters: () => plan().transmitters,
      revoke: (order) => operator().revoke(order),
    }),
    renewals: new Renewals(registry, services),
  });
  return new Listeners(
    {
      upgrade: (arrival) => upgrade(arrival, gate),
      expects: (host, target) => plan().match(host, target) !== undefined,
      trustChanged,
      request: async (request, response, facts) =>
        (await wellKnown.serve(request, response, facts)) ||
        (pages !== undefined && servePage(pages, request, response)),
    },
    services,
    (name) => path.resolve(directory, name),
    role,
  );
}
