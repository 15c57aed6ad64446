import { beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../test/support/sandbox.ts';
import { createDevelopmentCa } from '../edge/development-ca.ts';
import { OptionsError } from '../pipeline/context.ts';
import { readPapers } from './cluster.ts';

describe('what a node proves itself with', () => {
  let sandbox: Sandbox;
  const NAMES = { cert: 'cert.pem', key: 'key.pem', ca: 'certs/devices-ca.pem' };

  beforeAll(async () => {
    sandbox = await createSandbox();
    const other = await (await createDevelopmentCa()).issue({ dns: ['node'] });
    sandbox.write('other-key.pem', other.key);
    sandbox.write('empty.pem', '');
    return () => sandbox.remove();
  });

  const read = (names: Partial<typeof NAMES> = {}) =>
    readPapers({ ...NAMES, ...names }, (name) => `${sandbox.folder}/${name}`, Date.now());

  it('is read', () => {
    expect(Object.keys(read())).toEqual(['cert', 'key', 'ca']);
  });

  it.each([
    ['ca', 'empty.pem', /no CERTIFICATE/],
    ['ca', 'nowhere.pem', /cannot read the file/],
    ['cert', 'empty.pem', /cert|empty/],
    ['key', 'nowhere.pem', /cannot read the file/],
    ['key', 'other-key.pem', /key/],
  ] as const)('is not a %s like %s', (which, file, message) => {
    try {
      read({ [which]: file });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(OptionsError);
      expect((error as OptionsError).problems).toMatchObject([
        { path: [which], message: expect.stringMatching(message) },
      ]);
    }
  });
});
