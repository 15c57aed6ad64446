import { within } from '../../pipeline/deadline.ts';
import type { Handshake } from '../../pipeline/handshake.ts';
import { type Identification, isRefused, NOT_MINE } from '../../pipeline/identity.ts';
import type { Principal } from '../../pipeline/principal.ts';
import type { Armed, NamedIdentity } from '../../pipeline/route.ts';
import { type MaybePromise, PASS, type Refused, refuse, type Verdict } from '../../pipeline/verdict.ts';
import type { GuardAnswer, IdentityAnswer } from './answer.ts';

/** How long one part may think, in milliseconds. */
const PATIENCE = 10_000;

/** Every guard's verdict, those after a refusal included; and the first refusal that counts. */
export async function judge(
  guards: readonly Armed[],
  ask: (armed: Armed) => MaybePromise<Verdict> | undefined,
): Promise<{ answers: GuardAnswer[]; refused?: { by: string; refused: Refused } }> {
  const answers: GuardAnswer[] = [];
  let first: { by: string; refused: Refused } | undefined;
  for (const armed of guards) {
    const verdict = await settled(`guard ${armed.name}`, () => ask(armed) ?? PASS);
    answers.push(answerOf(armed, verdict));
    if (!verdict.pass && !armed.observe) first ??= { by: armed.name, refused: verdict };
  }
  return { answers, ...(first && { refused: first }) };
}

function answerOf({ name, observe }: Armed, verdict: Verdict): GuardAnswer {
  if (verdict.pass) return { guard: name, verdict: 'pass' };
  const { code, reason } = verdict;
  return { guard: name, verdict: observe ? 'observe' : 'refuse', code, reason };
}

/** What each identity says, and what that comes to. */
export async function interview(
  identities: readonly NamedIdentity[],
  handshake: Handshake,
): Promise<{ answers: IdentityAnswer[]; found: Principal | Refused }> {
  const answers: IdentityAnswer[] = [];
  let found: Principal | Refused | undefined;
  for (const { name, identity } of identities) {
    if (found) {
      answers.push({ name, answer: 'not asked' });
      continue;
    }
    const said = await settled(`identity ${name}`, () => identity.identify(handshake));
    answers.push(said === NOT_MINE ? { name, answer: 'not mine' } : saidBy(name, said));
    if (said !== NOT_MINE) found = said;
  }
  return {
    answers,
    found: found ?? refuse('credential_missing', 'no identity of this route found a credential of its kind'),
  };
}

function saidBy(name: string, said: Principal | Refused): IdentityAnswer {
  return isRefused(said)
    ? { name, answer: 'no', code: said.code, reason: said.reason }
    : { name, answer: 'yes' };
}

/** A part that throws or dawdles refuses, as in the gateway. */
async function settled<T extends Identification | Verdict>(
  who: string,
  ask: () => MaybePromise<T>,
): Promise<T | Refused> {
  try {
    return await within(Promise.resolve(ask()), PATIENCE, who);
  } catch (error) {
    return refuse('internal', `${who} failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
