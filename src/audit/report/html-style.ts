/** Of this report's page, besides what every page has. */
export const STYLE = `
:root{--fact:#0969da;--mute:#59636e;--soft:#8881}
@media (prefers-color-scheme:dark){:root{--fact:#58a6ff;--mute:#9198a1}}
header{display:flex;gap:1.5rem;align-items:center;flex-wrap:wrap;border-bottom:1px solid var(--line);padding-bottom:1.2rem}
header p{margin:.15rem 0}
header div{flex:1;min-width:16rem}
h2::first-letter{text-transform:uppercase}
h2 small{font-size:.85rem;font-weight:400;color:var(--mute);margin-left:.4rem}
h3{font-size:1rem;margin:0 0 .4rem}
h3 b{display:inline-block;font-size:.8rem;text-transform:uppercase;letter-spacing:.04em;color:#fff;border-radius:.3rem;padding:.05rem .5rem;margin-right:.4rem;background:#cf222e}
.warn h3 b{background:#9a6700}
.small,small{color:var(--mute);font-size:.9rem}
.grade{font-size:3.2rem;font-weight:700;line-height:1;color:#fff;border-radius:.8rem;padding:1.3rem 1.5rem;min-width:7.5rem;text-align:center}
.grade.good{background:#1a7f37}.grade.fair{background:#9a6700}.grade.poor{background:#cf222e}
.counts span{display:inline-block;border:1px solid currentColor;border-radius:1rem;padding:.05rem .7rem;margin:.35rem .4rem 0 0;font-size:.85rem}
.holds{font-weight:700}
.pass .mark,.counts .pass{color:var(--good)}.fail .mark,.counts .fail{color:var(--poor)}
.warn .mark,.inconclusive .mark,.counts .warn,.counts .inconclusive{color:var(--fair)}
.info .mark,.counts .info{color:var(--fact)}.skipped .mark,.counts .skipped{color:var(--mute)}
article{border:1px solid var(--line);border-left:.3rem solid var(--poor);border-radius:.4rem;padding:.7rem 1rem;margin:.7rem 0;break-inside:avoid}
article.warn{border-left-color:var(--fair)}
details,p.row{border-bottom:1px solid var(--line);margin:0}
.row{display:flex;gap:.8rem;padding:.4rem 0;list-style:none}
summary{cursor:pointer}
summary:hover{background:var(--soft)}
summary::-webkit-details-marker{display:none}
.mark{flex:0 0 6.5rem;font-weight:600}
.what{flex:1;min-width:0}
.what small{display:block;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.what a{margin-left:.6rem;font-size:.9rem}
details[open] .what small{display:none}
details dl{margin-left:7.3rem}
code{font-size:.85em;color:var(--mute)}
dl{display:grid;grid-template-columns:8rem 1fr;gap:.25rem 1rem;margin:.2rem 0 .6rem;font-size:.95rem}
dt{color:var(--mute)}
dd{margin:0;overflow-wrap:anywhere}
td,th{border:1px solid var(--line);padding:.2rem .6rem;text-align:left}
@media (max-width:40rem){dl{grid-template-columns:1fr}dt{margin-top:.3rem}details dl{margin-left:0}.mark{flex-basis:4.5rem}}
@media print{body{padding:0;max-width:none;font-size:11pt}.grade,h3 b{print-color-adjust:exact}}
`;
