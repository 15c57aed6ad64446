import { afterEach, describe, expect, it } from 'vitest';
import type { Case } from '../../src/fuzz/case.ts';
import { stepOf } from '../../src/fuzz/case.ts';
import { Health } from '../../src/fuzz/health.ts';
import { minimise } from '../../src/fuzz/minimise.ts';
import { ORACLES, type Oracle, type Verdict } from '../../src/fuzz/oracle.ts';
import { findingFile, readFinding } from '../../src/fuzz/report.ts';
import type { FuzzReport } from '../../src/fuzz/run.ts';
import { tryCase } from '../../src/fuzz/try.ts';
import { type BadServer, type Manners, startBadServer } from '../audit/gullible.ts';
import { encode, OPCODE } from '../support/raw-frames.ts';
import { askerOf, run } from './harness.ts';

// Each oracle is seen to speak, before a server made to be wrong in just its way.

let server: BadServer | undefined;

/** What these servers do not do at once, they never do. */
const impatient = ({ port, ca }: BadServer) => askerOf(port, ca, undefined, { answer: 400, verdict: 150 });

afterEach(() => server?.stop());

async function report(manners: Manners, cases = 40): Promise<FuzzReport> {
  server = await startBadServer(manners);
  return await run(await impatient(server), 7, cases);
}

const refusing = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n';
const closeWith = (code: number) => {
  const payload = Buffer.from([code >> 8, code & 0xff]);
  return encode({ opcode: OPCODE.close, payload }, false);
};

/** Open until something other than a Ping comes, and then it does this. */
const onWrong = (act: Manners['onFrame']): Manners => ({
  onFrame: (frame, socket) =>
    frame.opcode === OPCODE.ping && frame.fin ? false : (act?.(frame, socket) ?? true),
});

const WRONG: Partial<Record<Oracle, Manners>> = {
  'accepted-request': {},
  'accepted-frame': {},
  'wrong-close': onWrong((_, socket) => {
    socket.write(closeWith(1000));
    return true;
  }),
  'dropped-right': { onFrame: (_, socket) => Boolean(socket.destroy()) },
  reflected: { answer: ({ start }) => (start.includes('zq') ? `${refusing}${start}` : undefined) },
  hang: { onFrame: () => true },
};

describe('is found', () => {
  it.each(Object.entries(WRONG))(
    '%s',
    async (oracle, manners) => {
      const { findings } = await report(manners);
      expect(findings.map((each) => each.oracle)).toContain(oracle);
      // The smallest form is still one, and so is what a file of it replays.
      const found = findings.find((each) => each.oracle === oracle)!;
      const again = readFinding(findingFile(found));
      expect(again).toEqual(found.case);
      const verdict = await tryCase(await impatient(server!), again);
      expect(verdict?.oracle).toBe(oracle);
    },
    60_000,
  );

  it('crash', async () => {
    const dies: Manners = {
      onFrame: () => {
        server!.stop();
        return true;
      },
    };
    const { findings, ended } = await report(dies);
    expect([findings.at(-1)?.oracle, ended]).toEqual(['crash', 'the endpoint is gone']);
  }, 60_000);

  it('latency', async () => {
    let delay = 0;
    server = await startBadServer({
      onFrame: ({ payload }, socket) => {
        setTimeout(() => socket.write(encode({ opcode: OPCODE.pong, payload }, false)), delay);
        return true;
      },
    });
    const health = new Health(await impatient(server), undefined);
    for (let i = 0; i < 10; i++) expect(await health.look()).toBeUndefined();
    delay = 150;
    let found: Verdict | undefined;
    for (let i = 0; i < 10; i++) found = await health.look();
    expect(found?.oracle).toBe('latency');
  }, 60_000);

  it('memory', async () => {
    server = await startBadServer({});
    let bytes = 50e6;
    const health = new Health(await impatient(server), async () => (bytes += 20e6));
    let found: Verdict | undefined;
    for (let i = 0; i < 20; i++) found = await health.look();
    expect(found?.oracle).toBe('memory');
  }, 60_000);

  it('accepted-message', async () => {
    server = await startBadServer({
      onFrame: (frame, socket) => {
        if (frame.opcode !== OPCODE.text) return false;
        socket.write(encode({ opcode: OPCODE.text, payload: Buffer.from('{"ok":true}') }, false));
        return true;
      },
    });
    const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
    const messages = { described: [{ schema, root: schema }], refusal: 'refused' };
    const { findings } = await run(await impatient(server), 7, 60, { messages });
    expect(findings.map(({ oracle }) => oracle)).toContain('accepted-message');
  }, 60_000);

  it('is shown for every oracle', () => {
    const shown = [...Object.keys(WRONG), 'crash', 'latency', 'memory', 'accepted-message'];
    expect(shown.sort()).toEqual(Object.keys(ORACLES).sort());
  });
});

it('is made as small as it can be', async () => {
  server = await startBadServer({});
  const ping = stepOf('a ping', Buffer.from('898000000000', 'hex'));
  const bad = stepOf('a reserved opcode', Buffer.from('838000000000', 'hex'), true);
  const tried: Case = {
    version: 1,
    stage: 'open',
    steps: [ping, ping, bad, ping],
    split: 'bytes',
    expected: { closes: [1002] },
    canary: 'zq',
  };
  const asker = await impatient(server);
  const smallest = await minimise(
    tried,
    async (each) => (await tryCase(asker, each))?.oracle === 'accepted-frame',
  );
  expect([smallest.split, smallest.steps.map(({ what }) => what)]).toEqual(['none', ['a reserved opcode']]);
}, 30_000);
