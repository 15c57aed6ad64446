// OR-02
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const cookies = {
  people: {
    jwt: {
      issuer: 'https://id.example.com',
      audience: 'chat',
      jwks: 'https://id.example.com/jwks',
      algorithms: ['ES256'],
      tokenFrom: ['cookie:session'],
    },
  },
};

it('keeps out whoever sends no Origin where origins are listed', async () => {
  expect(await new Guarded({ origins: ['https://app.example.com'] }).knock()).toBe('origin_denied');
});

it('lets a program in that sends none where the route says so', async () => {
  expect(await new Guarded({ origins: ['https://app.example.com', 'absent'] }).knock()).toBe('pass');
  expect(await new Guarded({ origins: 'none-required' }).knock()).toBe('pass');
});

it.each([['none-required'], [['https://app.example.com', 'absent']], [['https://app.example.com', 'null']]])(
  'does not load a route that reads cookies with origins %j',
  (origins) => {
    expect(() => new Guarded({ origins, identify: ['people'] }, cookies)).toThrow(/cookies/);
  },
);

it('does not load a route that says nothing of origins', () => {
  expect(() => new Guarded({ origins: undefined })).toThrow(/origins/);
});
