import { z } from 'zod';

/** A name or an id, as a parameter. */
export const text = z.string().min(1).max(1_024);

/** Which page, and how large. */
export const pageSize = z.strictObject({
  after: z.string().max(256).default('').describe('The `next` of the page before.'),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/)
    .transform(Number)
    .pipe(z.int().max(500))
    .prefault('100')
    .describe('How many at most, up to 500.'),
});

/**
 * A serial number as we write it: tools print it in capitals, with colons, with leading zeros, and one that is spelled
 * otherwise would find nobody.
 */
export function serialOf(text: string): string {
  return text
    .replaceAll(':', '')
    .toLowerCase()
    .replace(/^0+(?=.)/, '');
}
