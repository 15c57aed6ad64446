import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { guardChild } from './child.ts';
import type { Ground } from './ground.ts';
import type { Injection } from './injection.ts';

/** How much of what a command complains of is kept, in characters. */
const MAX_COMPLAINT = 4_096;

/** What a user gave to break something, and to mend it again. */
export interface Commands {
  readonly run: string;
  readonly undo?: string | undefined;
  /** How long each may take, in milliseconds. */
  readonly patience: number;
}

/** Breaks something by a command of the user's. What was broken is mended, however the rehearsal ends. */
export async function runCommand(_ground: Ground, { run, undo, patience }: Commands): Promise<Injection> {
  const mend = undo === undefined ? undefined : () => shell(undo, patience);
  try {
    await shell(run, patience);
  } catch (error) {
    await mend?.().catch(() => {}); // it may have done half of it
    throw error;
  }
  return {
    said: `done: ${run}`,
    ...(mend && { drop: mend }),
    end: async () => {
      await mend?.();
      return `done: ${undo}`;
    },
  };
}

/** Runs it in a shell, in a process group of its own, so that Ctrl-C does not cut it. @throws Error unless it ends with 0 in time. */
async function shell(command: string, patience: number): Promise<void> {
  const child = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  guardChild(child);
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MAX_COMPLAINT);
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.kill(-child.pid!, 'SIGKILL');
  }, patience);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  if (code === 0) return;
  const why = late ? `did not end in ${patience / 1_000} s` : `ended with ${code ?? signal}`;
  const last = complaint.trim().split('\n').at(-1);
  throw new Error(`${JSON.stringify(command)} ${why}${last ? `: ${last}` : ''}`);
}
