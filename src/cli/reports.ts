import { writeFileSync } from 'node:fs';
import { checkWritable } from './files.ts';
import type { Io } from './io.ts';
import type { Given } from './verb.ts';

/** Each form of a report that goes to a file: the name of its option, and what writes it. */
export type ReportForms<R> = Readonly<Record<string, (report: R) => string>>;

/** Whether the files that are asked for can be written: to be asked before the work is done. @throws UsageError */
export function checkReports(forms: Readonly<Record<string, unknown>>, given: Given): void {
  for (const option of Object.keys(forms)) {
    const file = given.text(option);
    if (file !== undefined && file !== '-') checkWritable(file);
  }
}

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
