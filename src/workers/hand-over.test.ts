import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import { closeUndelivered } from './hand-over.ts';

it('closes what a worker was sent and has not answered for, when it ends; and nothing else', () => {
  const send = vi.fn(() => true);
  const child = Object.assign(new EventEmitter(), { send }) as unknown as ChildProcess;
  closeUndelivered(child);
  const handles = Array.from({ length: 4 }, () => ({ close: vi.fn() }));
  const deal = (seq: number) =>
    child.send({ cmd: 'NODE_CLUSTER', act: 'newconn', seq }, handles[seq] as never);
  for (const seq of [0, 1, 2]) expect(deal(seq)).toBe(true);
  child.send({ cmd: 'ours', seq: 3 }, handles[3] as never);
  child.send({ cmd: 'NODE_CLUSTER', act: 'close', seq: 4 });
  expect(send.mock.calls).toHaveLength(5);
  expect(send.mock.calls[1]).toEqual([{ cmd: 'NODE_CLUSTER', act: 'newconn', seq: 1 }, handles[1]]);

  child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack: 1, accepted: true });
  child.emit('internalMessage', { cmd: 'NODE_OTHER', ack: 2 });
  expect(handles.some(({ close }) => close.mock.calls.length > 0)).toBe(false);
  child.emit('exit', null, 'SIGKILL');
  expect(handles.map(({ close }) => close.mock.calls.length)).toEqual([1, 0, 1, 0]);
});
