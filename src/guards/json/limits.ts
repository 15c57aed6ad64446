/** What is wrong with a text, or `undefined`. `malformed` texts are those that it need not read to the end. */
export type JsonFault =
  | 'depth'
  | 'keys'
  | 'items'
  | 'duplicate'
  | 'prototype'
  | 'nul'
  | 'surrogate'
  | 'number'
  | 'malformed';

export interface JsonLimits {
  /** Objects and arrays within each other; `{}` is 1. */
  readonly maxDepth: number;
  /** Keys of all objects together. */
  readonly maxKeys: number;
  /** Items of all arrays together. */
  readonly maxItems: number;
  readonly allowDuplicates: boolean;
  readonly allowInexact: boolean;
}
