import { configJsonSchema } from '../config/schema.ts';
import type { Verb } from './verb.ts';

/** `sallyport schema` */
export const verb: Verb = {
  positionals: [],
  options: {},
  notes: [
    'sallyport schema > sallyport.schema.json, and as the first line of the configuration:',
    '# yaml-language-server: $schema=sallyport.schema.json',
  ].join('\n'),
  run(_given, io) {
    io.out(JSON.stringify(configJsonSchema(), undefined, 2));
    return 'done';
  },
};
