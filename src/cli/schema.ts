import { configJsonSchema } from '../config/schema.ts';
import type { Verb } from './verb.ts';

/** `sallyport schema` */
export const verb: Verb = {
  positionals: [],
  options: {},
  examples: ['schema > sallyport.schema.json'],
  notes: [
    'As the first line of the configuration, for editors:',
    '# yaml-language-server: $schema=sallyport.schema.json',
  ].join('\n'),
  run(_given, io) {
    io.out(JSON.stringify(configJsonSchema(), undefined, 2));
    return 'done';
  },
};
