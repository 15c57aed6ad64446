import { expect, test } from 'vitest';
import { identityContext } from '../../test/support/identity.ts';
import { Circuit, CircuitOpenError, circuitOf, circuitOptions } from './circuit.ts';

const rule = { failures: 3, openFor: 10_000 };

/** A circuit without luck: it stays open for the whole of its time. */
function circuitWith(random = () => 0) {
  const { clock, said, services } = identityContext();
  const parts = { identity: 'staff', source: 'https://id.example.com', clock, recorder: services.recorder };
  const circuit = new Circuit({ ...parts, random });
  let asked = 0;
  const ask = (answer: Error | string) =>
    circuit
      .run(rule, async () => {
        asked++;
        await Promise.resolve();
        if (answer instanceof Error) throw answer;
        return answer;
      })
      .catch((error: Error) => error);
  return { circuit, clock, said, ask, asked: () => asked };
}

const down = new Error('down');

async function opened(random?: () => number) {
  const parts = circuitWith(random);
  for (let i = 0; i < rule.failures; i++) expect(await parts.ask(down)).toBe(down);
  return parts;
}

test('lets answers and failures through while it is closed', async () => {
  const { circuit, ask, said } = circuitWith();
  for (let i = 0; i < 10; i++) {
    expect(await ask(down)).toBe(down);
    expect(await ask(down)).toBe(down);
    expect(await ask('yes')).toBe('yes');
  }
  expect(circuit.state).toBe('closed');
  expect(circuit.health()).toBeUndefined();
  expect(said).toEqual([]);
});

test('opens after failures in a row, says so once, and asks nobody', async () => {
  const { circuit, ask, asked, said, clock } = await opened();
  clock.pass(rule.openFor - 1);
  const refused = await ask('yes');
  expect(refused).toBeInstanceOf(CircuitOpenError);
  expect(refused).toMatchObject({ message: 'the circuit is open: down', retryAfter: 1 });
  expect(asked()).toBe(3);
  expect(circuit.health()).toBe('the circuit is open: down');
  const fields = { identity: 'staff', source: 'https://id.example.com', failures: 3, error: 'down' };
  expect(said).toEqual([{ name: 'circuit.opened', fields: { ...fields, seconds: 10 } }]);
});

test('then one asks, the others do not, and its answer closes it', async () => {
  const { circuit, ask, asked, said, clock } = await opened();
  clock.pass(rule.openFor);
  const probe = ask('yes');
  expect(circuit.health()).toBe('the circuit is half-open: down');
  const others = await Promise.all(Array.from({ length: 100 }, () => ask('yes')));
  expect(others.every((other) => other instanceof CircuitOpenError)).toBe(true);
  expect(await probe).toBe('yes');
  expect(asked()).toBe(4);
  expect(circuit.state).toBe('closed');
  expect(said.at(-1)).toMatchObject({ name: 'circuit.closed', fields: { seconds: 10 } });
  expect(await ask(down)).toBe(down);
  expect(circuit.state).toBe('closed');
});

test('one more failure opens it again, without a word', async () => {
  const { circuit, ask, asked, said, clock } = await opened();
  for (let i = 0; i < 3; i++) {
    clock.pass(rule.openFor);
    expect(await ask(new Error('still down'))).toMatchObject({ message: 'still down' });
    expect(await ask('yes')).toBeInstanceOf(CircuitOpenError);
  }
  expect(asked()).toBe(6);
  expect(circuit.health()).toBe('the circuit is open: still down');
  expect(said).toHaveLength(1);
});

test('what was asked before it opened decides nothing afterwards', async () => {
  const { circuit, ask, clock } = circuitWith();
  let answer = (_: string) => {};
  let fail = (_: Error) => {};
  const slow = circuit.run(rule, () => new Promise<string>((resolve) => (answer = resolve)));
  const lost = circuit.run(rule, () => new Promise<string>((_, reject) => (fail = reject)));
  for (let i = 0; i < 3; i++) await ask(down);
  answer('late');
  expect(await slow).toBe('late');
  expect(circuit.state).toBe('open');
  clock.pass(rule.openFor);
  const probe = circuit.run(rule, () => new Promise<string>((resolve) => (answer = resolve)));
  fail(down);
  await expect(lost).rejects.toBe(down);
  expect(circuit.state).toBe('half-open');
  answer('yes');
  await probe;
  expect(circuit.state).toBe('closed');
});

test('chance takes up to a half off its time', async () => {
  for (const [luck, wait] of [
    [0, 10_000],
    [0.5, 7_500],
    [0.999_999, 5_001],
  ] as const) {
    const { circuit } = await opened(() => luck);
    expect(circuit.wait).toBe(wait);
  }
});

test('is the same one after a reload, for the same identity and provider', () => {
  const { services } = identityContext();
  const circuit = circuitOf('staff', 'https://id.example.com', services);
  expect(circuitOf('staff', 'https://id.example.com', services)).toBe(circuit);
  expect(circuitOf('staff', 'https://other.example', services)).not.toBe(circuit);
  expect(circuitOf('guests', 'https://id.example.com', services)).not.toBe(circuit);
});

test.each([{ failures: 0 }, { failures: 1.5 }, { openFor: '99ms' }, { openFor: '11m' }, { open: '1s' }])(
  'the configuration may not have %j',
  (options) => {
    expect(circuitOptions.safeParse(options).success).toBe(false);
  },
);
