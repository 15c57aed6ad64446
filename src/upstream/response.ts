import { acceptKey } from '../protocol/accept.ts';
import { isToken, listOf, trim } from '../protocol/tokens.ts';

/** What an upstream may say before its first frame, in bytes: more is no answer to an upgrade. */
const MAX_HEAD = 16_384;

const END = Buffer.from('\r\n\r\n');
const STATUS_LINE = /^HTTP\/1\.1 (\d{3})(?: |$)/;
/** RFC 9110 §5.5, obs-text included. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Why an answer is no upgrade; `refused` says that the upstream answered properly, but not with 101. */
export interface BadAnswer {
  readonly ok: false;
  readonly refused: boolean;
  readonly reason: string;
}

export interface GoodAnswer {
  readonly ok: true;
  readonly protocol: string;
  /** Bytes behind the head. A copy. */
  readonly rest: Buffer;
}

/** Collects an upstream's answer to an upgrade and checks it as RFC 6455 §4.1 tells a client to. */
export class UpgradeAnswer {
  readonly #accept: string;
  readonly #offered: readonly string[];
  #received = Buffer.alloc(0);

  constructor(key: string, offered: readonly string[]) {
    this.#accept = acceptKey(key);
    this.#offered = offered;
  }

  /** The verdict, or undefined while the head is not complete. */
  push(chunk: Buffer): GoodAnswer | BadAnswer | undefined {
    this.#received = Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf(END);
    if (end < 0 && this.#received.length <= MAX_HEAD) return undefined;
    if (end < 0 || end > MAX_HEAD) return bad('the answer has no end within 16 KiB');
    return this.#judge(this.#received.toString('latin1', 0, end), this.#received.subarray(end + END.length));
  }

  #judge(head: string, rest: Buffer): GoodAnswer | BadAnswer {
    const [statusLine = '', ...lines] = head.split('\r\n');
    const status = STATUS_LINE.exec(statusLine)?.[1];
    if (status === undefined) return bad('the answer is not HTTP/1.1');
    if (status !== '101') return { ok: false, refused: true, reason: `status ${status}` };
    const fields = readFields(lines);
    if (fields === undefined) return bad('a header field is malformed');
    return this.#judgeFields(fields, rest);
  }

  #judgeFields(fields: ReadonlyMap<string, readonly string[]>, rest: Buffer): GoodAnswer | BadAnswer {
    const one = (name: string): string | undefined => {
      const values = fields.get(name) ?? [];
      return values.length === 1 ? values[0] : undefined;
    };
    if (one('upgrade')?.toLowerCase() !== 'websocket') return bad('Upgrade is not websocket');
    if (!tokensOf(fields.get('connection')).includes('upgrade'))
      return bad('Connection does not say Upgrade');
    if (one('sec-websocket-accept') !== this.#accept)
      return bad('Sec-WebSocket-Accept does not answer the key');
    if (fields.has('sec-websocket-extensions')) return bad('an extension was accepted that was not offered');
    const protocol = fields.has('sec-websocket-protocol') ? one('sec-websocket-protocol') : '';
    if (protocol === undefined || (protocol !== '' && !this.#offered.includes(protocol))) {
      return bad('a subprotocol was chosen that was not offered');
    }
    return { ok: true, protocol, rest };
  }
}

function bad(reason: string): BadAnswer {
  return { ok: false, refused: false, reason };
}

function readFields(lines: readonly string[]): Map<string, string[]> | undefined {
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const value = line.slice(colon + 1);
    if (!isToken(name) || !VALUE.test(value)) return undefined;
    const values = fields.get(name);
    if (values) values.push(trim(value));
    else fields.set(name, [trim(value)]);
  }
  return fields;
}

function tokensOf(values: readonly string[] = []): string[] {
  return values.flatMap(listOf).map((token) => token.toLowerCase());
}
