/** One page of the reference, made from a table in the source. */
export interface Page {
  /** In `docs/reference`. */
  readonly file: string;
  readonly text: string;
}

/** A page with its title, the file that it is made from, and its blocks, one empty line between them. */
export function page(file: string, title: string, source: string, ...blocks: string[]): Page {
  const notice = `<!-- Made from ${source} by \`npm run docs\`; edit that, not this. -->`;
  return { file, text: `${[`# ${title}`, notice, ...blocks].join('\n\n')}\n` };
}

/** A table; a cell may hold any text but is one line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Text as code, also where it holds a backtick. */
export function code(text: string | number): string {
  return String(text).includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** Several as code, with commas. */
export function codes(texts: readonly (string | number)[]): string {
  return texts.map(code).join(', ');
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();
}
