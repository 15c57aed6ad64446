/**
 * The backend of every contender: answers each message with the same message, as cheaply as Node can, so that what is
 * measured is what stands in front of it. Prints its port. Handles only what the load sends: whole data frames.
 */
import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Who does not take so many bytes of its answers is not read any further. */
const HELD = 65_536;

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', (request) => {
    const head = request.toString('latin1');
    const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? '';
    const protocol = /^sec-websocket-protocol: *([^,\r]+)/im.exec(head)?.[1];
    const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n` +
        `${protocol ? `Sec-WebSocket-Protocol: ${protocol}\r\n` : ''}\r\n`,
    );
    echo(socket);
  });
});

function echo(socket: Socket): void {
  let held = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    const input = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    const output = Buffer.allocUnsafe(input.length);
    let read = 0;
    let written = 0;
    for (;;) {
      const left = input.length - read;
      if (left < 8) break;
      const short = (input[read + 1]! & 0x7f) < 126;
      const header = short ? 2 : 4;
      const length = short ? input[read + 1]! & 0x7f : input.readUInt16BE(read + 2);
      if (left < header + 4 + length) break;
      if ((input[read]! & 0x0f) === 8) {
        socket.end(Buffer.from([0x88, 0]));
        return;
      }
      output[written] = input[read]!;
      output[written + 1] = input[read + 1]! & 0x7f;
      if (!short) output.writeUInt16BE(length, written + 2);
      const mask = read + header;
      const payload = mask + 4;
      for (let i = 0; i < length; i++)
        output[written + header + i] = input[payload + i]! ^ input[mask + (i & 3)]!;
      read = payload + length;
      written += header + length;
    }
    held = Buffer.from(input.subarray(read));
    if (written > 0) socket.write(output.subarray(0, written));
    if (socket.writableLength > HELD) {
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  });
}

server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
