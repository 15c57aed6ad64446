import { z } from 'zod';
import { nearest } from '../config/nearest.ts';
import { clean } from '../record/escape.ts';
import { REVOCABLE } from '../store/revocations.ts';
import { ADMIN_NOTE, ADMIN_OPTIONS, askAdmin } from './admin-client.ts';
import type { Exit } from './exit.ts';
import type { Io } from './io.ts';
import { type Given, JSON_OPTION, UsageError, type Verb } from './verb.ts';

const KINDS = REVOCABLE.join(', ');

/** `sallyport revoke KIND VALUE` */
export const verb: Verb = {
  positionals: ['[KIND', 'VALUE]'],
  options: {
    until: {
      type: 'string',
      value: 'TIME',
      help: 'When all credentials that it could touch have run out; in 30 days if left out.',
    },
    'issued-before': {
      type: 'string',
      value: 'TIME',
      help: 'Of a subject or tenant: credentials that are issued later stay good. Now if left out.',
    },
    list: { type: 'boolean', help: 'List what is revoked, with the id of each.' },
    lift: { type: 'string', value: 'ID', help: 'Take back the revocation of this id.' },
    ...ADMIN_OPTIONS,
    json: JSON_OPTION,
  },
  examples: [
    'revoke subject alice',
    'revoke address 192.0.2.0/24 --until 2026-12-31T23:59:59Z',
    'revoke --list',
  ],
  notes: `KIND is ${KINDS}; an address may be a network like 192.0.2.0/24.\nTIME is like 2026-12-31T23:59:59Z.\n${ADMIN_NOTE}`,
  async run(given, io): Promise<Exit> {
    const order = orderOf(given);
    if (order) await ordered(order, given, io);
    else if (given.flag('list')) await listed(given, io);
    else await lifted(given.text('lift') ?? '', given, io);
    return 'done';
  },
};

/** What is to be revoked; undefined if something else was asked for. @throws UsageError unless it is one of the three */
function orderOf(given: Given): Record<string, string> | undefined {
  const [by, value] = given.positionals;
  const asked = [by, given.flag('list') || undefined, given.text('lift')].filter(
    (each) => each !== undefined,
  );
  if (asked.length !== 1) throw new UsageError('revoke needs a KIND and a VALUE, or --list, or --lift ID');
  if (by === undefined) return undefined;
  if (!REVOCABLE.some((each) => each === by)) {
    const close = nearest(by, REVOCABLE);
    const hint = close === undefined ? `; there are ${KINDS}` : `; did you mean ${close}?`;
    throw new UsageError(`there is no kind ${JSON.stringify(by)}${hint}`);
  }
  if (!value) throw new UsageError(`revoke ${by} needs a VALUE`);
  const order: Record<string, string> = { by, value };
  for (const [option, name] of [
    ['until', 'until'],
    ['issued-before', 'issuedBefore'],
  ] as const) {
    const time = given.text(option);
    if (time !== undefined && !z.iso.datetime({ offset: true }).safeParse(time).success) {
      throw new UsageError(`--${option} is a time like 2026-12-31T23:59:59Z; not ${JSON.stringify(time)}`);
    }
    if (time !== undefined) order[name] = time;
  }
  return order;
}

const REVOKED = z.object({
  ended: z.number(),
  kept: z.boolean(),
  missing: z.array(z.string()).optional(),
});
const PAGE = z.object({
  revocations: z.array(
    z.looseObject({ id: z.string(), by: z.string(), value: z.string(), until: z.string() }),
  ),
  next: z.string().optional(),
});

async function ordered(order: object, given: Given, io: Io): Promise<void> {
  const answer = REVOKED.parse(await askAdmin(given, io, 'POST', '/revocations', order));
  if (given.flag('json')) return io.out(JSON.stringify(answer));
  io.out(`revoked; ${answer.ended} sessions ended${answer.kept ? '' : '; it ends with the process'}`);
  for (const each of answer.missing ?? []) io.err(`not counted: ${clean(each)}`);
}

async function lifted(id: string, given: Given, io: Io): Promise<void> {
  const answer = await askAdmin(given, io, 'DELETE', `/revocations/${encodeURIComponent(id)}`);
  io.out(given.flag('json') ? JSON.stringify(answer) : 'taken back');
}

/** A line for each. */
async function listed(given: Given, io: Io): Promise<void> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const query = `limit=500&after=${encodeURIComponent(after)}`;
    const { revocations, next } = PAGE.parse(await askAdmin(given, io, 'GET', `/revocations?${query}`));
    for (const each of revocations) {
      const { id, by, value, until } = each;
      io.out(given.flag('json') ? JSON.stringify(each) : `${id}  ${by}=${clean(value)}  until ${until}`);
    }
    after = next;
  }
}
