import { z } from 'zod';
import type { EmergencyFacts } from '../identity/emergency-state.ts';
import { type Answer, json, type Operation, operation, problem } from './operation.ts';

const ORDER = z.strictObject({
  minutes: z.int().min(1).max(1_440).describe('For how long; not longer than the configuration allows.'),
  reason: z.string().min(1).max(256).optional().describe('Why; for the record.'),
});

const EMERGENCY = z.strictObject({
  on: z.boolean(),
  until: z.iso.datetime().optional().describe('When it ends by itself. UTC.'),
});

/** What the admin API can do while an identity provider is away. */
export const EMERGENCY_OPERATIONS: readonly Operation[] = [
  operation({
    id: 'readEmergency',
    method: 'get',
    path: '/emergency',
    access: 'operator',
    summary: 'Whether emergency mode is on, and until when.',
    answers: { 200: { meaning: 'That.', body: EMERGENCY } },
    run: async ({ operator }) => say(await operator.emergency()),
  }),
  operation({
    id: 'beginEmergency',
    method: 'post',
    path: '/emergency',
    access: 'operator',
    summary:
      'Switches emergency mode on, for a time: what was known of credentials before their identity provider went away is believed, of those whom the configuration lists.',
    body: ORDER,
    answers: { 200: { meaning: 'It is on.', body: EMERGENCY } },
    run: async ({ operator, who = '', body: { minutes, reason } }) => {
      const begun = await operator.beginEmergency({ minutes, who, ...(reason !== undefined && { reason }) });
      return typeof begun === 'string' ? problem(409, begun) : say(begun, `minutes=${minutes}`);
    },
  }),
  operation({
    id: 'endEmergency',
    method: 'delete',
    path: '/emergency',
    access: 'operator',
    summary:
      'Switches emergency mode off. Whoever it let in stays until the shortened end of the credential.',
    answers: { 200: { meaning: 'It is off.', body: EMERGENCY } },
    run: async ({ operator, who = '' }) => {
      await operator.endEmergency(who);
      return say(await operator.emergency());
    },
  }),
];

function say({ on, until }: EmergencyFacts, target?: string): Answer {
  const ends = until === undefined ? {} : { until: new Date(until).toISOString() };
  return json(200, EMERGENCY, { on, ...ends }, target === undefined ? {} : { target });
}
