/**
 * Colours are pairs for light and dark, with 4.5 to 1 for text and 3 to 1 for marks against their ground (WCAG 2.2, 1.4.3 and
 * 1.4.11). Nothing is told by colour alone: bars have their numbers beside them, marks differ in shape. Paper is light.
 */
export const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--ink:#1d2129;--faint:#5a6270;--line:#d5d9e0;--good:#176b2c;--bad:#a11313;--bar:#3463ad}
@media screen and (prefers-color-scheme:dark){:root{--ground:#15181d;--ink:#e8eaee;--faint:#a5adba;--line:#3a414d;--good:#6fce87;--bad:#ff8f86;--bar:#7fa8ea}}
body{font:16px/1.5 system-ui,sans-serif;max-width:54rem;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--ground)}
h1{font-size:1.6rem}h2{font-size:1.25rem;overflow-wrap:anywhere}h3{font-size:1rem;margin:1.5rem 0 .25rem}
.passed{color:var(--good)}.failed{color:var(--bad)}.faint{color:var(--faint);font-size:.875rem}
section{border-top:1px solid var(--line);padding-top:.5rem;margin-top:2rem}
svg{width:100%;min-width:40rem;height:auto;display:block}
svg text{fill:var(--ink);font:13px system-ui,sans-serif}svg .faint{fill:var(--faint);font-size:12px}
svg .strong{font-weight:bold}svg .axis{stroke:var(--line)}svg .limit{stroke:var(--ink);stroke-width:2;stroke-dasharray:5 3}
svg .bar{fill:var(--bar)}svg .over{fill:var(--bad)}svg .mark{fill:none;stroke:var(--bar);stroke-width:1.5}svg .mark.over{stroke:var(--bad);fill:none}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9rem}
caption{text-align:left;padding-top:.75rem;color:var(--faint);font-size:.875rem}
th,td{text-align:left;padding:.2rem .6rem .2rem 0;border-bottom:1px solid var(--line);vertical-align:top}td.number,th.number{text-align:right}
dl{display:grid;grid-template-columns:fit-content(40%) 1fr;gap:.2rem 1rem;font-size:.9rem}dt{color:var(--faint);overflow-wrap:anywhere}dd{margin:0;overflow-wrap:anywhere}
.wide{overflow-x:auto}
@media print{svg{min-width:0}.wide{overflow:visible}body{margin:0;max-width:none;font-size:11pt}tr,svg{break-inside:avoid}h2,h3{break-after:avoid}thead{display:table-header-group}}
`
