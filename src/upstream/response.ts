import { createHash } from 'node:crypto';

/** What an upstream may say before its first frame, in bytes: more is no answer to an upgrade. */
const MAX_HEAD = 16_384;

/** RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const END = Buffer.from('\r\n\r\n');
const STATUS_LINE = /^HTTP\/1\.1 (\d{3})(?: |$)/;
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;

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
    this.#accept = acceptOf(key);
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

/** What a server answers to a Sec-WebSocket-Key (RFC 6455 §4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`).digest('base64');
}

function bad(reason: string): BadAnswer {
  return { ok: false, refused: false, reason };
}

function readFields(lines: readonly string[]): Map<string, string[]> | undefined {
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const match = FIELD.exec(line);
    if (!match) return undefined;
    const name = (match[1] as string).toLowerCase();
    const values = fields.get(name);
    if (values) values.push(match[2] as string);
    else fields.set(name, [match[2] as string]);
  }
  return fields;
}

function tokensOf(values: readonly string[] = []): string[] {
  return values.flatMap((value) => value.split(',').map((token) => token.trim().toLowerCase()));
}
