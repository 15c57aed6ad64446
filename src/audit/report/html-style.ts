/** Of this report's page, besides what every page has. */
export const STYLE = `
header{display:flex;gap:1.5rem;align-items:center;flex-wrap:wrap;border-bottom:1px solid var(--line);padding-bottom:1rem}
header p{margin:.2rem 0}
header div{flex:1;min-width:16rem}
.grade{font-size:3rem;font-weight:700;line-height:1;color:#fff;border-radius:.8rem;padding:1.2rem 1.5rem}
.grade.good{background:#1a7f37}.grade.fair{background:#9a6700}.grade.poor{background:#cf222e}
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
td,th{border:1px solid var(--line);padding:.2rem .6rem;text-align:left}
@media (max-width:40rem){dl{grid-template-columns:1fr}}
`;
