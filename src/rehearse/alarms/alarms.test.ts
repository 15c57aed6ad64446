import { afterEach, expect, it, vi } from 'vitest';
import { Chronicle } from '../chronicle.ts';
import { Alarms } from './alarms.ts';
import { rulesOf } from './rules.ts';

const rule = (alert: string, expr: string, more: object = {}) => ({ alert, expr, ...more });
const file = (...rules: object[]) => ({ groups: [{ name: 'g', rules }] });

afterEach(() => void vi.useRealTimers());

it('an alarm is pending, fires when it held for long enough, and is over', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  const chronicle = new Chronicle();
  chronicle.begin();
  let health: string | undefined = 'health{check="keys"} 1\n';
  const rules = rulesOf(
    file(rule('Sick', 'health == 0', { for: '5s', labels: { severity: 'page' } }), rule('Down', 'up == 0')),
  );
  const alarms = new Alarms(rules, { instances: ['node-1'], scrape: async () => health }, chronicle);
  const after = async (seconds: number, text: string | undefined): Promise<void> => {
    vi.advanceTimersByTime(seconds * 1_000);
    health = text;
    await alarms.round();
  };
  await after(1, health);
  expect(alarms.seen).toEqual([]);
  await after(1, 'health{check="keys"} 0\n'); // at 2 s
  await after(4, health);
  expect(alarms.seen).toMatchObject([{ name: 'Sick', since: 2, fired: undefined, severity: 'page' }]);
  await after(1, health);
  expect(alarms.seen).toMatchObject([{ since: 2, fired: 7, until: undefined }]);
  await after(1, 'health{check="keys"} 1\n');
  expect(alarms.seen).toMatchObject([{ fired: 7, until: 8, labels: 'check=keys instance=node-1' }]);
  await after(1, undefined);
  expect(alarms.seen.at(-1)).toMatchObject({ name: 'Down', since: 9, fired: 9, labels: 'instance=node-1' });
  expect(chronicle.entries.map(({ what }) => what.split(' ', 2).join(' '))).toEqual([
    'Sick is',
    'Sick fires',
    'Sick is',
    'Down fires',
  ]);
});

it('rules that cannot be evaluated are refused, by name', () => {
  expect(() => rulesOf(file(rule('Fine', 'up == 0'), rule('Odd', 'absent(up)')))).toThrow(
    'Odd: there is no absent() here',
  );
  expect(() => rulesOf(file(rule('Number', '1 + 1')))).toThrow('Number: it says a number');
  expect(() => rulesOf({ groups: [{}] })).toThrow('groups.0.name');
  expect(rulesOf(file({ record: 'x', expr: 'whatever(this) is' }))).toEqual([]);
});
