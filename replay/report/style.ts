import { trusted } from "#replay/report/html.ts";

/** Colours after Okabe and Ito (https://jfly.uni-koeln.de/color/), darkened or lightened to 3:1 against the ground. */
export const STYLE = trusted(`
:root { color-scheme: light dark; --ground: #fff; --ink: #1b1f24; --soft: #59636e; --rule: #d0d7de; --panel: #f6f8fa; --land: #dfe5ea;
	--c1: #57606a; --c2: #b35900; --c3: #8a6d00; --c4: #0072b2; --c5: #3d7fb8; --c6: #b5348f; --c7: #00795a; --gain: #00795a; --loss: #b33c00; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --ink: #e6edf3; --soft: #9aa5b1; --rule: #30363d; --panel: #161b22; --land: #2b333c;
	--c1: #9aa5b1; --c2: #f0a04b; --c3: #e3c94b; --c4: #56b4e9; --c5: #8cc4ea; --c6: #e889c9; --c7: #3fc79a; --gain: #3fc79a; --loss: #f08a5d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 4rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; } h4 { margin: 0; font-size: .9rem; }
.verdict p { margin: .4rem 0; } .verdict p:first-child { font-size: 1.15rem; font-weight: 600; } .verdict { border-left: .3rem solid var(--c6); background: var(--panel); padding: .8rem 1rem; margin: 1rem 0; }
.small, .what { color: var(--soft); font-size: .85rem; } th .small { display: block; font-weight: 400; min-width: 12rem; max-width: 22rem; white-space: normal; }
.what, bdi { overflow-wrap: anywhere; }
figure { margin: 0 0 2rem; } figcaption { margin-bottom: .5rem; } figcaption strong { display: block; }
svg { max-width: 100%; height: auto; display: block; } .hidden { position: absolute; }
.drawing > svg { width: 100%; min-width: 34rem; max-width: none; }
.scroll { overflow-x: auto; position: relative; } .scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--c4); outline-offset: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { padding: .3rem .5rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; vertical-align: top; }
th[scope=row], thead th:first-child { text-align: left; } .settings td, .settings th { text-align: left; white-space: normal; }
.outcomes th[scope=row] { white-space: normal; min-width: 9rem; max-width: 24rem; } td.bar { min-width: 12.5rem; }
.policies table { font-size: .8rem; } .policies th, .policies td { padding: .3rem; } .policies thead th { white-space: normal; vertical-align: bottom; } .policies .small { font-size: .75rem; }
.away { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
summary { cursor: pointer; padding: .35rem 0; color: var(--soft); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; padding: 0; margin: 0 0 .5rem; font-size: .85rem; } .legend li { display: flex; align-items: center; gap: .4rem; }
.multiples { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem; }
.maps { list-style: none; padding: 0; margin: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .6rem; } .maps span { font-size: .8rem; color: var(--soft); }
.maps svg { background: var(--panel); border-radius: .3rem; width: 100%; }
.land path, .land { fill: var(--land); }
.grid { stroke: var(--rule); } .diagonal { stroke: var(--soft); stroke-dasharray: 4 4; } .tick { fill: var(--soft); font-size: 11px; } .label { fill: var(--ink); font-size: 13px; } .end { text-anchor: end; } .middle { text-anchor: middle; }
.line { fill: none; stroke-width: 2; } .whisker { stroke-width: 3; opacity: .55; } .area { fill-opacity: .45; stroke-width: 1; } .gain { fill: var(--gain); } .loss { fill: var(--loss); }
${[1, 2, 3, 4, 5, 6, 7].map((n) => `.c${n} { stroke: var(--c${n}); } .c${n}.dot, .c${n}.area { fill: var(--c${n}); }`).join("\n")}
@media print { :root { color-scheme: light; } body { max-width: none; } figure, tr { break-inside: avoid; } .scroll { overflow: visible; } table { font-size: .7rem; } th, td { padding: .15rem .3rem; white-space: normal; } details:not([open]) { display: none; } }
`);
