import path from 'node:path';
import type { Described, Messages } from '../../fuzz/messages.ts';
import { Random } from '../../fuzz/random.ts';
import { sample } from '../../fuzz/samples.ts';
import { asyncApiMessages, isAsyncApi } from '../../guards/schema/asyncapi.ts';
import { Documents } from '../../guards/schema/documents.ts';
import { SchemaFault } from '../../guards/schema/fault.ts';
import { readText } from '../files.ts';
import { UsageError } from '../verb.ts';

/** Where messages say of which type they are, in what is not told otherwise. */
const DIALECT = { name: 'json', json: true, typeAt: '/type' };

/**
 * What clients may send, by a JSON Schema or an AsyncAPI document, which are read as a gateway reads them.
 *
 * @param refusal stands in every answer that refuses a message
 * @throws UsageError that says in one line what is wrong with the file
 */
export function messagesIn(file: string, refusal: string | undefined): Messages {
  try {
    const described = describedIn(file);
    for (const { schema, root } of described) sample(new Random(0), schema, root);
    return { described, refusal };
  } catch (error) {
    // What no sample can be made of: a $ref into another file, or one that leads round in a circle.
    if (error instanceof RangeError) throw new UsageError(`cannot read ${file}: ${error.message}`);
    if (!(error instanceof SchemaFault)) throw error;
    const place = error.line === undefined ? '' : `:${error.line}`;
    const named = path.join(path.dirname(file), error.file);
    throw new UsageError(`cannot read ${named}${place}: ${error.message.replace(/:$/, '')}`);
  }
}

function describedIn(file: string): readonly Described[] {
  const [folder, own] = [path.dirname(file), path.basename(file)];
  const read = (name: string): string => readText(name === own ? file : path.join(folder, name));
  const documents = new Documents({ read }, '.');
  const document = documents.open(own);
  if (!isAsyncApi(document.value)) return [wholeOf(document.value, file)];
  const faults: unknown[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (fault) {
      faults.push(fault);
      return undefined;
    }
  };
  const found = asyncApiMessages(documents, document, DIALECT, attempt);
  if (faults.length > 0) throw faults[0];
  const sent = found.filter(({ directions }) => directions.includes('client'));
  if (sent.length === 0) throw document.fault([], 'clients send no message by this AsyncAPI document');
  return sent.map((each) => ({
    schema: each.document.at(each.at) as Described['schema'],
    root: each.document.value as Described['root'],
  }));
}

function wholeOf(value: unknown, file: string): Described {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${file} holds no schema`);
  const schema = value as Described['schema'];
  return { schema, root: schema };
}
