import { afterEach, expect, test } from 'vitest';
import { faults, Provider, saying } from '../../test/support/provider.ts';
import { createDevelopmentCa } from '../edge/development-ca.ts';
import { FetchError, fetchText, isSafeUrl } from './fetch.ts';

const limits = { timeout: 300, maxBytes: 1_024 };
let provider: Provider;

afterEach(() => provider?.close());

test('brings the body of a 200', async () => {
  provider = await Provider.listen(saying('{"a":"ä"}'));
  expect(await fetchText(`${provider.url}/x?y`, limits)).toBe('{"a":"ä"}');
  expect(provider.asked).toEqual(['/x?y']);
});

test('sends a form, and says with which status it was refused', async () => {
  provider = await Provider.listen((request, response) => {
    const { method, headers } = request;
    const said = [method, headers.authorization, headers['content-type']].join(' ');
    request.setEncoding('utf8').on('data', (body) => response.end(`${said} ${body}`));
  });
  const form = { fields: { token: 'a&b=c +' }, authorization: 'Basic YTpi' };
  expect(await fetchText(provider.url, { ...limits, timeout: 5_000 }, form)).toBe(
    'POST Basic YTpi application/x-www-form-urlencoded token=a%26b%3Dc+%2B',
  );
  provider.behave((_, response) => response.writeHead(401).end());
  await expect(fetchText(provider.url, { ...limits, timeout: 5_000 }, form)).rejects.toMatchObject({
    status: 401,
  });
  provider.behave(saying('x'.repeat(1_025)));
  await expect(fetchText(provider.url, { ...limits, timeout: 5_000 }, form)).rejects.toMatchObject({
    status: 413,
  });
});

const { 'a page of HTML': _page, 'a 200 with nothing': _empty, ...broken } = faults('{"keys":[]}');

test.each(Object.entries(broken))('%s is an error, in time, and asked once', async (_, reply) => {
  provider = await Provider.listen(reply);
  const begun = performance.now();
  await expect(fetchText(`${provider.url}/keys`, limits)).rejects.toBeInstanceOf(FetchError);
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(provider.asked).toEqual(['/keys']);
});

test('nobody there is an error', async () => {
  provider = await Provider.listen(saying(''));
  await provider.close();
  await expect(fetchText(provider.url, limits)).rejects.toBeInstanceOf(FetchError);
  provider = await Provider.listen(saying(''));
});

test('trusts the authority of the configuration, for the name it vouches for', async () => {
  const ca = await createDevelopmentCa();
  provider = await Provider.listen(saying('{}'), await ca.issue({ ip: ['127.0.0.1'] }));
  expect(await fetchText(provider.url, { ...limits, ca: ca.cert })).toBe('{}');
  await expect(fetchText(provider.url, limits)).rejects.toThrow(/self-signed|unable to/);
  await provider.close();
  provider = await Provider.listen(saying('{}'), await ca.issue({ dns: ['id.example.com'] }));
  await expect(fetchText(provider.url, { ...limits, ca: ca.cert })).rejects.toThrow(/altnames/);
  expect(provider.asked).toEqual([]);
});

test.each([
  ['https://id.example.com/keys', false, true],
  ['http://localhost:8080/keys', false, true],
  ['http://127.0.0.1/keys', false, true],
  ['http://[::1]/keys', false, true],
  ['http://id.example.com/keys', false, false],
  ['http://id.example.com/keys', true, true],
  ['http://127.0.0.1.example.com/keys', false, false],
  ['http://localhost.example.com/', false, false],
  ['https://user:pass@id.example.com/', true, false],
  ['https://user@id.example.com/', true, false],
  ['ftp://127.0.0.1/', true, false],
  ['file:///etc/passwd', true, false],
  ['id.example.com', true, false],
])('%s with http allowed: %s is safe: %s', (url, allowed, safe) => {
  expect(isSafeUrl(url, allowed)).toBe(safe);
});
