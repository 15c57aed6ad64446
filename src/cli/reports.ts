import { writeFileSync } from 'node:fs';
import type { Io } from './io.ts';
import type { Given } from './verb.ts';

/** Each form of a report that goes to a file: the name of its option, and what writes it. */
export type ReportForms<R> = Readonly<Record<string, (report: R) => string>>;

/** Writes a report in each form that an option asks for; `-` is standard output. If none goes there, `text` does. */
export function writeReports<R>(
  report: R,
  forms: ReportForms<R>,
  text: (report: R) => string,
  given: Given,
  io: Io,
): void {
  let toOutput = false;
  for (const [option, write] of Object.entries(forms)) {
    const file = given.text(option);
    if (file === '-') io.out(write(report).trimEnd());
    else if (file !== undefined) writeFileSync(file, write(report));
    toOutput ||= file === '-';
  }
  if (!toOutput) io.out(text(report).trimEnd());
}
