/** Of the report's page: readable on a telephone, on paper and in the dark. */
export const STYLE = `
:root{color-scheme:light dark;--good:#1a7f37;--fair:#9a6700;--poor:#cf222e;--line:#8884}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1.5rem}
header{display:flex;gap:1.5rem;align-items:center;flex-wrap:wrap;border-bottom:1px solid var(--line);padding-bottom:1rem}
header p{margin:.2rem 0}
header div{flex:1;min-width:16rem}
h1{font-size:1.3rem;margin:0;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .3rem}
.grade{font-size:3rem;font-weight:700;line-height:1;color:#fff;border-radius:.8rem;padding:1.2rem 1.5rem}
.grade.good{background:var(--good)}.grade.fair{background:var(--fair)}.grade.poor{background:var(--poor)}
details{border-bottom:1px solid var(--line);padding:.4rem 0}
summary{cursor:pointer}
summary span{display:inline-block;min-width:7.5rem;font-weight:600}
.pass summary span{color:var(--good)}.fail summary span{color:var(--poor)}
.warn summary span,.inconclusive summary span{color:var(--fair)}
.skipped{opacity:.7}
code{font-size:.85em;opacity:.7}
dl{display:grid;grid-template-columns:9rem 1fr;gap:.3rem 1rem;margin:.5rem 0 .8rem}
dt{font-weight:600}
dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse}
td,th{border:1px solid var(--line);padding:.2rem .6rem;text-align:left}
footer{margin-top:2rem;opacity:.7}
@media (max-width:40rem){dl{grid-template-columns:1fr}}
`;
