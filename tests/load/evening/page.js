'use strict';
// The report as one HTML file: charts drawn here as SVG, no script, nothing fetched, light and dark.

const WIDTH = 360;
const HEIGHT = 210;
const BOX = { left: 44, right: 10, top: 10, bottom: 46 };

function escape(text) {
    return String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A round number of at least `most` whose quarters are round as well. */
function ceiling(most) {
    const power = 10 ** Math.floor(Math.log10(most || 1));
    return [1, 2, 4, 8, 10].map((n) => n * power).find((n) => n >= most);
}

function label(value) {
    return Number(value.toPrecision(3)).toString();
}

/** The grid, its numbers, and a line for each series. */
function svg({ title, unit, lines }) {
    const points = lines.flatMap(([, series]) => series);
    const wide = Math.max(1, ...points.map(([at]) => at));
    const high = ceiling(Math.max(0, ...points.map(([, value]) => value)));
    const x = (at) => BOX.left + (WIDTH - BOX.left - BOX.right) * at / wide;
    const y = (value) => HEIGHT - BOX.bottom - (HEIGHT - BOX.top - BOX.bottom) * value / high;
    const grid = [0, 1, 2, 3, 4].map((n) => {
        const level = y(high * n / 4).toFixed(1);
        return `<path class="grid" d="M${BOX.left} ${level}H${WIDTH - BOX.right}"/>`
            + `<text x="${BOX.left - 5}" y="${Number(level) + 4}" text-anchor="end">${label(high * n / 4)}</text>`;
    }).join('');
    const times = [0, 0.5, 1].map((part) =>
        `<text x="${x(wide * part).toFixed(1)}" y="${HEIGHT - BOX.bottom + 15}" text-anchor="${
            part === 0 ? 'start' : part === 1 ? 'end' : 'middle'}">${Math.round(wide * part)} s</text>`).join('');
    const drawn = lines.map(([, series], i) => `<polyline class="line-${i}" points="${
        series.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}"/>`).join('');
    const keys = lines.map(([name], i) => `<path class="line-${i}" d="M${BOX.left + 105 * i} ${HEIGHT - 10}h16"/>`
        + `<text x="${BOX.left + 105 * i + 20}" y="${HEIGHT - 6}">${escape(name)}</text>`).join('');
    return `<figure><figcaption>${escape(title)}${unit ? ` <small>${unit}</small>` : ''}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}: ${escape(lines.map(([name, series]) =>
    `${name} at most ${label(Math.max(0, ...series.map(([, v]) => v)))} ${unit}`.trim()).join(', '))}">${
    grid}${times}${drawn}${keys}</svg></figure>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2524; --soft: #5b6664; --paper: #fff; --rule: #d9dfdd;
  --c0: #00695c; --c1: #b3541e; --c2: #6a3fa0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ecea; --soft: #a3afac; --paper: #141a19; --rule: #33403d;
  --c0: #4fc3b0; --c1: #f0a070; --c2: #bd9cf0; } }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .75rem; margin: 0; }
dl div { border-left: 3px solid var(--c0); padding-left: .6rem; }
dt { color: var(--soft); font-size: .85rem; } dd { margin: 0; font-weight: 600; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1.25rem; }
figure { margin: 0; } figcaption { font-weight: 600; } small { color: var(--soft); font-weight: 400; }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--soft); font-size: 11px; }
polyline, svg path { fill: none; stroke-width: 1.6; } svg .grid { stroke: var(--rule); stroke-width: 1; }
.line-0 { stroke: var(--c0); } .line-1 { stroke: var(--c1); stroke-dasharray: 5 2; }
.line-2 { stroke: var(--c2); stroke-dasharray: 2 2; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: .3rem .5rem; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; } th:first-child, td:first-child { text-align: left; }
tr:last-child td { font-weight: 600; }`;

/** report: what summary.js gives. */
function page(report) {
    const cells = (row) => [`${row.method === undefined ? '' : row.method} ${row.name}`.trim(), row.requests,
        row.failed, row.rate.toFixed(1), row.p50, row.p95, row.p99, Math.round(row.worst)];
    return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>An evening of enrolment</title><style>${STYLE}</style></head><body>
<h1>An evening of enrolment</h1>
<dl>${report.facts.map(([name, value]) => `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`).join('')}</dl>
<h2>As it went</h2><div class="charts">${report.charts.map(svg).join('\n')}</div>
<h2>By page</h2><div class="scroll" tabindex="0"><table><thead><tr>${
    ['Page', 'Requests', 'Errors', 'A second', 'p50 ms', 'p95 ms', 'p99 ms', 'Worst ms']
        .map((name) => `<th scope="col">${name}</th>`).join('')}</tr></thead><tbody>${
    report.rows.map((row) => `<tr>${cells(row).map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`).join('\n')
}</tbody></table></div>
${report.wrong.length ? `<h2>Errors</h2><ul>${report.wrong.map((text) => `<li>${escape(text)}</li>`).join('')}</ul>` : ''}
<p><small>Times are what Locust measured as a client on the same machine, which takes processor time from the
server; processor, memory and commits are the server’s own figures, as Prometheus saw them.</small></p>
</body></html>
`;
}

module.exports = { page };
