import type { CompiledPlan } from '../config/plan.ts';
import { OTHER_JUDGES } from '../pipeline/guard.ts';
import type { Meter } from '../record/meter.ts';
import type { Parking } from '../session/parking.ts';
import type { Registry } from '../session/registry.ts';
import type { GatewayOperator } from './operator.ts';

/** What is asked of the operator's side. */
type Facts = Pick<GatewayOperator, 'certificates' | 'health'>;

/** What only the gateway as a whole can count, read when it is scraped. */
export function exposeGateway(
  meter: Meter,
  {
    operator,
    registry,
    parking,
    plan,
  }: { operator: Facts; registry: Registry; parking: Parking<unknown>; plan: () => CompiledPlan },
): void {
  meter.source('sallyport_connections', () =>
    [...sessionsByRoute(plan(), registry)].map(([route, value]) => ({ labels: { route }, value })),
  );
  meter.source('sallyport_certificate_expiry_timestamp_seconds', () =>
    operator.certificates().map(({ listener, name, notAfter }) => ({
      labels: { listener, certificate: name },
      value: notAfter / 1_000,
    })),
  );
  meter.source('sallyport_sessions_parked', () => [{ labels: {}, value: parking.parked }]);
  meter.source('sallyport_journal_bytes', () => [{ labels: {}, value: parking.journals.used }]);
  meter.source('sallyport_workers', () => [{ labels: {}, value: 1 }]);
  meter.source('sallyport_configuration_generation', () => [{ labels: {}, value: plan().generation }]);
  meter.source('sallyport_health', () =>
    operator.health().map(({ name, healthy }) => ({ labels: { check: name }, value: healthy ? 1 : 0 })),
  );
}

/** A route that a reload removed is there until its last session has gone. */
export function sessionsByRoute(
  { routes }: Pick<CompiledPlan, 'routes'>,
  sessions: Iterable<{ readonly route: string; readonly joined?: boolean }>,
): ReadonlyMap<string, number> {
  const counts = new Map(routes.map(({ name }) => [name, 0]));
  // One that is only carried is counted by the process that holds it.
  for (const { route, joined } of sessions) if (!joined) counts.set(route, (counts.get(route) ?? 0) + 1);
  return counts;
}

/** Tells the meter the names that a plan gives to labels: nothing else becomes one. */
export function learnNames(meter: Meter, plan: CompiledPlan, listeners: Iterable<string>): void {
  const { routes, identities } = plan;
  meter.know('listener', listeners);
  meter.know('identity', [
    ...identities.map(({ name }) => name),
    ...plan.transmitters.map(({ keysOwner }) => keysOwner),
  ]);
  meter.know(
    'transmitter',
    plan.transmitters.map(({ name }) => name),
  );
  meter.know(
    'route',
    routes.map(({ name }) => name),
  );
  meter.know(
    'protocol',
    routes.flatMap(({ protocols }) => protocols),
  );
  meter.know('guard', [
    ...OTHER_JUDGES,
    ...routes.flatMap(({ door, inspect }) =>
      [...door, ...inspect.client, ...inspect.server].map(({ name }) => name),
    ),
  ]);
}
