import { OPCODE } from '../../../protocol/frames.ts';
import { type FrameSpec, ping } from '../../probe/frames.ts';
import type { OpenSocket } from '../../probe/socket.ts';

/** So begins the payload of a mark; its number follows. */
const MARK = 'sallyport-audit-';

/** These frames, and behind every `step` of them a Ping: its Pong says that the server came that far (RFC 6455 §5.5.3). */
export function marked(frames: readonly FrameSpec[], step: number): FrameSpec[] {
  return frames.flatMap((frame, i) => ((i + 1) % step === 0 ? [frame, ping(`${MARK}${i + 1}`)] : [frame]));
}

/** How many of the marked frames went through before the end: as near as the marks tell. */
export function passed(socket: OpenSocket, step: number, all: number): string {
  const marks = socket.frames
    .filter(({ opcode, payload }) => opcode === OPCODE.pong && payload.toString().startsWith(MARK))
    .map(({ payload }) => Number(payload.toString().slice(MARK.length)));
  const least = Math.max(0, ...marks);
  const most = Math.min(all, least + step);
  return step === 1 ? String(least) : `${least} to ${most}`;
}
