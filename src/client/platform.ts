/** What can be sent: what a WebSocket can send. */
export type Sendable = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob;

/** What the client reads of a WebSocket's events. */
export interface SocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
  readonly wasClean?: boolean;
  readonly message?: string;
}

/** What the client needs of a WebSocket: the browser's, Node's and that of `ws` all have it. */
export interface SocketLike {
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly protocol: string;
  binaryType: string;
  send(data: Sendable): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: SocketEvent) => void): void;
}

/** Makes one; RFC 6455's handshake begins with it. */
export type SocketClass = new (url: string, protocols?: string[]) => SocketLike;

/** What the client needs of `fetch`. */
export type Fetch = (
  url: string,
  init: {
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly signal: AbortSignal;
    readonly credentials: 'include' | 'omit';
  },
) => Promise<{ readonly ok: boolean; readonly status: number; json(): Promise<unknown> }>;

/** `readyState` of a WebSocket that can send. */
export const OPEN = 1;

/** What the platform says about the network. */
export interface Network {
  online(): boolean;
  /** Calls at each change. Returns what ends that. */
  watch(changed: () => void): () => void;
}

/** Time, injectable so that tests can move it. */
export interface Timers {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** Runs once after so many ms, never at once. Returns what `clear` takes. */
  set(run: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

export const systemTimers: Timers = {
  now: () => performance.now(),
  set: (run, ms) => setTimeout(run, ms),
  clear: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** What a browser adds to the global object, and Node does not. */
interface BrowserGlobal {
  readonly WebSocket?: SocketClass;
  readonly navigator?: { readonly onLine?: boolean };
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

/** The platform's own WebSocket, if it has one (Node has since 22). */
export function platformSocket(): SocketClass | undefined {
  return (globalThis as BrowserGlobal).WebSocket;
}

/** The browser's `online` and `offline` events; nothing where there are none. */
export function platformNetwork(): Network | undefined {
  const browser = globalThis as BrowserGlobal;
  if (typeof browser.addEventListener !== 'function' || browser.navigator?.onLine === undefined) return;
  return {
    online: () => browser.navigator?.onLine !== false,
    watch(changed) {
      for (const type of ['online', 'offline']) browser.addEventListener?.(type, changed);
      return () => {
        for (const type of ['online', 'offline']) browser.removeEventListener?.(type, changed);
      };
    },
  };
}
