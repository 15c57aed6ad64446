import { hashSecret } from '../identity/secret-hash.ts';
import { parseSecretsFile } from '../identity/secrets-file.ts';
import type { Exit } from './exit.ts';
import { UsageError, type Verb } from './verb.ts';

/** `sallyport hash NAME` */
export const verb: Verb = {
  positionals: ['NAME'],
  options: {
    cost: {
      type: 'string',
      value: 'N',
      help: 'Work as a power of two, 10 to 18: 10 is enough for 128 random bits; 15 if left out.',
    },
  },
  examples: ['hash charge-point-1 >> secrets.txt'],
  notes:
    'The secret is the first line of standard input, never an argument: those are seen by every process.',
  async run(given, io): Promise<Exit> {
    const [name] = given.positionals;
    if (name === undefined) throw new UsageError('hash needs a NAME');
    const cost = Number(given.text('cost') ?? 15);
    if (!Number.isInteger(cost) || cost < 10 || cost > 18) throw new UsageError('--cost is from 10 to 18');
    const secret = await io.secret(`secret of ${name}: `);
    if (secret === '') throw new UsageError('there is no secret on standard input');
    const line = `${name}:${await hashSecret(secret, cost)}`;
    const [problem] = parseSecretsFile(line).problems;
    if (problem)
      throw new UsageError(`${JSON.stringify(name)} cannot be a name: it must be text without colons`);
    io.out(line);
    return 'done';
  },
};
