import { type Allowance, DEFAULT_ALLOWANCE } from '../../audit/budget.ts';
import { GROUPS } from '../../audit/check.ts';
import { CHECKS } from '../../audit/checks/list.ts';
import type { Watch } from '../../audit/context.ts';
import { GRADES, type Grade } from '../../audit/grade.ts';
import { nearest } from '../../config/nearest.ts';
import { duration, size } from '../../pipeline/units.ts';
import { type Given, UsageError } from '../verb.ts';

/** The groups and checks of `--only`; undefined for all. */
export function onlyOf(given: Given): readonly string[] | undefined {
  const names = given.texts('only').flatMap((text) => text.split(','));
  const known = [...Object.keys(GROUPS), ...CHECKS.map(({ id }) => id)];
  const wrong = names.find((name) => !known.includes(name));
  if (wrong === undefined) return names.length === 0 ? undefined : names;
  const close = nearest(wrong, known);
  const hint =
    close === undefined ? `; groups are ${Object.keys(GROUPS).join(', ')}` : `; did you mean ${close}?`;
  throw new UsageError(`there is no check ${JSON.stringify(wrong)}${hint}`);
}

/** `--budget connections=200,bytes=1MiB`: what is not named stays as it is. */
export function allowanceOf(given: Given): Allowance {
  const parts = given.texts('budget').flatMap((text) => text.split(','));
  return Object.assign({ ...DEFAULT_ALLOWANCE }, ...parts.map(partOf));
}

function partOf(part: string): Partial<Allowance> {
  const [name = '', text = ''] = part.split('=');
  const value = /^\d{1,9}$/.test(text)
    ? Number(text)
    : name === 'bytes'
      ? size.safeParse(text).data
      : undefined;
  if (!Object.hasOwn(DEFAULT_ALLOWANCE, name) || value === undefined || value < 1) {
    const names = Object.keys(DEFAULT_ALLOWANCE).join(', ');
    throw new UsageError(`--budget is NAME=NUMBER of ${names}; not ${JSON.stringify(part)}`);
  }
  return { [name]: value };
}

/** `--minimum-grade`; with `--ci` alone, A. */
export function minimumOf(given: Given): Grade | undefined {
  const text = given.text('minimum-grade')?.toUpperCase();
  if (text === undefined) return given.flag('ci') ? 'A' : undefined;
  const found = GRADES.find((each) => each === text);
  if (!found) throw new UsageError(`--minimum-grade is one of ${GRADES.join(', ')}`);
  return found;
}

/** `--watch 10m` and how. */
export function watchOf(given: Given): Watch | undefined {
  const text = given.text('watch');
  if (text === undefined) return undefined;
  const { data } = duration.safeParse(text);
  if (data === undefined || data < 1_000) throw new UsageError('--watch is a duration like 10m');
  return { duration: data, interval: 1_000, sockets: 3 };
}
