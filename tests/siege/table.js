'use strict';
// The table: a line for each thing tried, the verdict on what must hold, and how the times stand to
// their budget. Times are only printed: how long something takes is the machine's business too.

const P99_MS = 100;

const COLUMNS = [
    ['p50', 8], ['p99', 8], ['max', 8], ['new p50', 9], ['new p99', 9], ['new max', 9], ['pages', 7],
    ['refused', 9], ['MB', 6], ['files', 7], ['server', 8], ['siege', 7], ['others', 8],
];

function cell(value) {
    if (value === undefined) return '';
    return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 1 : 0);
}

function printLine(title, cells, word = '') {
    console.log(`${title.padEnd(52)}${COLUMNS.map(([name, width]) =>
        cell(cells[name]).padStart(width)).join('')}  ${word}`.trimEnd());
}

function printHead() {
    console.log(`${'milliseconds, MB, percent of all cores'.padEnd(52)}${
        COLUMNS.map(([name, width]) => name.padStart(width)).join('')}`);
}

/** Whether a row's times keep the budget; where they do not because the machine had others to serve,
 * that is said. */
function word(row) {
    if (row.p99 === undefined) return '';
    const worst = Math.max(row.p99, row['new p99']);
    if (worst <= P99_MS) return 'KEPT';
    return row.others > 20 ? `MISSED (others had ${cell(row.others)} % of the machine)` : 'MISSED';
}

/** What a family's two ways of reading measured, as cells. */
function familyCells({ kept, fresh }) {
    const ms = (us) => us / 1000;
    return {
        p50: ms(kept.p50_us), p99: ms(kept.p99_us), max: ms(kept.max_us), 'new p50': ms(fresh.p50_us),
        'new p99': ms(fresh.p99_us), 'new max': ms(fresh.max_us), pages: kept.done + fresh.done,
        refused: kept.refused + fresh.refused,
    };
}

/** What watch() saw, and the processor time of those who besieged (seconds), as cells. */
function useCells(use, siege) {
    const share = (seconds) => Math.max(0, 100 * seconds / use.total);
    return {
        MB: use.memory, files: use.files, server: share(use.server), siege: share(siege),
        others: share(use.busy - use.server - siege),
    };
}

class Table {
    constructor() {
        this.kept = this.missed = this.passed = this.failed = 0;
    }

    /** A row, and what must be true of it: {sentence: true or false}. */
    add(title, cells, truths) {
        const verdict = word(cells);
        this.kept += verdict === 'KEPT';
        this.missed += verdict.startsWith('MISSED');
        printLine(title, cells, verdict);
        for (const [sentence, holds] of Object.entries(truths)) {
            if (holds) this.passed++;
            else this.failed++;
            if (!holds) console.log(`FAILED ${title}: ${sentence}`);
        }
    }

    end() {
        console.log(`p99 of at most ${P99_MS} ms: ${this.kept} kept, ${this.missed} missed`);
        console.log(`${this.passed} passed, ${this.failed} failed`);
        return this.failed === 0;
    }
}

module.exports = { Table, familyCells, printHead, useCells };
