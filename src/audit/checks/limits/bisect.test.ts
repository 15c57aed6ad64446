import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bisect, boundText } from './bisect.ts';

const refusesOver = (limit: number) => (value: number) => Promise.resolve(value > limit);

it.each([1, 125, 1_000, 65_535, 65_536, 1_000_000, 1_048_576, 2 ** 39])(
  'finds a limit of %i bytes to a few hundredths',
  async (limit) => {
    const { letIn, refused } = await bisect({ letIn: 0, refused: 2 ** 40 }, 14, refusesOver(limit));
    expect(letIn).toBeLessThanOrEqual(limit);
    expect(refused).toBeGreaterThan(limit);
    expect(refused - letIn).toBeLessThanOrEqual(Math.max(1, limit / 32));
  },
);

it('never leaves what it was given, and asks no more often than it may', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(20), fc.nat(), async (a, b, steps, limit) => {
      const [letIn, refused] = [Math.min(a, b), Math.max(a, b) + 1];
      let asked = 0;
      const bound = await bisect({ letIn, refused }, steps, async (value) => {
        asked++;
        expect(value).toBeGreaterThan(letIn);
        expect(value).toBeLessThan(refused);
        return value > limit;
      });
      expect(asked).toBeLessThanOrEqual(steps);
      expect(bound.letIn).toBeGreaterThanOrEqual(letIn);
      expect(bound.refused).toBeLessThanOrEqual(refused);
      expect(bound.letIn).toBeLessThan(bound.refused);
    }),
  );
});

it('is said as people say it', () => {
  expect(boundText('messages of', { letIn: 65_536, refused: 65_537 })).toBe(
    'messages of 64 KiB are let in, larger ones end the connection',
  );
  expect(boundText('messages of', { letIn: 1_000, refused: 1_048_576 })).toBe(
    'messages of 1,000 bytes are let in, those of 1 MiB end the connection',
  );
});
