import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { guardChild, LOADER, programOf } from './child.ts';

/** What a gateway's messages go to: a process that sends them back. It keeps its port when it comes again. */
export class Backend {
  port = 0;
  #child: ChildProcess | undefined;

  async start(): Promise<void> {
    const child = fork(programOf('./backend-main'), [String(this.port)], {
      execArgv: [...LOADER],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    guardChild(child);
    this.#child = child;
    const [news] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => [{ error: `it ended (${code})` }]),
    ])) as [{ readonly port: number } | { readonly error: string }];
    if ('error' in news) throw new Error(`the backend did not start: ${news.error}`);
    this.port = news.port;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
