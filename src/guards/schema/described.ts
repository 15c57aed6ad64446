import type { Direction } from '../../pipeline/message.ts';
import type { SchemaDocument, Segments } from './documents.ts';
import type { Draft } from './keywords.ts';

/** One schema in a document: for the messages of a type, or for all (undefined). */
export interface Described {
  readonly type: string | undefined;
  readonly directions: readonly Direction[];
  readonly document: SchemaDocument;
  readonly at: Segments;
  readonly draft: Draft;
}
