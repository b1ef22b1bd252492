/** Owns the look of the page: system type, one accent, blue and orange for gains and losses, light, dark and paper. Never fetches a font. */

const light = `--ink:#1b2330;--ink-soft:#5d6878;--quiet:#8a94a3;--line:#e6e9ee;--surface:#fff;--candle:#7b8695;--ground:#f7f8fa;--accent:#2457c5;--up:#2457c5;--down:#c45e0a;--warn:#fff4e2;--warn-ink:#7a4100;--shade:#1b233024;--wash:#2457c512;color-scheme:light`;
const dark = `--ink:#e7ebf2;--ink-soft:#9aa6b6;--quiet:#7d8999;--line:#2a3240;--surface:#141a23;--candle:#8b97a7;--ground:#0e131a;--accent:#7aa5ff;--up:#7aa5ff;--down:#f2a254;--warn:#33260f;--warn-ink:#ffd591;--shade:#00000080;--wash:#7aa5ff1c;color-scheme:dark`;

export const style = `
:root{${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
:root[data-theme=light]{${light}}
:root[data-theme=dark]{${dark}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:56px}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main,header .inner,footer{max-width:1072px;margin:0 auto;padding:0 32px}
a{color:var(--accent);text-underline-offset:2px}
h1{font-size:26px;line-height:1.25;margin:0;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:17px;line-height:1.3;margin:0 0 4px;font-weight:620}
h3{font-size:13px;margin:0 0 6px;font-weight:600;color:var(--ink-soft)}
p{margin:0}
.soft{color:var(--ink-soft);font-size:13px}
header{padding:36px 0 0}
header .top{display:flex;gap:16px;align-items:flex-start;justify-content:space-between}
header .soft{margin-top:6px;overflow-wrap:anywhere}
.badge{display:inline-block;margin-left:8px;padding:1px 8px;border-radius:4px;background:var(--down);color:#fff;font-size:12px;font-weight:650;letter-spacing:.06em;vertical-align:1px}
:root[data-theme=dark] .badge{color:#1a1206}
button,select,input{font:inherit;font-size:13px;color:var(--ink);background:var(--surface);border:1px solid var(--line);border-radius:6px;padding:5px 10px}
button{cursor:pointer;white-space:nowrap}
button:hover:not(:disabled){border-color:var(--quiet)}
button:disabled{color:var(--quiet);cursor:default}
button:focus-visible,select:focus-visible,input:focus-visible,a:focus-visible,th:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
nav{position:sticky;top:0;z-index:5;margin-top:20px;background:var(--ground);border-bottom:1px solid var(--line)}
nav div{max-width:1072px;margin:0 auto;padding:0 32px;display:flex;gap:22px;overflow-x:auto;scrollbar-width:none}
nav a{padding:10px 0;color:var(--ink-soft);text-decoration:none;font-size:13px;white-space:nowrap}
nav a:hover{color:var(--ink)}
.warnings{margin-top:20px;padding:12px 16px;border-radius:8px;background:var(--warn);color:var(--warn-ink)}
.warnings p{font-weight:620}
.warnings p+ul{margin-top:6px}
.warnings ul{margin:0;padding-left:18px}
.keys{display:grid;grid-template-columns:repeat(4,1fr);gap:24px 20px;margin:28px 0 8px}
.keys dt{color:var(--ink-soft);font-size:13px}
.keys dd{margin:0}
.keys .value{font-size:25px;line-height:1.3;font-weight:600;letter-spacing:-.015em;font-variant-numeric:tabular-nums}
section{margin:20px 0 0;padding:22px 24px 20px;background:var(--surface);border:1px solid var(--line);border-radius:10px}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 20px}
.pair>*{min-width:0}
section .pair{gap:0 44px}
section .pair.costs{grid-template-columns:5fr 3fr}
.drift{margin-top:14px}
.verdict{border-left:5px solid var(--quiet)}.verdict.luck{border-left-color:var(--down)}.verdict.holds{border-left-color:var(--up)}
.verdict ul,.limits{margin:8px 0 0;padding-left:18px;font-size:13px}.verdict li,.limits li{margin-top:4px}
figure{margin:10px 0 0;position:relative}
figure svg{display:block;width:100%;height:auto;overflow:visible;font-size:11px}
figure .middle,figure .narrow{display:none}
figure text,figure .role-mark>:not([aria-label]){pointer-events:none}
#price-chart{height:400px;margin-top:4px}
.attribution{font-size:11px;color:var(--quiet);margin-top:6px}
.attribution a{color:inherit}
#tip{position:fixed;z-index:9;pointer-events:none;display:none;max-width:260px;padding:6px 9px;border-radius:6px;background:var(--ink);color:var(--surface);font-size:12px;line-height:1.45;font-variant-numeric:tabular-nums;white-space:pre-line}
.hair{stroke:var(--quiet);stroke-width:1;pointer-events:none}
table{width:100%;border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th{font-weight:500;color:var(--ink-soft);text-align:left;white-space:nowrap}
th,td{padding:5px 14px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
th:last-child,td:last-child{padding-right:0}
tr:last-child td{border-bottom:0}
.number{text-align:right;white-space:nowrap}
td.number+td:not(.number),th.number+th:not(.number){padding-left:10px}
.scroll{overflow-x:auto;margin-top:10px}
.scroll td:first-child{white-space:nowrap}
.notes{margin-top:10px}
.for-phone{display:none}
.scroll,nav div{--from:var(--surface);background:linear-gradient(to right,var(--from) 40%,transparent) 0 0/40px 100% no-repeat local,linear-gradient(to left,var(--from) 40%,transparent) 100% 0/40px 100% no-repeat local,linear-gradient(to right,var(--shade),transparent) 0 0/10px 100% no-repeat scroll,linear-gradient(to left,var(--shade),transparent) 100% 0/10px 100% no-repeat scroll}
nav div{--from:var(--ground)}
.cash th:first-child{white-space:normal}
.tools select{max-width:100%}
.wrapped{white-space:pre-wrap;overflow-wrap:anywhere}
.phone-only{display:none}
.whole{white-space:nowrap}table:has(.whole) th{white-space:normal;vertical-align:bottom}
.tools{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin-top:12px}
.tools .soft:last-child{margin-left:auto}
#trade-table th{cursor:pointer;user-select:none}
#trade-table th[aria-sort=ascending]::after{content:" ↑"}
#trade-table th[aria-sort=descending]::after{content:" ↓"}
#trade-table td{white-space:nowrap}
#trade-table th,#trade-table td{padding-right:9px}#trade-table th:last-child,#trade-table td:last-child{padding-right:0}
#trade-table tbody tr{cursor:pointer}
#trade-table tbody tr:hover{background:var(--wash)}
#trade-table tbody tr[aria-current]{background:var(--wash);box-shadow:inset 3px 0 var(--accent)}
#trade-table tbody tr[aria-current] td:first-child{font-weight:650}
#chosen-trade{font-size:13px;font-variant-numeric:tabular-nums;margin-top:10px}#chosen-trade:empty{display:none}
#candle{margin-top:10px;min-height:1.5em;white-space:pre-wrap;font-variant-numeric:tabular-nums}
.gain{color:var(--up)}.loss{color:var(--down)}
.groups{columns:2;column-gap:44px;margin-top:14px}
.groups>div{break-inside:avoid;margin-bottom:20px}
.groups td:first-child{white-space:normal}
.groups td[title]{cursor:help}
.groups td{border-bottom:1px solid var(--line)}
pre,code{font:12px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{margin:12px 0 0;padding:14px 16px;background:var(--ground);border-radius:8px;overflow:auto;max-height:480px}
.hash{font:12px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
details{margin-top:12px}
summary{cursor:pointer;color:var(--ink-soft);font-size:13px}
dl.conventions{margin:12px 0 0;columns:2;column-gap:44px;font-size:12.5px}
dl.conventions div{break-inside:avoid;margin-bottom:8px}
dl.conventions dt{font-weight:600}dl.conventions dd{margin:0;color:var(--ink-soft)}
footer{padding-top:20px;padding-bottom:48px}
@media (max-width:860px){
.pair{display:block}
figure .wide{display:none}figure .middle{display:block}
}
@media (max-width:480px){figure .middle,.but-phone{display:none}figure .narrow,.phone-only{display:block}}
@media (max-width:640px){
main,header .inner,footer,nav div{padding-left:16px;padding-right:16px}
header{padding-top:22px}h1{font-size:21px}
.keys{grid-template-columns:1fr 1fr;gap:16px 14px;margin-top:20px}.keys .value{font-size:21px}
section{padding:16px 14px 14px;margin-top:14px;border-radius:8px}
#price-chart{height:300px}#candle{min-height:3em}.hint{display:none}.tools .soft:last-child{margin-left:0}
.groups,dl.conventions{columns:1}
th,td{padding-right:9px}
.scroll td:first-child{position:sticky;left:0;background:var(--surface)}
.stack thead,#trade-table thead{display:none}
.stack tr{display:block;padding:6px 0;border-bottom:1px solid var(--line)}.stack td,.scroll .stack td:first-child{display:block;border:0;padding:0;white-space:normal;text-align:left}.stack td.number+td:not(.number){padding:0}
.scroll .stack td[data-label]{display:flex;gap:12px}.stack td[data-label]::before{content:attr(data-label);flex:0 0 96px;color:var(--ink-soft)}.scroll .stack td:empty{display:none}
.for-phone{display:inline-block}
#trade-table tr{display:flex;flex-wrap:wrap;column-gap:9px;padding:7px 0;border-bottom:1px solid var(--line)}
#trade-table td{display:block;border:0;padding:0;order:8;font-size:12px;color:var(--ink-soft);text-align:left;background:none}
#trade-table td.number:first-child,#trade-table td.side,#trade-table td.symbol{order:1;font-size:13px;color:var(--ink)}
#trade-table td.fraction{order:2;margin-left:auto;font-size:13px;text-align:right}#trade-table td.pnl{order:3;font-size:13px;min-width:72px;text-align:right}
#trade-table td.gain{color:var(--up)}#trade-table td.loss{color:var(--down)}
#trade-table td.entry,#trade-table td.exit{display:none}#trade-table td.entryMs,#trade-table td.exitMs{order:5}
#trade-table tr::before,#trade-table tr::after{content:"";flex-basis:100%;order:4}#trade-table tr::after{order:6}
#trade-table td.exitMs::before{content:"→ "}#trade-table td.size::before{content:"size "}#trade-table td.fee::before{content:"fees "}#trade-table td.role::before{content:"by "}
}
@media print{
:root,:root[data-theme=dark]{${light}}
body{background:#fff;font-size:12px}nav,.tools>:not(#trade-count):not(#candle-note):not(#series),#theme,.for-phone,#tip,.hair{display:none}
section{break-inside:avoid;border:0;padding:0}
section:has(table){break-inside:auto}
#trade-table tbody tr[aria-current]{background:none;box-shadow:none}.scroll{background:none;overflow:visible}
table{font-size:10.5px}th,td{padding-right:8px}#trade-table{font-size:9px}#trade-table th,#trade-table td{padding-right:5px}thead{display:table-header-group}tr{break-inside:avoid}
pre{max-height:none;white-space:pre-wrap}
}
`;
