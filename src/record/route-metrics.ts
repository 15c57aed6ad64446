import type { DirectionCounters, RouteCounters } from './counters.ts';
import type { Meter } from './meter.ts';
import type { Sample } from './samples.ts';

type Side = readonly [route: string, direction: 'client' | 'server', counters: DirectionCounters];

/** Exposes what the hot path counts, read when it is scraped. */
export function exposeRoutes(meter: Meter, routes: ReadonlyMap<string, RouteCounters>): void {
  const sides = (): Side[] =>
    [...routes.values()].flatMap(({ route, client, server }): Side[] => [
      [route, 'client', client],
      [route, 'server', server],
    ]);
  meter.source('sallyport_messages_total', () => sides().flatMap(messages));
  meter.source('sallyport_message_bytes_total', () =>
    sides().map(([route, direction, { bytes }]) => ({ labels: { route, direction }, value: bytes })),
  );
  meter.source('sallyport_refusals_total', () => sides().flatMap(refusals));
  meter.bucketSource('sallyport_message_seconds', () =>
    sides().map(([route, direction, { time }]) => ({ labels: { route, direction }, buckets: time })),
  );
}

function messages([route, direction, { forwarded, refused }]: Side): Sample[] {
  return [
    { labels: { route, direction, outcome: 'forwarded' }, value: forwarded },
    { labels: { route, direction, outcome: 'refused' }, value: refused },
  ];
}

function refusals([route, direction, counters]: Side): Sample[] {
  return [...counters.refusals].flatMap(([key, { enforced, observed }]) => {
    const [guard, code] = key.split(' ');
    return [
      { labels: { route, direction, guard, code, mode: 'enforced' }, value: enforced },
      { labels: { route, direction, guard, code, mode: 'observed' }, value: observed },
    ];
  });
}
