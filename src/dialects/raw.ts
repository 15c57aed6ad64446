import { z } from 'zod';
import { CLOSE, type DialectKind } from '../pipeline/dialect.ts';
import type { Message } from '../pipeline/message.ts';
import { refuse } from '../pipeline/verdict.ts';

const rawOptions = z.strictObject({
  frames: z.enum(['text', 'binary', 'both']).default('both').describe('Which frames pass.'),
});

/** Bytes of which nothing is known: they pass untouched, and a refusal can only be a close. */
export const raw: DialectKind<z.infer<typeof rawOptions>> = {
  name: 'raw',
  json: false,
  options: rawOptions,
  create({ frames }) {
    const wrongKind = refuse('message_kind', `a ${frames} message is expected`, 'close');
    return {
      read(payload) {
        if (frames !== 'both' && payload.binary !== (frames === 'binary')) return wrongKind;
        return payload.direction === 'client' ? FROM_CLIENT : FROM_SERVER;
      },
      refuse: () => CLOSE,
    };
  },
};

const opaque = { type: undefined, id: undefined, body: undefined, content: undefined } as const;
const FROM_CLIENT: Message = Object.freeze({ direction: 'client', ...opaque });
const FROM_SERVER: Message = Object.freeze({ direction: 'server', ...opaque });
