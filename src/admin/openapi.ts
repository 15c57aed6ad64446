import { z } from 'zod';
import type { Body, Operation } from './operation.ts';
import { PROBLEM } from './views.ts';

/** An OpenAPI document, as far as it matters here. */
export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly security: readonly unknown[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: Readonly<Record<string, unknown>>;
  readonly [extension: string]: unknown;
}

const SECURITY: Readonly<Record<Operation['access'], readonly unknown[]>> = {
  anyone: [{}, { token: [] }],
  metrics: [{ token: [] }, { metricsToken: [] }],
  operator: [{ token: [] }],
};

/** Describes the API from its own table (OpenAPI 3.1, whose schemas are JSON Schema 2020-12). */
export function describeApi(operations: readonly Operation[]): OpenApi {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sallyport admin API',
      version: '1',
      description: 'For operators, on a listener of its own. Errors are problem details (RFC 9457).',
    },
    security: [{ token: [] }],
    paths,
    components: {
      schemas: { Problem: schemaOf(PROBLEM, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The operators’ token.' },
        metricsToken: { type: 'http', scheme: 'bearer', description: 'A token that reads metrics alone.' },
      },
    },
  };
}

function describe({ id, summary, access, params, query, body, answers }: Operation): object {
  const responses: Record<string, unknown> = {};
  for (const [status, { meaning, body }] of Object.entries(answers)) {
    responses[status] = { description: meaning, content: contentOf(body, 'output') };
  }
  responses.default = {
    description: 'A problem.',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  return {
    operationId: id,
    summary,
    security: SECURITY[access],
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    ...(body && { requestBody: { required: true, content: contentOf(body, 'input') } }),
    responses,
  };
}

function parametersOf(schema: z.ZodObject, place: 'path' | 'query'): object[] {
  return Object.entries(schema.shape).map(([name, part]) => {
    const { description, ...rest } = schemaOf(part as z.ZodType, 'input');
    return {
      name,
      in: place,
      required: place === 'path',
      ...(description !== undefined && { description }),
      schema: rest,
    };
  });
}

function contentOf(body: Body, io: 'input' | 'output'): object {
  return 'mediaType' in body
    ? { [body.mediaType]: { schema: { type: 'string' } } }
    : { 'application/json': { schema: schemaOf(body, io) } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
