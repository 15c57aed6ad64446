import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientBench } from '../../test/support/client.ts';
import type { Closed } from './events.ts';
import type { Sendable } from './platform.ts';
import { Queue, type QueueOptions } from './queue.ts';

const queueOf = (options: QueueOptions = {}): Queue =>
  new Queue({ messages: 3, bytes: 100, policy: 'reject', ...options });

const drain = (queue: Queue): Sendable[] => Array.from({ length: queue.length }, () => queue.shift()!);

const full = expect.objectContaining({ code: 'queue_full' });

describe('a queue', () => {
  it('gives back in order what it took', () => {
    const queue = queueOf();
    for (const text of ['a', 'b', 'c']) expect(queue.push(text)).toBe('taken');
    expect([drain(queue), queue.shift(), queue.bytes]).toEqual([['a', 'b', 'c'], undefined, 0]);
  });

  it('counts text in UTF-8, and bytes as they are', () => {
    const queue = queueOf();
    queue.push('é€𝄞');
    expect(queue.bytes).toBe(9);
    queue.push(new Uint8Array(10).subarray(2, 6));
    expect(queue.bytes).toBe(13);
    queue.push(new Blob(['four']));
    expect(queue.bytes).toBe(17);
  });

  it('keeps bytes as they were', () => {
    const queue = queueOf();
    const view = Uint8Array.of(0, 1, 2, 3).subarray(1, 3);
    const buffer = Uint8Array.of(7).buffer;
    queue.push(view);
    queue.push(buffer);
    view.fill(9);
    new Uint8Array(buffer).fill(9);
    expect(drain(queue).map((data) => [...new Uint8Array(data as ArrayBuffer)])).toEqual([[1, 2], [7]]);
  });

  it('that is full drops the oldest, if it is told to', () => {
    const queue = queueOf({ policy: 'drop-oldest', bytes: 6 });
    for (const text of ['1', '2', '3', '4']) queue.push(text);
    expect(queue.length).toBe(3);
    queue.push('55555'); // as many as it takes
    expect(drain(queue)).toEqual(['4', '55555']);
  });

  it('drops nothing for a message that would not fit even so', () => {
    const queue = queueOf({ policy: 'drop-oldest', bytes: 6 });
    queue.push('1');
    expect(() => queue.push('7777777')).toThrow(full);
    expect(drain(queue)).toEqual(['1']);
    expect(() => queueOf({ policy: 'drop-oldest', messages: 0 }).push('1')).toThrow(full);
  });

  it.each([{}, [], 7, null, undefined])('takes no %j', (data) => {
    const queue = queueOf({ policy: 'drop-oldest' });
    expect(() => queue.push(data as never)).toThrow(TypeError);
    expect([queue.length, queue.bytes]).toEqual([0, 0]);
  });

  it('that is full drops the newest, rejects, or says that it is full', () => {
    const outcomes = (['drop-newest', 'close'] as const).map((policy) => {
      const queue = queueOf({ messages: 1, policy });
      queue.push('1');
      return [queue.push('2'), drain(queue)];
    });
    expect(outcomes).toEqual([
      ['dropped', ['1']],
      ['full', ['1']],
    ]);
    const queue = queueOf({ messages: 1 });
    queue.push('1');
    expect(() => queue.push('2')).toThrow(full);
    expect(drain(queue)).toEqual(['1']);
  });

  it('holds to its bounds, whatever comes', () => {
    const policy = fc.constantFrom('drop-oldest' as const, 'drop-newest' as const, 'close' as const);
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 })), policy, (texts, policy) => {
        const queue = queueOf({ messages: 4, bytes: 30, policy });
        let kept: Sendable[] = [];
        for (const text of texts) {
          if (queue.push(text) === 'taken') kept.push(text);
          kept = kept.slice(-queue.length || kept.length);
          expect(queue.length).toBeLessThanOrEqual(4);
          expect(queue.bytes).toBeLessThanOrEqual(30);
        }
        expect(drain(queue)).toEqual(kept);
        expect(queue.bytes).toBe(0);
      }),
    );
  });
});

describe('what is sent', () => {
  it('while there is no connection goes first, in order, when there is one', async () => {
    const bench = new ClientBench();
    bench.client.addEventListener('open', () => bench.client.send('from open'));
    bench.client.send('1');
    bench.client.send('2');
    expect(bench.client.bufferedAmount).toBe(2);
    const first = await bench.open();
    bench.client.send('3');
    expect([first.sent, bench.client.bufferedAmount]).toEqual([['1', '2', 'from open', '3'], 0]);
    first.end(1012);
    bench.client.send('4');
    await bench.after(500);
    bench.client.send('5');
    bench.socket.open();
    expect([first.sent.length, bench.socket.sent]).toEqual([4, ['4', '5', 'from open']]);
  });

  it('waits while the socket is full, and nothing overtakes it', async () => {
    const bench = new ClientBench({ highWater: 100 });
    const socket = await bench.open();
    socket.bufferedAmount = 100;
    for (const text of ['1', '2', '3']) bench.client.send(text);
    bench.timers.advance(1_000);
    expect([socket.sent, bench.client.bufferedAmount]).toEqual([[], 103]);
    socket.bufferedAmount = 99;
    bench.client.send('4');
    bench.timers.advance(50);
    expect([socket.sent, bench.timers.pending]).toEqual([['1', '2', '3', '4'], 0]);
  });

  it('is not given to a socket that is closing, which would forget it', async () => {
    const bench = new ClientBench();
    const first = await bench.open();
    first.readyState = 2; // the Close came, the event not yet
    bench.client.send('kept');
    first.end(1001);
    await bench.after(500);
    bench.socket.open();
    expect([first.sent, bench.socket.sent]).toEqual([[], ['kept']]);
  });

  it('beyond the bound ends the client, if it is told to', async () => {
    const bench = new ClientBench({ queue: { messages: 1, policy: 'close' } });
    bench.client.send('1');
    bench.client.send('2');
    const [closed] = bench.of('close') as Closed[];
    expect([closed?.cause, closed?.unsent, bench.client.state]).toEqual(['queue-full', 1, 'closed']);
  });

  it('beyond the bound throws by default', () => {
    const bench = new ClientBench({ queue: { messages: 1 } });
    bench.client.send('1');
    expect(() => bench.client.send('2')).toThrow(full);
    expect(bench.client.state).toBe('idle');
  });
});
