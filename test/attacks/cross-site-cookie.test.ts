// OR-15
import { expect, it } from 'vitest';
import { Guarded } from '../support/guarded.ts';

const identities = {
  people: {
    jwt: {
      issuer: 'https://id.example.com',
      audience: 'chat',
      jwks: 'https://id.example.com/jwks',
      algorithms: ['ES256'],
      tokenFrom: ['cookie:session', 'header'],
    },
  },
};
const listed = { origins: ['https://app.example.com'], identify: ['people'] };
const from = (site: string) => ({
  origin: 'https://app.example.com',
  headers: new Map([['sec-fetch-site', site]]),
});

it('keeps out what the browser calls cross-site where an identity reads cookies, whatever its Origin', async () => {
  const gate = new Guarded(listed, identities);
  expect(await gate.knock(from('cross-site'))).toBe('origin_denied');
  for (const site of ['same-site', 'same-origin', 'none']) expect(await gate.knock(from(site))).toBe('pass');
});

it('lets a listed origin of another site in where no cookie counts, or the route says it may', async () => {
  expect(await new Guarded({ origins: listed.origins }).knock(from('cross-site'))).toBe('pass');
  const said = new Guarded({ ...listed, dangerouslyAllowCrossSiteCookies: true }, identities);
  expect(await said.knock(from('cross-site'))).toBe('pass');
});
