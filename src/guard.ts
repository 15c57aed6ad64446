/** Types and helpers for writing a guard. */
export type { Candidate, Connection } from './pipeline/connection.ts';
export { OptionsError, type RouteContext } from './pipeline/context.ts';
export { type Guard, type GuardKind, guardKind } from './pipeline/guard.ts';
export type { Handshake } from './pipeline/handshake.ts';
export type { Message, Payload } from './pipeline/message.ts';
export type { Principal } from './pipeline/principal.ts';
export { byteRate, duration, type Rate, rate, size } from './pipeline/units.ts';
export { PASS, type Refused, refuse, type Verdict } from './pipeline/verdict.ts';
