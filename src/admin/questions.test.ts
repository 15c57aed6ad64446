import { describe, expect, it } from 'vitest';
import { FakeOperator, session } from '../../test/support/operator.ts';
import type { Revocation } from '../store/revocations.ts';
import { type AskOthers, answerOthers, askOthers } from './questions.ts';

/** An operator of another gateway, and how it is asked over the network. */
function other(...ids: string[]) {
  const operator = new FakeOperator(...ids.map((id) => session(id, { subject: id.repeat(1_000) })));
  const enforced: unknown[] = [];
  const answerer = Object.assign(operator, { enforce: (order: unknown) => enforced.push(order) });
  const ask: AskOthers = async (question, args) => {
    const sent = JSON.parse(JSON.stringify(args)) as unknown[];
    return {
      values: [JSON.parse(JSON.stringify(await answerOthers(answerer, question, sent)))],
      missing: [],
    };
  };
  return { operator, enforced, ask };
}

const REVOCATION: Revocation = { by: 'subject', value: 'ada', issuedBefore: 1, until: 2, at: 1 };

describe('what gateways ask each other', () => {
  it('comes back as it was said', async () => {
    const { ask, operator, enforced } = other('a', 'b');
    const { sessions } = operator.sessions({}, '', 10);
    const pages = await askOthers(ask, 'sessions', {}, '', 1);
    expect(pages).toEqual({ values: [{ sessions: [sessions[0]], total: 2, next: 'a' }], missing: [] });
    expect((await askOthers(ask, 'session', 'b')).values).toEqual([sessions[1]]);
    expect((await askOthers(ask, 'session', 'c')).values).toEqual([null]);
    expect((await askOthers(ask, 'kick', 'c')).values).toEqual([false]);
    expect((await askOthers(ask, 'kickAll', { tenant: 'acme' })).values).toEqual([2]);
    expect((await askOthers(ask, 'enforce', REVOCATION)).values).toEqual([1]);
    expect(enforced).toEqual([REVOCATION]);
  });

  it('fits into one message: a page that is too large is cut, and goes on behind that', async () => {
    const ids = Array.from({ length: 500 }, (_, i) => `${1_000 + i}`);
    const { ask } = other(...ids);
    const { values } = await askOthers(ask, 'sessions', {}, '', 500);
    const [page] = values;
    expect(page!.total).toBe(500);
    expect(JSON.stringify(page).length).toBeLessThan(600_000);
    expect(page!.sessions.length).toBeGreaterThan(50);
    expect(page!.next).toBe(page!.sessions.at(-1)!.id);
  });

  it.each([
    ['sessions', [{ claims: 'x' }, '', 1]],
    ['sessions', [{}, '', 100_000]],
    ['kick', [{}]],
    ['enforce', [{ by: 'everything', value: '' }]],
    ['drain', []],
  ])('is refused where it is not one of them: %s %j', async (question, args) => {
    const { operator } = other('a');
    const answerer = Object.assign(operator, { enforce: () => 0 });
    await expect(answerOthers(answerer, question, args)).rejects.toThrow();
    expect(operator.calls).toEqual([]);
  });

  it('names an answer that cannot be read', async () => {
    const ask: AskOthers = async () => ({ values: ['many', 2], missing: ['node b has not answered'] });
    expect(await askOthers(ask, 'kickAll', {})).toEqual({
      values: [2],
      missing: ['node b has not answered', 'a node has answered in a way that is not known here'],
    });
  });
});
