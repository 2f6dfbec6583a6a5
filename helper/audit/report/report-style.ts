/** How an HTML report looks: the system's own letters, light and dark, on paper too. Nothing is loaded. */
export const reportStyle = `
:root { color-scheme: light dark; --ink: #1d2430; --quiet: #5a6575; --paper: #ffffff; --card: #f5f7fa; --line: #d9dfe7; --link: #0b5cad;
  --records: #4a7db8; --blocked: #c62f38; --good: #19713a; --good-back: #e7f5ec; --fair: #7c5300; --fair-back: #fdf3dc; --bad: #a61b25; --bad-back: #fdebec; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --quiet: #a2adbb; --paper: #14181f; --card: #1c222b; --line: #343d4a; --link: #7db8f5;
  --records: #6ea3dd; --blocked: #ff6b72; --good: #7fd8a0; --good-back: #15301f; --fair: #f0c66a; --fair-back: #332813; --bad: #ff9298; --bad-back: #3a181b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 68rem; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { margin: 0 0 1rem; font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 0 0 .4rem; font-size: 1.2rem; line-height: 1.3; }
section { margin: 2.2rem 0 0; }
p { margin: .3rem 0; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2.2rem; margin: 0; }
.facts dt { color: var(--quiet); font-size: .8rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.verdict { margin-top: 1.6rem; padding: 1rem 1.25rem; border-left: 5px solid; border-radius: 6px; }
.verdict h2 { font-size: 1.3rem; }
.verdict p { color: var(--ink); }
.good { color: var(--good); background: var(--good-back); }
.fair { color: var(--fair); background: var(--fair-back); }
.verdict.bad { color: var(--bad); background: var(--bad-back); }
.summary { margin-top: 1.4rem; font-size: 1.06rem; max-width: 52rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: 1.4rem 0 0; padding: .7rem 0; list-style: none; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); font-size: .9rem; }
a { color: var(--link); }
.intro, .more, .legend { color: var(--quiet); font-size: .9rem; }
figure { margin: .8rem 0; padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--quiet); font-size: 13px; }
svg .value { fill: var(--ink); }
svg .records, .swatch.records { fill: var(--records); background: var(--records); }
svg .blocked, .swatch.blocked { fill: var(--blocked); background: var(--blocked); }
svg .axis { stroke: var(--line); }
.legend { margin: .5rem 0 0; }
.swatch { display: inline-block; width: .8em; height: .8em; margin: 0 .35em 0 .8em; border-radius: 2px; }
.swatch:first-child { margin-left: 0; }
.wide { margin: .7rem 0; overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
caption { padding: .55rem .75rem; text-align: left; font-weight: 600; border-bottom: 1px solid var(--line); }
.narrow { max-width: 40rem; }
.time { min-width: 11.5rem; font-variant-numeric: tabular-nums; }
.hidden { position: absolute; width: 1px; height: 1px; padding: 0; overflow: hidden; clip-path: inset(50%); border: 0; }
th { padding: .5rem .75rem; text-align: left; color: var(--quiet); background: var(--card); font-size: .8rem; font-weight: 600; white-space: nowrap; }
td { padding: .5rem .75rem; vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: break-word; min-width: 4.5rem; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.code { min-width: 10rem; overflow-wrap: anywhere; }
td.bad { color: var(--bad); font-weight: 600; }
code { font: .88em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media print { :root { --ink: #000; --quiet: #333; --paper: #fff; --card: #fff; --line: #bbb; --link: #000; --records: #4a7db8; --blocked: #c62f38;
  --good: #19713a; --good-back: #e7f5ec; --fair: #7c5300; --fair-back: #fdf3dc; --bad: #a61b25; --bad-back: #fdebec; }
  body { max-width: none; padding: 0; font-size: 10pt; } nav { display: none; } .wide { overflow: visible; border: 0; } figure, tr { break-inside: avoid; } h2 { break-after: avoid; }
  svg rect, svg circle, .swatch, .verdict { print-color-adjust: exact; } }
`;
