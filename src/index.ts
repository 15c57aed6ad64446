/** Sallyport as a library: a gateway inside a program of one's own. */
export { ConfigError, type ConfigProblem } from './config/problem.ts';
export { createDevelopmentCa, type DevelopmentCa } from './edge/development-ca.ts';
export { REFUSALS, type RefusalCode } from './errors.ts';
export type { DrainOptions, GatewayOptions } from './gateway/options.ts';
export type { Page, Pages } from './gateway/pages.ts';
export { createGateway, type Gateway } from './gateway.ts';
export { CLOSE_CODES, mayReconnect, reconnectAfter } from './protocol/close-codes.ts';
export type { RecordOptions } from './record/record.ts';
