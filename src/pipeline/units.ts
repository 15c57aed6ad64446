import { z } from 'zod';

const MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES = { B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 } as const;

/** A rate: `count` in each `period` milliseconds. */
export interface Rate {
  readonly count: number;
  readonly period: number;
}

/** How many that are each second, to two decimals. */
export function perSecond({ count, period }: Rate): number {
  return Math.round((count / period) * 100_000) / 100;
}

/** `250ms 10s 2m 12h 30d`, read as milliseconds. */
export const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'a duration like 250ms, 10s, 2m, 12h or 30d')
  .transform((text) => {
    const [, count, unit] = /^(\d+)(\w+)$/.exec(text)!;
    return Number(count) * MS[unit as keyof typeof MS];
  });

/** `512B 64KiB 1MiB`, read as bytes. */
export const size = z
  .string()
  .regex(/^\d{1,9}(B|KiB|MiB|GiB)$/, 'a size like 512B, 64KiB or 1MiB')
  .transform(bytesOf);

/** `90%`, read as a part of 1. */
export const percent = z
  .string()
  .regex(/^(?:[1-9]?\d|100)%$/, 'a percentage like 90%')
  .transform((text) => Number(text.slice(0, -1)) / 100);

/** `20/s 600/m 1000/h`. */
export const rate = z
  .string()
  .regex(/^[1-9]\d{0,8}\/(s|m|h|d)$/, 'a rate like 20/s, 600/m or 1000/h')
  .transform((text): Rate => {
    const [count, unit] = text.split('/') as [string, 's' | 'm' | 'h' | 'd'];
    return { count: Number(count), period: MS[unit] };
  });

/** `256KiB/s`, as bytes a period. */
export const byteRate = z
  .string()
  .regex(/^[1-9]\d{0,8}(B|KiB|MiB|GiB)\/(s|m|h|d)$/, 'a rate of bytes like 256KiB/s or 1MiB/m')
  .transform((text): Rate => {
    const [bytes, unit] = text.split('/') as [string, 's' | 'm' | 'h' | 'd'];
    return { count: bytesOf(bytes), period: MS[unit] };
  });

function bytesOf(text: string): number {
  const [, count, unit] = /^(\d+)(\w+)$/.exec(text)!;
  return Number(count) * BYTES[unit as keyof typeof BYTES];
}
