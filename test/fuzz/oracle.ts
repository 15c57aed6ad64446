import * as ws from 'ws';
import type { Sender } from '../support/play.ts';
import { line, type Verdict } from '../support/verdict.ts';

/** Bounds that both readers are given. */
export const MAX_BYTES = 600;
export const MAX_FRAGMENTS = 4;

/** The part of ws's Receiver that is used here; `@types/ws` does not know it. */
interface Receiver {
  on(event: 'message', take: (data: Buffer, isBinary: boolean) => void): void;
  on(event: 'ping', take: (data: Buffer) => void): void;
  on(event: 'conclude', take: (code: number) => void): void;
  end(): void;
  _write(chunk: Buffer, encoding: string, done: (error?: { code: string }) => void): void;
}

const { Receiver } = ws as unknown as {
  Receiver: new (options: Readonly<Record<string, unknown>>) => Receiver;
};

/** ws names its failures; these are the codes it then closes with. */
const CODES: Readonly<Record<string, number>> = {
  WS_ERR_EXPECTED_FIN: 1002,
  WS_ERR_EXPECTED_MASK: 1002,
  WS_ERR_INVALID_CLOSE_CODE: 1002,
  WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: 1002,
  WS_ERR_INVALID_OPCODE: 1002,
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_UNEXPECTED_MASK: 1002,
  WS_ERR_UNEXPECTED_RSV_1: 1002,
  WS_ERR_UNEXPECTED_RSV_2_3: 1002,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
};

/** What ws makes of this stream. Synchronous: the Receiver is called below its stream. */
export function oracle(bytes: Buffer, from: Sender): Verdict {
  const messages: string[] = [];
  const pongs: string[] = [];
  let end: Verdict['end'] = 'open';
  let code = 0;
  const isServer = from === 'client';
  const receiver = new Receiver({ isServer, maxPayload: MAX_BYTES, maxFragments: MAX_FRAGMENTS });
  receiver.end = () => {};
  receiver.on('message', (data, isBinary) => messages.push(line(isBinary, data)));
  receiver.on('ping', (data) => pongs.push(data.toString('hex')));
  receiver.on('conclude', (closeCode) => {
    end = 'closed';
    code = closeCode;
  });
  // A copy: ws unmasks in place.
  receiver._write(Buffer.from(bytes), 'buffer', (error) => {
    if (!error) return;
    end = 'failed';
    code = CODES[error.code] ?? Number.NaN;
  });
  return { messages, pongs, end, code };
}
