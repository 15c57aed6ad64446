import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { Chat } from '../support/chat.ts';
import { testIo } from '../support/io.ts';

let chat: Chat;
const TOKEN = { SALLYPORT_ADMIN_TOKEN: 'operators-token-0001' };

beforeAll(async () => {
  chat = await Chat.open();
});
afterAll(() => chat.close());

async function revoke(...args: string[]) {
  const io = testIo({ environment: TOKEN });
  const at = `http://127.0.0.1:${chat.gateway.gateway.adminAddress!.port}`;
  const exit = await run(['revoke', ...args, '--admin', at], io);
  return { exit, said: io.output, errors: io.errors };
}

describe('sallyport revoke', () => {
  it('revokes, lists and takes back', async () => {
    const iat = Math.floor(Date.now() / 1_000) - 5;
    const peer = await chat.join({ sub: 'ada', iat });
    expect(await revoke('subject', 'ada', '--until', '2999-01-01T00:00:00Z')).toEqual({
      exit: 'done',
      said: ['revoked; 1 sessions ended; it ends with the process'],
      errors: [],
    });
    expect((await peer.nextOf('close')).code).toBe(4500);
    const { said } = await revoke('--list');
    expect(said).toEqual([
      expect.stringMatching(/^\S{43} {2}subject=ada {2}until 2999-01-01T00:00:00.000Z$/),
    ]);
    const [id = ''] = said[0]!.split(' ');
    expect(await revoke('--lift', id)).toMatchObject({ exit: 'done', said: ['taken back'] });
    expect((await revoke('--list')).said).toEqual([]);
    expect(await chat.knock({ sub: 'ada', iat })).toBe('in');
  });

  it('writes JSON for programs', async () => {
    const { said } = await revoke('address', '192.0.2.0/24', '--json');
    expect(JSON.parse(said[0]!)).toEqual({ ended: 0, kept: false });
    const [first] = (await revoke('--list', '--json')).said;
    const { id } = JSON.parse(first!);
    expect(JSON.parse(first!)).toMatchObject({ by: 'address', value: '192.0.2.0/24' });
    expect(JSON.parse((await revoke('--lift', id, '--json')).said[0]!)).toEqual({ kept: false });
  });

  it('lists a name as text, whatever is in it', async () => {
    await chat.ask('POST', '/revocations', { by: 'subject', value: 'a\u001b[31m\nb' });
    const { said } = await revoke('--list');
    expect(said).toHaveLength(1);
    expect(said[0]).not.toMatch(/[\u0000-\u001f]/);
  });

  it.each([
    [['subject', 'ada', '--until', 'tomorrow'], /--until is a time like/],
    [['subject'], /revoke subject needs a VALUE/],
    [['sbject', 'ada'], /there is no kind "sbject"; did you mean subject/],
    [[], /needs a KIND and a VALUE, or --list, or --lift ID/],
    [['subject', 'ada', '--list'], /needs a KIND and a VALUE, or/],
  ])('does not understand %j', async (args, words) => {
    const { exit, errors } = await revoke(...args);
    expect([exit, errors.join()]).toEqual(['usage', expect.stringMatching(words)]);
  });

  it('says what the gateway says, and that there is none', async () => {
    const wrong = await revoke('address', '192.0.2.1/24');
    expect([wrong.exit, wrong.errors.join()]).toEqual(['failed', expect.stringMatching(/answers 400/)]);
    const none = await revoke('--lift', 'x');
    expect([none.exit, none.errors.join()]).toEqual(['failed', expect.stringMatching(/no such revocation/)]);
    const io = testIo({ environment: TOKEN });
    expect(await run(['revoke', '--list', '--admin', 'http://127.0.0.1:1'], io)).toBe('failed');
    expect(io.errors.join()).toMatch(/127\.0\.0\.1:1 does not answer/);
  });

  it('takes its token from the environment, and shows it to nobody', async () => {
    const bare = testIo();
    expect(await run(['revoke', '--list'], bare)).toBe('usage');
    expect(bare.errors.join()).toMatch(/must be in SALLYPORT_ADMIN_TOKEN/);
    const io = testIo({ environment: { SALLYPORT_ADMIN_TOKEN: 'a-wrong-token-0001' } });
    const at = `http://127.0.0.1:${chat.gateway.gateway.adminAddress!.port}`;
    expect(await run(['revoke', '--list', '--admin', at], io)).toBe('failed');
    expect(io.errors.join()).toMatch(/answers 401/);
    expect(io.errors.join()).not.toContain('a-wrong-token-0001');
    const odd = testIo({ environment: TOKEN });
    expect(await run(['revoke', '--list', '--admin', 'http://192.0.2.1:9900'], odd)).toBe('usage');
  });
});
