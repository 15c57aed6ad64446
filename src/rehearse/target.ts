import { z } from 'zod';
import { address, identities } from '../load/scenario.ts';

const instance = z.strictObject({
  name: z.string().min(1).max(100).describe('What its series are labelled with, as `instance`.'),
  url: z.url({ protocol: /^https?$/ }).describe('In the text format of Prometheus.'),
  token: z.string().optional().describe('A file with a bearer token for it.'),
});

/** An endpoint that the user names. Files are relative to the rehearsal's own. */
export const target = z.strictObject({
  url: z.url({ protocol: /^wss$/ }).describe('The endpoint: it is acted on, and nothing else is.'),
  address: address.optional(),
  ca: z.string().optional().describe('A PEM file with authorities to trust besides the public ones.'),
  identities: identities.optional().describe('As in a load. Without them everybody comes without a token.'),
  metrics: z.array(instance).max(50).prefault([]).describe('Who is scraped, for alarms.'),
});

export type NamedTarget = z.output<typeof target>;
