import { type Check, GROUPS, type Group } from '../../src/audit/check.ts';
import { CHECKS } from '../../src/audit/checks/list.ts';
import { GRADE_NOTES, RULES } from '../../src/audit/grade.ts';
import { CATALOGUE } from '../../test/attacks/catalogue.ts';
import { ROWS } from '../../test/audit/rows.ts';
import { code, type Page, page, table } from './markdown.ts';

export function auditChecksPage(): Page {
  return page(
    'audit-checks.md',
    'Checks of an audit',
    '`src/audit/checks` and `test/audit/rows.ts`',
    'What [`sallyport audit`](../audit.md) looks at. An id is stable: reports, pipelines and `--only` go by it. The report ' +
      'says of each check what was sent and seen, why it matters and how to mend it.',
    '## The grade',
    'It begins at A+. Each rule that holds takes it down to its grade, and the lowest stands.',
    table(
      ['At most', 'When'],
      RULES.map(({ atMost, when }) => [atMost, when]),
    ),
    ...GRADE_NOTES,
    ...(Object.keys(GROUPS) as Group[]).flatMap(groupOf),
    '## Attacks',
    'Which check sends what [the catalogue of attacks](../attacks.md) has of handshakes, smuggling and origins.',
    table(['Row', 'What', 'Checks'], attackRows()),
  );
}

function groupOf(group: Group): string[] {
  const own = CHECKS.filter((check) => check.group === group);
  return [
    `## ${group}`,
    `Of ${GROUPS[group]}.`,
    table(['Check', 'Weight', 'What should be so', 'Standard'], own.map(row)),
  ];
}

function row({ id, weight, title, standard }: Check): string[] {
  return [code(id), weight, title, standard];
}

function attackRows(): string[][] {
  return CATALOGUE.flatMap(({ rows }) =>
    rows.flatMap(([id, what]) => {
      const sent = ROWS[id];
      return sent === undefined
        ? []
        : [[id, what, 'none' in sent ? `— ${sent.none}` : sent.map(code).join(', ')]];
    }),
  );
}
