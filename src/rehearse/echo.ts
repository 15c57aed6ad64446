import type { Duplex } from 'node:stream';
import { encodeFrame } from '../protocol/encode.ts';
import { FrameScanner, OPCODE, STATE } from '../protocol/frames.ts';
import { maskInPlace } from '../protocol/mask.ts';

/** Reads what a WebSocket client sends, and sends each message back; answers Ping, and Close with the end. */
export class EchoReader {
  readonly #socket: Duplex;
  readonly #scanner = new FrameScanner(true, false);
  /** Of the frame at hand, as they came: still masked. */
  #pieces: Buffer[] = [];
  /** Of the message at hand, when it comes in fragments. */
  #fragments: Buffer[] = [];

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  read(chunk: Buffer): void {
    const scanner = this.#scanner;
    for (let at = 0; at < chunk.length; ) {
      if (scanner.state !== STATE.payload) at = scanner.readHeader(chunk, at);
      if (scanner.fault !== undefined) this.#socket.destroy();
      if (scanner.state !== STATE.payload) return;
      const piece = chunk.subarray(at, at + scanner.remaining);
      at += piece.length;
      this.#pieces.push(piece);
      const { opcode, final, kind, key } = scanner;
      scanner.consume(piece.length);
      if (scanner.state === STATE.payload) continue;
      const payload = Buffer.concat(this.#pieces);
      this.#pieces = [];
      maskInPlace(payload, 0, payload.length, key);
      this.#frame(opcode, final, kind, payload);
    }
  }

  #frame(opcode: number, final: boolean, kind: number, payload: Buffer): void {
    if (opcode === OPCODE.ping) this.#socket.write(encodeFrame(OPCODE.pong, payload, false));
    else if (opcode === OPCODE.close)
      this.#socket.end(encodeFrame(OPCODE.close, payload.subarray(0, 2), false));
    else if (opcode !== OPCODE.pong) {
      this.#fragments.push(payload);
      if (!final) return;
      this.#socket.write(encodeFrame(kind, Buffer.concat(this.#fragments), false));
      this.#fragments = [];
    }
  }
}
