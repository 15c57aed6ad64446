import type { z } from 'zod';
import type { Operation } from '../../src/admin/operation.ts';
import { OPERATIONS } from '../../src/admin/operations.ts';
import { HEALTH_CHECKS } from '../../src/record/health.ts';
import { code, type Page, page, table } from './markdown.ts';
import { rowsOf, schemaOf } from './schema.ts';

const ACCESS: Readonly<Record<Operation['access'], string>> = {
  anyone: 'Needs no token.',
  metrics: 'Needs either token.',
  operator: 'Needs the token.',
};

export function adminApiPage(): Page {
  return page(
    'admin-api.md',
    'Admin API',
    '`src/admin/operations.ts`',
    'On a listener of its own, configured as [`admin`](configuration.md#admin). Tokens are shown as ' +
      '`Authorization: Bearer …`. Whatever goes wrong is answered as `application/problem+json` (RFC 9457). ' +
      'The same, for machines, is `/openapi.json`. Everything done with the token is an [event](events.md), `admin.action`.',
    table(
      ['Request', 'What it does'],
      OPERATIONS.map((operation) => [code(titleOf(operation)), operation.summary]),
    ),
    ...OPERATIONS.flatMap(sectionOf),
    '## Health checks',
    table(
      ['Check', 'Healthy when'],
      Object.entries(HEALTH_CHECKS).map(([name, meaning]) => [code(name), meaning]),
    ),
  );
}

function titleOf({ method, path }: Operation): string {
  return `${method.toUpperCase()} ${path}`;
}

function sectionOf(operation: Operation): string[] {
  const { summary, access, params, query, body, answers } = operation;
  const inputs = [...inputsOf('path', params), ...inputsOf('query', query), ...inputsOf('body', body)];
  return [
    `## ${titleOf(operation)}`,
    `${summary} ${ACCESS[access]}`,
    ...(inputs.length > 0 ? [table(['Parameter', 'In', 'Form', 'Default', 'Meaning'], inputs)] : []),
    table(
      ['Answer', 'Meaning'],
      Object.entries(answers).map(([status, { meaning }]) => [status, meaning]),
    ),
  ];
}

function inputsOf(place: string, schema: z.ZodObject | undefined): string[][] {
  if (!schema) return [];
  return rowsOf(schemaOf(schema)).map(({ path, form, fallback, meaning }) => [
    code(path),
    place,
    form,
    fallback,
    meaning,
  ]);
}
