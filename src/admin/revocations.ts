import { z } from 'zod';
import { canonicalAddress, parseCidr } from '../pipeline/addresses.ts';
import { REVOCABLE, type Revocation, type RevocationFacts, revocationId } from '../store/revocations.ts';
import { type Answer, json, type Operation, operation, problem } from './operation.ts';
import { pageSize, serialOf, text } from './parameters.ts';

const moment = z.iso.datetime({ offset: true });

const ORDER = z
  .strictObject({
    by: z.enum(REVOCABLE).describe('What the value names.'),
    value: text.describe('Of an address: one, or a network like 192.0.2.0/24.'),
    issuedBefore: moment
      .optional()
      .describe('Of a subject or tenant: credentials that are issued later stay good. Now, if left out.'),
    until: moment.optional().describe('When all credentials that it could touch have run out.'),
  })
  .overwrite((order) => ({ ...order, value: spelled(order) }))
  .check(({ value: { by, value }, issues }) => {
    const fault = by === 'address' ? parseCidr(value) : undefined;
    if (typeof fault === 'string')
      issues.push({ code: 'custom', message: fault, path: ['value'], input: value });
  });

const REVOKED = z.strictObject({
  ended: z.int().describe('How many open sessions were ended, at all workers and nodes.'),
  missing: z
    .array(z.string())
    .optional()
    .describe(
      'Nodes that did not say in time how many they ended. It is in force there as soon as they hear of it.',
    ),
  kept: z
    .boolean()
    .describe('Whether it outlives the process: false where the configuration has no `state`.'),
});

const ONE = z.strictObject({
  id: z.string(),
  by: z.enum(REVOCABLE),
  value: z.string(),
  identity: z.string().optional().describe('Only credentials of this identity.'),
  within: z.string().optional().describe('Only holders of this tenant.'),
  issuedBefore: z.iso.datetime().describe('UTC.'),
  until: z.iso.datetime().describe('UTC.'),
});

const SOME = z.strictObject({
  revocations: z.array(ONE).describe('In the order of their ids.'),
  total: z.int().describe('How many there are in all pages.'),
  next: z.string().optional().describe('The `after` of the next page; absent on the last.'),
});

const LIFTED = z.strictObject({ kept: z.boolean().describe('Whether that outlives the process.') });

/** What the admin API can do about credentials that are good no more. */
export const REVOCATION_OPERATIONS: readonly Operation[] = [
  operation({
    id: 'revoke',
    method: 'post',
    path: '/revocations',
    access: 'operator',
    summary:
      'Refuses credentials from now on, and ends the sessions that they opened, at every worker and node.',
    body: ORDER,
    answers: { 200: { meaning: 'It is in force.', body: REVOKED } },
    run: async ({ operator, body: { by, value, issuedBefore, until } }) => {
      const facts = await operator.revoke({
        by,
        value,
        ...(issuedBefore !== undefined && { issuedBefore: Date.parse(issuedBefore) }),
        ...(until !== undefined && { until: Date.parse(until) }),
      });
      const { ended, kept, missing } = facts;
      const deed = { affected: ended, target: `${by}=${value}` };
      const answer = { ended, kept, ...(missing && { missing: [...missing] }) };
      return faultOf(facts, 'it is in force here', deed) ?? json(200, REVOKED, answer, deed);
    },
  }),
  operation({
    id: 'listRevocations',
    method: 'get',
    path: '/revocations',
    access: 'operator',
    summary: 'What is revoked, a page at a time.',
    query: pageSize,
    answers: { 200: { meaning: 'A page.', body: SOME } },
    run: async ({ operator, query: { after, limit } }) => {
      const { revocations, total, next } = await operator.revocations(after, limit);
      return json(200, SOME, {
        revocations: revocations.map(view),
        total,
        ...(next !== undefined && { next }),
      });
    },
  }),
  operation({
    id: 'liftRevocation',
    method: 'delete',
    path: '/revocations/{id}',
    access: 'operator',
    summary: 'Takes a revocation back, at every worker and node.',
    params: z.strictObject({ id: text }),
    answers: { 200: { meaning: 'What it named is good again.', body: LIFTED } },
    run: async ({ operator, params: { id } }) => {
      const facts = await operator.lift(id);
      if (!facts) return problem(404, 'there is no such revocation');
      const { kept } = facts;
      return (
        faultOf(facts, 'it is taken back here', { affected: 1 }) ??
        json(200, LIFTED, { kept }, { affected: 1 })
      );
    },
  }),
];

/** What was done, but not everywhere or not for long, is no success. */
function faultOf(
  { problem: fault }: RevocationFacts,
  done: string,
  deed: Answer['deed'],
): Answer | undefined {
  if (fault === undefined) return undefined;
  return { ...problem(500, `${done}, but ${fault}`), ...(deed && { deed }) };
}

/** As we write it: what is spelled otherwise would be kept, and touch nobody. */
function spelled({ by, value }: { readonly by: string; readonly value: string }): string {
  if (by === 'certificateSerial') return serialOf(value);
  if (by !== 'address') return value;
  const [address = '', bits] = value.split('/');
  const canonical = canonicalAddress(address) ?? address;
  const single = bits === undefined || Number(bits) === (canonical.includes(':') ? 128 : 32);
  return single ? canonical : value.replace(address, canonical);
}

function view(revocation: Revocation): z.input<typeof ONE> {
  const { by, value, identity, within, issuedBefore, until } = revocation;
  return {
    id: revocationId(revocation),
    by,
    value,
    ...(identity !== undefined && { identity }),
    ...(within !== undefined && { within }),
    issuedBefore: timeOf(issuedBefore),
    until: timeOf(until),
  };
}

/** The last moment that RFC 3339 can say, for what is later. */
const LAST = Date.UTC(9999, 11, 31);

function timeOf(moment: number): string {
  return new Date(Math.min(moment, LAST)).toISOString();
}
