import { describe, expect, it } from 'vitest';
import { FakeOperator } from '../../test/support/operator.ts';
import { usage } from './usage.ts';

const ROW = {
  day: '2026-11-21',
  route: 'chat',
  tenant: 'acme',
  subject: 'ada',
  received: 10,
  sent: 6,
  receivedBytes: 90,
  sentBytes: 120,
  milliseconds: 2_200,
};

async function ask(query: Record<string, string>, used: FakeOperator['used'] | 'nothing' = [ROW]) {
  const operator = new FakeOperator();
  operator.used = used === 'nothing' ? undefined : used;
  const answer = await usage.run({
    operator,
    params: {},
    query: usage.query.parse(query),
    body: undefined,
    who: 'operator',
  });
  return { ...answer, calls: operator.calls };
}

describe('usage', () => {
  it('is given as JSON', async () => {
    const { status, text, calls } = await ask({ from: '2026-11-01', to: '2026-11-30', tenant: 'acme' });
    expect([status, JSON.parse(text), calls]).toEqual([200, { usage: [ROW] }, ['usage {"tenant":"acme"}']]);
  });

  it('is given as CSV, in which nothing is a formula', async () => {
    const rows = [ROW, { ...ROW, subject: '=cmd()' }, { ...ROW, subject: 'a "b", c' }];
    const { type, text } = await ask({ format: 'csv' }, rows);
    expect(type).toBe('text/csv; charset=utf-8');
    expect(text.split('\r\n')).toEqual([
      'day,route,tenant,subject,received,sent,receivedBytes,sentBytes,milliseconds',
      '2026-11-21,chat,acme,ada,10,6,90,120,2200',
      "2026-11-21,chat,acme,'=cmd(),10,6,90,120,2200",
      '2026-11-21,chat,acme,"a ""b"", c",10,6,90,120,2200',
      '',
    ]);
  });

  it('is given as CloudEvents, whose ids stay the same', async () => {
    const [first, second] = await Promise.all([
      ask({ format: 'cloudevents' }),
      ask({ format: 'cloudevents' }),
    ]);
    expect(first.type).toBe('application/cloudevents-batch+json');
    expect(first.text).toBe(second.text);
    expect(JSON.parse(first.text)).toEqual([
      {
        specversion: '1.0',
        id: '2026-11-21/acme/ada/chat',
        source: '/sallyport/usage',
        type: 'sallyport.usage.day.v1',
        time: '2026-11-21T00:00:00Z',
        subject: 'ada',
        datacontenttype: 'application/json',
        data: ROW,
      },
    ]);
  });

  it('is not there where nothing is measured', async () => {
    expect((await ask({}, 'nothing')).status).toBe(409);
  });

  it('of days in the wrong order is refused', async () => {
    expect((await ask({ from: '2026-11-22', to: '2026-11-21' })).status).toBe(422);
  });
});
