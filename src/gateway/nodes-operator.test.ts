import { beforeEach, describe, expect, it } from 'vitest';
import { FakeOperator, session } from '../../test/support/operator.ts';
import { Unanswered } from '../admin/operator.ts';
import { answerOthers } from '../admin/questions.ts';
import { NodesOperator } from './nodes-operator.ts';

describe('NodesOperator', () => {
  let here: FakeOperator;
  let there: FakeOperator;
  let missing: string[];
  let enforced: unknown[];
  let nodes: NodesOperator;

  beforeEach(() => {
    here = new FakeOperator(session('a', { subject: 'ada' }), session('c', { subject: 'bob' }));
    there = new FakeOperator(session('b', { subject: 'ada' }), session('d', { subject: 'bob' }));
    [missing, enforced] = [[], []];
    const answerer = Object.assign(there, { enforce: (order: unknown) => enforced.push(order) + 1 });
    nodes = new NodesOperator(here, async (question, args) => ({
      values: [await answerOthers(answerer, question, args)],
      missing,
    }));
  });

  it('shows one list, in pages', async () => {
    const page = await nodes.sessions({}, '', 3);
    expect(page.sessions.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(page).toMatchObject({ total: 4, next: 'c' });
    expect(await nodes.sessions({}, 'c', 3)).toMatchObject({
      sessions: [{ id: 'd' }],
      total: 4,
      next: undefined,
    });
    expect(page).not.toHaveProperty('missing');
  });

  it('says what it could not see', async () => {
    missing.push('node web-3 has not answered within 2 s');
    here.sessions = () => ({ sessions: [], total: 0, next: undefined, missing: ['worker 2 has ended'] });
    const page = await nodes.sessions({}, '', 3);
    expect(page.missing).toEqual(['worker 2 has ended', 'node web-3 has not answered within 2 s']);
    expect(page.total).toBe(2);
  });

  it('finds and kicks a session wherever it is', async () => {
    missing.push('node web-3 has not answered within 2 s');
    expect(await nodes.session('b')).toMatchObject({ id: 'b' });
    expect(await nodes.kick('b')).toBe(true);
    expect(await nodes.kick('a')).toBe(true);
    expect([...there.open.keys(), ...here.open.keys()]).toEqual(['d', 'c']);
    // It may be where nobody has answered.
    await expect(nodes.session('x')).rejects.toThrow(Unanswered);
    await expect(nodes.kick('x')).rejects.toThrow('node web-3 has not answered within 2 s');
    missing.length = 0;
    expect(await nodes.session('x')).toBeUndefined();
    expect(await nodes.kick('x')).toBe(false);
  });

  it('finds it elsewhere though a worker here does not answer, and says so if it is nowhere', async () => {
    const late = () => Promise.reject(new Unanswered('worker 2 has not answered within 5 s'));
    Object.assign(here, { session: late, kick: late });
    expect(await nodes.session('b')).toMatchObject({ id: 'b' });
    expect(await nodes.kick('b')).toBe(true);
    await expect(nodes.session('a')).rejects.toThrow('worker 2');
    await expect(nodes.kick('a')).rejects.toThrow('worker 2');
  });

  it('counts all that it has kicked, or says who did not', async () => {
    expect(await nodes.kickAll({ subject: 'ada' })).toBe(2);
    missing.push('node web-3 has not answered within 2 s');
    await expect(nodes.kickAll({ subject: 'bob' })).rejects.toThrow(Unanswered);
    expect([...there.open.keys(), ...here.open.keys()]).toEqual([]);
  });

  it('revokes everywhere by the same moment, counts what ended, and names who will do it later', async () => {
    missing.push('node web-3 has not answered within 2 s');
    const facts = await nodes.revoke({ by: 'subject', value: 'ada' });
    expect(facts).toEqual({ ended: 3, kept: true, missing });
    const [order] = enforced as { issuedBefore: number; until: number }[];
    expect(here.calls).toEqual([`revoke subject ada ${order!.issuedBefore} ${order!.until}`]);
  });
});
