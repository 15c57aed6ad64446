import { describe, expect, it, vi } from 'vitest';
import { StoreError } from '../store/store.ts';
import { Channel, ChannelError, type Ears, type Message, type Pipe } from './channel.ts';

/** One end of a pipe between two channels; what is `held` is sent when it is let go. */
class TestPipe implements Pipe {
  other: TestPipe | undefined;
  readonly held: (() => void)[] = [];
  holds = false;
  #hear: (message: unknown) => void = () => {};

  send(message: Message, done: (error: Error | null) => void): void {
    const deliver = (): void => {
      this.other?.hear(structuredClone(message));
      done(null);
    };
    if (this.holds) this.held.push(deliver);
    else queueMicrotask(deliver);
  }

  onMessage(hear: (message: unknown) => void): void {
    this.#hear = hear;
  }

  hear(message: unknown): void {
    this.#hear(message);
  }
}

const deaf: Ears = { ask: async () => undefined, note: () => {} };

function pair(ears: Partial<Ears> = {}): { ours: Channel; theirs: Channel; pipe: TestPipe } {
  const [pipe, other] = [new TestPipe(), new TestPipe()];
  pipe.other = other;
  other.other = pipe;
  const theirs = new Channel(other, { ...deaf, ...ears });
  return { ours: new Channel(pipe, deaf), theirs, pipe };
}

describe('a channel', () => {
  it('brings each answer to its question, whatever the order in which they are given', async () => {
    const waiting: (() => void)[] = [];
    const { ours } = pair({
      ask: (method, [value]) =>
        new Promise((resolve) => waiting.push(() => resolve(`${method} ${String(value)}`))),
    });
    const answers = Promise.all([ours.ask('one', [1], 1_000), ours.ask('two', [2n], 1_000)]);
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    for (const answer of waiting.reverse()) answer();
    expect(await answers).toEqual(['one 1', 'two 2']);
  });

  it('tells who asked what was thrown', async () => {
    const { ours } = pair({
      ask: async (method) => {
        if (method === 'store') throw new StoreError('away');
        throw method === 'range' ? new RangeError('too many') : new TypeError('no such thing');
      },
    });
    await expect(ours.ask('range', [], 1_000)).rejects.toThrow(new RangeError('too many'));
    await expect(ours.ask('store', [], 1_000)).rejects.toThrow(new StoreError('away'));
    const error = await ours.ask('other', [], 1_000).catch((thrown: unknown) => thrown);
    expect(error).toEqual(new Error('no such thing'));
    expect(error).not.toBeInstanceOf(ChannelError);
  });

  it('does not wait for ever', async () => {
    vi.useFakeTimers();
    const { ours } = pair({ ask: () => new Promise(() => {}) });
    const late = expect(ours.ask('sleep', [], 5_000)).rejects.toThrow(
      new ChannelError('has not answered within 5 s'),
    );
    await vi.advanceTimersByTimeAsync(5_000);
    await late;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('lets nobody wait for a process that has ended', async () => {
    const { ours } = pair({ ask: () => new Promise(() => {}) });
    const asked = ours.ask('sleep', [], 60_000);
    ours.close('has ended');
    await expect(asked).rejects.toThrow('has ended');
    await expect(ours.ask('again', [], 60_000)).rejects.toThrow('has ended');
  });

  it('keeps only so much for who does not read, and tells it afterwards that something is missing', async () => {
    const heard: string[] = [];
    const { ours, pipe } = pair({ note: (name) => void heard.push(name) });
    pipe.holds = true;
    for (let i = 0; i < 10_001; i++) ours.note('news');
    expect(pipe.held).toHaveLength(10_000);
    await expect(ours.ask('anything', [], 60_000)).rejects.toThrow('is too far behind');
    pipe.holds = false;
    for (const deliver of pipe.held.splice(0)) deliver();
    await vi.waitFor(() => expect(heard.at(-1)).toBe('gap'));
    expect(heard).toHaveLength(10_001);
  });
});
