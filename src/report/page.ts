/** What stands on every page that a report is: readable on a telephone, on paper and in the dark. */
const STYLE = `
:root{color-scheme:light dark;--good:#1a7f37;--fair:#9a6700;--poor:#cf222e;--line:#8884}
@media (prefers-color-scheme:dark){:root{--good:#3fb950;--fair:#d29922;--poor:#f85149}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.3rem;margin:0;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .3rem}
table{border-collapse:collapse}
td{padding:.15rem .8rem .15rem 0;vertical-align:top}
.good{color:var(--good)}.fair{color:var(--fair)}.poor{color:var(--poor)}
footer{margin-top:2rem;opacity:.7}
`;

/** A report as one page without scripts and without anything from elsewhere: it can be sent, and opened anywhere. */
export interface Page {
  /** Plain text. */
  readonly title: string;
  /** Which command made it. */
  readonly by: string;
  /** HTML; what came from outside went through `escaped`. */
  readonly body: string;
  /** CSS, besides what all pages have. */
  readonly style: string;
}

/** The whole document. */
export function pageOf({ title, by, body, style }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}${style}</style>
</head>
<body>
${body}
<footer>Made by ${escaped(by)}.</footer>
</body>
</html>
`;
}

/** What a server or a file said may stand in a report, and must stay text there. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** A heading and rows below it; `none` stands where there are none. */
export function section(title: string, rows: readonly string[], none = 'None.'): string {
  const table = rows.length === 0 ? `<p>${escaped(none)}</p>` : `<table>${rows.join('\n')}</table>`;
  return `<section><h2>${escaped(title)}</h2>${table}</section>`;
}

/** A row of a table of plain text; `kind` is its class. */
export function row(kind: string, ...cells: readonly string[]): string {
  return `<tr class="${kind}">${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
}
