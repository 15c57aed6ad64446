import type { DialectTraits } from '../../pipeline/context.ts';
import type { Described } from './contract.ts';
import type { Documents, SchemaDocument } from './documents.ts';
import { isSchemaObject } from './walk.ts';

export function isAsyncApi(value: unknown): boolean {
  return isSchemaObject(value) && 'asyncapi' in value;
}

export function asyncApiMessages(
  _documents: Documents,
  document: SchemaDocument,
  _dialect: DialectTraits,
): readonly Described[] {
  throw document.fault(['asyncapi'], 'AsyncAPI is not read yet');
}
