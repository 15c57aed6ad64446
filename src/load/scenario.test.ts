import { describe, expect, it } from 'vitest';
import { judge, MEASURES } from './contract.ts';
import { ScenarioError, scenarioOf } from './scenario.ts';
import { summarize } from './summary.ts';
import { Tally } from './tally.ts';

const TARGET = { target: 'wss://localhost/' };
const COST = { cpu: 0.1, delay: 1, memory: 1 };

describe('a scenario', () => {
  it('needs an endpoint and nothing else', () => {
    const gentle = { connections: 10, pace: { outstanding: 1, think: 1_000 }, answer: 'order' };
    expect(scenarioOf(TARGET)).toMatchObject(gentle);
  });

  it.each([
    [{ target: 'https://localhost/' }, /target/],
    [{ ...TARGET, connection: 5 }, /connection/],
    [{ ...TARGET, messages: [{ template: '{what}' }] }, /messages\.0\.template/],
    [{ ...TARGET, contract: ['latency.p98 < 1ms'] }, /contract\.0: .*latency\.p99/],
    [{ ...TARGET, contract: ['latency.p99 < 1%'] }, /contract\.0/],
    [{ ...TARGET, contract: ['latency.p99 < 1'] }, /contract\.0/],
    [{ ...TARGET, connections: 40_000 }, /processes: 3 at least/],
    [{ ...TARGET, outcomes: [{ name: 'x', expiry: { within: '1s' } }] }, /identities\.mint/],
    [
      { ...TARGET, outcomes: [{ name: 'x', burst: { messages: 1, passing: 1, refusal: 'x' } }] },
      /needs messages/,
    ],
  ])('%j is refused with its place', (written, message) => {
    expect(() => scenarioOf(written)).toThrow(ScenarioError);
    expect(() => scenarioOf(written)).toThrow(message);
  });
});

describe('a contract', () => {
  const tally = new Tally();
  Object.assign(tally.counts, { tried: 100, opened: 99, sent: 1_000, answered: 900 });
  for (let ms = 1; ms <= 100; ms++) tally.latency.record(ms * 1_000);
  const summary = summarize(
    [{ tally: tally.export(), cost: COST, lasted: 10_000, recovery: 2_500 }],
    [],
    true,
  );

  it.each([
    ['connections.success >= 99%', true],
    ['connections.success > 99%', false],
    ['messages.success == 90%', true],
    ['messages.rate >= 90/s', true],
    ['latency.p50 <= 50.1ms', true],
    ['latency.p99 < 0.099s', false],
    ['latency.max <= 100ms', true],
    ['storm.recovery <= 2.5s', true],
    ['outcomes.success == 100%', true],
    ['connections.lost == 0', true],
  ])('%s: %s', (line, kept) => {
    const { contract } = scenarioOf({ ...TARGET, contract: [line] });
    expect(judge(contract, MEASURES, summary)).toMatchObject([{ text: line, kept }]);
  });

  it('about a storm that did not come is broken', () => {
    const quiet = summarize(
      [{ tally: tally.export(), cost: COST, lasted: 1, recovery: undefined }],
      [],
      false,
    );
    const { contract } = scenarioOf({ ...TARGET, contract: ['storm.recovery <= 9999s'] });
    expect(judge(contract, MEASURES, quiet)).toMatchObject([{ kept: false }]);
  });
});

it.each([
  [{ ...COST, cpu: 0.95 }, /95 % of its core/],
  [{ ...COST, delay: 80 }, /stood still for 80 ms/],
])('a generator that costs %j is the bottleneck', (cost, why) => {
  const report = { tally: new Tally().export(), cost, lasted: 1_000, recovery: undefined };
  expect(summarize([report], [], false).bottleneck).toMatch(why);
});
