'use strict';
// The rows of a run: kept, printed as a table, written to build/bench.json.
//
// A row: bench, row, value, unit; peer, peer_value and ratio (value / peer_value) where something was
// measured beside it; budget, and whether it is kept (within). The budget is a limit of the ratio
// where there is a peer, else of the value: an upper one, but a lower one for what should be high.

const fs = require('node:fs');

const rows = [];

/** figures: value, unit, peer, peer_value, budget, atLeast (the budget is a lower limit). */
function add(bench, row, { value, unit, peer = null, peer_value = null, budget = null, atLeast }) {
    const ratio = peer ? value / peer_value : null;
    const judged = ratio ?? value;
    const within = budget === null ? null : atLeast ? judged >= budget : judged <= budget;
    rows.push({ bench, row, value, unit, peer, peer_value, ratio, budget, within });
    print(rows.at(-1), atLeast);
}

function number(value) {
    if (value === null) return '';
    if (Number.isInteger(value) || Math.abs(value) >= 1000)
        return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
    return value.toPrecision(3);
}

let bench = '';
function print(row, atLeast) {
    if (row.bench !== bench) console.log(`\n${row.bench}`);
    bench = row.bench;
    const beside = row.peer ? `${number(row.ratio)} × ${row.peer} (${number(row.peer_value)})` : '';
    const limit = row.budget === null ? ''
        : `${atLeast ? '≥' : '≤'} ${number(row.budget)}${row.peer ? ' ×' : ''}`;
    const verdict = row.within === null ? '' : row.within ? 'ok' : 'MISSED';
    console.log(`  ${row.row.padEnd(44)} ${number(row.value).padStart(9)} ${row.unit.padEnd(6)} `
        + `${beside.padEnd(30)} ${limit.padEnd(9)} ${verdict}`.trimEnd());
}

function write(file) {
    fs.writeFileSync(file, `${JSON.stringify(rows, null, 1)}\n`);
    const judged = rows.filter((row) => row.within !== null);
    const missed = judged.filter((row) => !row.within);
    console.log(`\n${judged.length - missed.length} of ${judged.length} budgets kept; ${file}`);
}

module.exports = { add, write };
