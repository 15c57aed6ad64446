import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Leg, PAUSE } from './leg.ts';

/** A socket that reads what a test puts there, as Node's do: by `push`. */
class Wire extends Duplex {
  override _read(): void {}
  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    done();
  }
}

function listening() {
  const heard: string[] = [];
  const ends: string[] = [];
  const wire = new Wire();
  const leg = new Leg('client', wire, {
    finished: () => ends.push('finished'),
    gone: () => ends.push('gone'),
    drained() {},
  });
  leg.receiver = { receive: (chunk) => void heard.push(chunk.toString()) };
  leg.listen();
  return { wire, leg, heard, ends };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Leg', () => {
  it('is told of what came before it was read, and then of each chunk as it comes', async () => {
    const { wire, heard } = listening();
    wire.push(Buffer.from('early'));
    await turn();
    wire.push(Buffer.from('a'));
    expect(heard).toEqual(['early', 'a']);
  });

  it('keeps what comes while it is paused, and the order', async () => {
    const { wire, leg, heard } = listening();
    await turn();
    leg.pause(PAUSE.guard);
    wire.push(Buffer.from('1'));
    wire.push(Buffer.from('2'));
    await turn();
    expect(heard).toEqual([]);
    leg.resume(PAUSE.guard);
    wire.push(Buffer.from('3'));
    await turn();
    expect(heard.join('')).toBe('123');
    wire.push(Buffer.from('4'));
    expect(heard.join('')).toBe('1234');
  });

  it('says that enough has come while it is paused, so that the socket stops reading', async () => {
    const { wire, leg } = listening();
    await turn();
    expect(wire.push(Buffer.alloc(100_000))).toBe(true);
    leg.pause(PAUSE.sink);
    expect(wire.push(Buffer.alloc(100_000))).toBe(false);
  });

  it('may be paused by what it hears', async () => {
    const { wire, leg, heard } = listening();
    await turn();
    leg.receiver = {
      receive(chunk) {
        heard.push(chunk.toString());
        leg.pause(PAUSE.answers);
      },
    };
    wire.push(Buffer.from('1'));
    wire.push(Buffer.from('2'));
    await turn();
    expect(heard).toEqual(['1']);
    leg.resume(PAUSE.answers);
    await turn();
    expect(heard).toEqual(['1', '2']);
  });

  it('hears of the end behind the last chunk', async () => {
    const { wire, heard, ends } = listening();
    await turn();
    wire.push(Buffer.from('last'));
    wire.push(null);
    await turn();
    expect(heard).toEqual(['last']);
    expect(ends).toEqual(['finished']);
  });
});
