// OP-03: a session is let go and nothing in flight is lost: cut at every byte of what the client says.
import { describe, expect, it } from 'vitest';
import { binary, close, more, OPEN, text } from '../../test/support/raw-frames.ts';
import { arm, fromClient, fromServer, Wired, wordRoute } from '../../test/support/wired-session.ts';
import type { Message } from '../pipeline/message.ts';
import { PASS, refuse } from '../pipeline/verdict.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

const said = Buffer.concat([
  fromClient(text('one')),
  fromClient(text('two, ', OPEN), more('in parts')),
  fromClient(binary(Buffer.alloc(300, 'x'))),
  fromClient(text('last')),
]);
const whole = ['text one', 'text… two,', 'more in parts', `binary ${'x'.repeat(300)}`, 'text last'];
const GOING = 'close 1012 draining; after=1000';

describe('a session that is let go', () => {
  it('forwards what the client sent before it knew, wherever its words are cut', () => {
    for (let cut = 0; cut <= said.length; cut++) {
      const { session, client, upstream } = new Wired(wordRoute());
      client.hear(said.subarray(0, cut));
      session.leave('draining', 1_000);
      expect(client.said).toEqual([GOING]);
      client.hear(said.subarray(cut));
      expect(upstream.said).toEqual(whole);
      client.hear(fromClient(close(1012)));
      expect(upstream.said).toEqual([...whole, 'close 1001']);
      expect(client.said).toEqual([GOING]);
    }
  });

  it('delivers what was answered within the grace, wherever the answer is cut', () => {
    const answer = fromServer(text('answer one'), text('answer two, ', OPEN), more('in parts'));
    const { length } = answer;
    for (let cut = 0; cut <= length; cut++) {
      const { session, client, upstream } = new Wired(wordRoute());
      upstream.hear(answer.subarray(0, cut));
      session.hush();
      expect(client.isPaused()).toBe(true);
      upstream.hear(answer.subarray(cut));
      session.leave('draining');
      expect(client.isPaused()).toBe(false);
      upstream.hear(fromServer(text('too late')));
      expect(client.said).toEqual([
        'text answer one',
        'text… answer two,',
        'more in parts',
        'close 1012 draining',
      ]);
    }
  });

  it('forwards a message that a guard was still thinking about', async () => {
    let allow = (_: unknown): void => {};
    const guard = { onMessage: () => new Promise<typeof PASS>((resolve) => (allow = () => resolve(PASS))) };
    const { session, client, upstream } = new Wired(wordRoute({ client: [arm(guard)] }));
    client.hear(fromClient(text('asked')));
    session.hush();
    session.leave('draining');
    client.hear(fromClient(close(1012)));
    allow(undefined);
    await turn();
    expect(upstream.said).toEqual(['text asked', 'close 1001']);
  });

  it('tells the upstream as well when the client goes without an answer', async () => {
    const wired = new Wired(wordRoute());
    wired.session.leave('draining');
    wired.client.destroy();
    await turn();
    expect(wired.upstream.said).toEqual(['close 1001']);
  });

  it('waits for a client that does not answer as long as for any, and then for the upstream', async () => {
    const wired = new Wired(wordRoute({ lifetime: { closeTimeout: 2_000 } }));
    wired.session.leave('draining');
    wired.pass(2_000);
    expect([wired.client.destroyed, wired.upstream.destroyed]).toEqual([false, false]);
    wired.pass(500);
    await turn();
    expect([wired.client.destroyed, wired.upstream.destroyed]).toEqual([true, false]);
    expect(wired.upstream.said).toEqual(['close 1001']);
    wired.pass(2_500);
    await turn();
    expect(wired.upstream.destroyed).toBe(true);
    expect(wired.named('session.closed')).toMatchObject([
      { initiator: 'gateway', close: 1012, code: 'draining' },
    ]);
  });

  it('forwards nothing more of a holder who was revoked meanwhile', () => {
    const { session, client, upstream } = new Wired(wordRoute());
    session.leave('draining');
    client.hear(fromClient(text('yes')));
    session.end('session_revoked');
    client.hear(fromClient(text('no')));
    expect(upstream.said).toEqual(['text yes', 'close 1001']);
  });

  it('forwards nothing more of a client that breaks a rule', () => {
    const guard = {
      onMessage: ({ type }: Message) => (type === 'bad' ? refuse('not_authorized', '', 'close') : PASS),
    };
    const { session, client, upstream } = new Wired(wordRoute({ client: [arm(guard)] }));
    session.leave('draining');
    client.hear(fromClient(text('good'), text('bad'), text('good')));
    expect(upstream.said).toEqual(['text good', 'close 1001']);
  });

  it('is read again, so that its Close is heard, when it was hushed and is ended for another reason', () => {
    const { session, client } = new Wired(wordRoute());
    session.hush();
    session.end('session_kicked');
    expect(client.isPaused()).toBe(false);
    session.hush();
    expect(client.isPaused()).toBe(false);
  });

  it('has no more to say once the client has closed', () => {
    const { session, client } = new Wired(wordRoute());
    client.hear(fromClient(close(1000)));
    session.hush();
    session.leave('draining');
    expect(client.said).toEqual(['close 1000']);
  });
});
