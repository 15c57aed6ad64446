import { expect, it } from 'vitest';
import { CHECKS } from '../../src/audit/checks/list.ts';
import { CATALOGUE } from '../attacks/catalogue.ts';
import { ROWS } from './rows.ts';

// Every way of attacking a handshake that is known here is sent by a check, or has a reason why it is not.

it('has each row of handshakes, smuggling and origins, and no other', () => {
  const rows = CATALOGUE.flatMap((group) => group.rows.map(([id]) => id));
  expect(Object.keys(ROWS).sort()).toEqual(rows.filter((id) => /^(HS|SM|OR)-/.test(id)).sort());
});

it('names checks that there are', () => {
  const ids = CHECKS.map(({ id }) => id);
  const named = Object.values(ROWS).flatMap((row) => ('none' in row ? [] : row));
  expect(named.filter((id) => !ids.includes(id))).toEqual([]);
});
