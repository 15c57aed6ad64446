/**
 * The one state of a client. Everything that happens is an input, and what an input does is in the table, nowhere else.
 *
 *              connect             opened
 *      idle ──────────→ connecting ─────────→ open ─────────┐
 *        │                ↑      │              │           │ close
 *        │            due │      └──── lost ────┤           ↓
 *        │     or connect │                     ↓        closing
 *        │                ├───────────────── waiting        │
 *        │ offline        │                     ↑           │ ended
 *        ↓        connect │                     │           ↓
 *     offline ────────────┴────── online ───────┘        closed
 *
 * Not drawn: `offline` leads from connecting, open and waiting to offline; `close` from idle, connecting, waiting and
 * offline to closed; `ended` from connecting and open to closed, which is final.
 */
export type State = 'idle' | 'connecting' | 'open' | 'waiting' | 'offline' | 'closing' | 'closed';

/**
 * What can happen: `lost` is a connection (or an attempt) that may come again, `ended` one that may not; `due` is the
 * end of a wait; `offline` and `online` are the platform's word about the network; the rest is what the caller asks.
 */
export type Input = 'connect' | 'opened' | 'lost' | 'ended' | 'due' | 'offline' | 'online' | 'close';

type Row = Readonly<Partial<Record<Input, State>>>;

/** Where each input leads. One that is not in the row of a state changes nothing. */
export const TRANSITIONS: Readonly<Record<State, Row>> = {
  idle: { connect: 'connecting', offline: 'offline', close: 'closed' },
  connecting: { opened: 'open', lost: 'waiting', ended: 'closed', offline: 'offline', close: 'closed' },
  open: { lost: 'waiting', ended: 'closed', offline: 'offline', close: 'closing' },
  waiting: { due: 'connecting', connect: 'connecting', offline: 'offline', close: 'closed' },
  // not at once: a network that returns, returns to all who were on it
  offline: { online: 'waiting', connect: 'connecting', close: 'closed' },
  closing: { ended: 'closed' },
  closed: {},
};
