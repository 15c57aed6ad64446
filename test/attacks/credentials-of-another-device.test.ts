// AC-01
import { expect, it } from 'vitest';
import { REFUSALS } from '../../src/errors.ts';
import { Guarded } from '../support/guarded.ts';

const gate = new Guarded({
  match: { path: '/ocpp/*' },
  authorize: [{ on: 'connect', allow: 'connection.path == "/ocpp/" + principal.subject' }, { allow: 'true' }],
});

it('lets a device connect under its own name', async () => {
  expect(await gate.knock({ path: '/ocpp/CP_1' }, { subject: 'CP_1' })).toBe('pass');
});

it.each([
  ['/ocpp/CP_1', 'CP_2'],
  ['/ocpp/CP_1', 'CP_1/'],
  ['/ocpp/CP_1/', 'CP_1'],
  ['/ocpp/CP_1/CP_2', 'CP_2'],
  ['/ocpp/cp_1', 'CP_1'],
  ['/ocpp/', ''.padEnd(1)],
  ['/ocpp/CP_1%2f', 'CP_1'],
])('keeps %s from the device %s', async (path, subject) => {
  expect(await gate.knock({ path }, { subject })).toBe('not_authorized');
  expect(REFUSALS.not_authorized.status).toBe(403);
});
