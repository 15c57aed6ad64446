import type { Loaded } from '../config/load.ts';
import type { CompiledPlan } from '../config/plan.ts';
import { admissionOf } from '../edge/admission.ts';
import type { GatewayRecord } from '../record/record.ts';
import type { Registry } from '../session/registry.ts';
import { Relief } from '../session/relief.ts';
import { Unfinished } from '../session/unfinished.ts';
import type { Services } from '../store/services.ts';

/** What decides how much is too much, as it is at the moment. */
interface Current {
  readonly record: GatewayRecord;
  readonly registry: Registry;
  readonly services: Services;
  readonly loaded: () => Loaded;
  readonly plan: () => CompiledPlan;
}

/** Has the record go by the configuration, and room made when it asks for it. Returns the count of what is unfinished. */
export function wireOverload({ record, registry, services, loaded, plan }: Current): Unfinished {
  const relief = new Relief(registry, services, () => plan().identities.map(({ identity }) => identity));
  record.overload.limits = () => loaded().config.overload;
  record.overload.relieve = () => relief.relieve();
  const unfinished = new Unfinished(registry, () => loaded().config.overload.unfinished);
  record.meter.source('sallyport_unfinished_bytes', () => [{ labels: {}, value: unfinished.bytes }]);
  const admission = admissionOf(services);
  record.meter.source('sallyport_admission_waiting', () => [{ labels: {}, value: admission.waiting }]);
  record.meter.source('sallyport_admission_under_way', () => [{ labels: {}, value: admission.underWay }]);
  record.meter.source('sallyport_admission_rate', () => [{ labels: {}, value: Math.round(admission.rate) }]);
  return unfinished;
}
