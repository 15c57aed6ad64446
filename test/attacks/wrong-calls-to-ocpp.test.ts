// JS-25, JS-26
import { expect, it } from 'vitest';
import { text } from '../support/raw-frames.ts';
import { schemaRoute } from '../support/schema-route.ts';

const object = (properties: object, required: string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const schemas = {
  BeatRequest: object({ meter: { type: 'string', maxLength: 20 }, values: { type: 'array', maxItems: 2 } }, [
    'meter',
  ]),
  BeatResponse: object({}, []),
};

it.each([
  ['an unknown action', ['Reboot', {}], 'NotImplemented', 'NotImplemented'],
  ['the answer as an action', ['BeatResponse', {}], 'NotImplemented', 'NotImplemented'],
  ['a missing field', ['Beat', {}], 'OccurenceConstraintViolation', 'OccurrenceConstraintViolation'],
  [
    'too many items',
    ['Beat', { meter: 'a', values: [1, 2, 3] }],
    'OccurenceConstraintViolation',
    'OccurrenceConstraintViolation',
  ],
  ['a wrong type', ['Beat', { meter: 5 }], 'TypeConstraintViolation', 'TypeConstraintViolation'],
  [
    'a wrong value',
    ['Beat', { meter: 'x'.repeat(21) }],
    'PropertyConstraintViolation',
    'PropertyConstraintViolation',
  ],
  ['an extra field', ['Beat', { meter: 'a', x: 1 }], 'FormationViolation', 'FormatViolation'],
  ['no payload', ['Beat'], 'FormationViolation', 'FormatViolation'],
  ['a list for the payload', ['Beat', []], 'FormationViolation', 'FormatViolation'],
])(
  '%s is answered with the CALLERROR of each version, and not forwarded',
  async (_, call, inVersion1, inVersion2) => {
    for (const [protocol, code] of [
      ['ocpp1.6', inVersion1],
      ['ocpp2.0.1', inVersion2],
    ] as const) {
      const pair = schemaRoute(schemas, { dialect: { ocpp: {} }, protocols: [protocol] }).connect(
        {},
        {},
        protocol,
      );
      pair.client.send(text(JSON.stringify([2, 'a1', ...call])));
      const answer = JSON.parse((await pair.client.nextOf('text')).payload.toString());
      expect(answer.slice(0, 3)).toEqual([4, 'a1', code]);
      expect(pair.upstream.received).toEqual([]);
      pair.end();
    }
  },
);
