'use strict';
// From what Locust and Prometheus wrote to the figures of a report, and the report as text.

/** The rows of a CSV file (RFC 4180) as objects by the names in its first line. */
function readCsv(text) {
    const rows = [[]];
    for (const [, cell, end] of text.trimEnd().matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g)) {
        rows.at(-1).push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
        if (end === '') break;
        if (end !== ',') rows.push([]);
    }
    const [names, ...others] = rows;
    return others.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
}

/** [[seconds from the start, number]] of one column of Locust's history. */
function column(history, name, first) {
    return history.map((row) => [Number(row.Timestamp) - first, Number(row[name])])
        .filter(([, value]) => Number.isFinite(value));
}

function from(series, first) {
    return series.map(([at, value]) => [at - first, value]).filter(([at]) => at >= 0);
}

function largest(series) { return series.reduce((most, [, value]) => Math.max(most, value), 0); }
function mean(series) {
    return series.reduce((sum, [, value]) => sum + value, 0) / Math.max(1, series.length);
}

function line(row) {
    return {
        method: row.Type, name: row.Name, requests: Number(row['Request Count']),
        failed: Number(row['Failure Count']), rate: Number(row['Requests/s']),
        p50: Number(row['50%']), p95: Number(row['95%']), p99: Number(row['99%']),
        worst: Number(row['100%']),
    };
}

function table(rows) {
    const text = [['', 'requests', 'errors', 'a second', 'p50 ms', 'p95 ms', 'p99 ms', 'worst'],
        ...rows.map((r) => [`${r.method} ${r.name}`.trim(), r.requests, r.failed, r.rate.toFixed(1),
            r.p50, r.p95, r.p99, Math.round(r.worst)])].map((row) => row.map(String));
    const widths = text[0].map((_, i) => Math.max(...text.map((row) => row[i].length)));
    return text.map((row) => row.map((cell, i) =>
        (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')).join('\n');
}

/** run: what evening.js gathered. Gives the figures, the series of the charts, the text. */
function summary(run) {
    const all = line(run.stats.find((row) => row.Name === 'Aggregated'));
    const rows = run.stats.filter((row) => row.Name !== 'Aggregated').map(line);
    const history = run.history.filter((row) => row.Name === 'Aggregated');
    const first = Number(history[0].Timestamp);
    const seen = Object.fromEntries(Object.entries(run.seen)
        .map(([name, series]) => [name, from(series, first)]));
    const facts = [
        ['People at once', run.users], ['Seconds', run.seconds],
        ['Requests', all.requests], ['Requests a second', all.rate.toFixed(1)],
        ['Errors', all.failed], ['Orders placed', run.orders],
        ['Half within', `${all.p50} ms`], ['95 of 100 within', `${all.p95} ms`],
        ['99 of 100 within', `${all.p99} ms`],
        ['Processor: mean, most', `${mean(seen.cpu).toFixed(2)}, ${largest(seen.cpu).toFixed(2)} cores`],
        ['Memory, most', `${(largest(seen.memory) / 1e6).toFixed(1)} MB`],
        ['Books', run.broken.length ? `BROKEN: ${run.broken.map(([rule]) => rule).join(', ')}` : 'true'],
    ];
    const wrong = run.failures.map((row) =>
        `${row.Occurrences} × ${row.Method} ${row.Name}: ${row.Error}`)
        .concat(run.exceptions.map((row) => `${row.Count} × in a scenario: ${row.Message}`));
    const width = Math.max(...facts.map(([name]) => name.length));
    const text = [...facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`), '',
        table([...rows, { ...all, method: '', name: 'all' }]),
        ...(wrong.length ? ['', 'Errors', ...wrong] : []), ''].join('\n');
    const at = (name) => column(history, name, first);
    return {
        requests: all.requests, failed: wrong.length, facts, rows: [...rows, { ...all, name: 'all' }], wrong,
        text, charts: [
            { title: 'People and requests a second', unit: '',
                lines: [['people', at('User Count')], ['requests/s', at('Requests/s')]] },
            { title: 'What people wait for an answer', unit: 'ms',
                lines: [['half', at('50%')], ['95 of 100', at('95%')], ['99 of 100', at('99%')]] },
            { title: 'What 99 of 100 need in the server', unit: 'ms', lines: [
                ['answers', seen.serverP99.map(([t, v]) => [t, v * 1000])],
                ['commits', seen.commitP99.map(([t, v]) => [t, v * 1000])]] },
            { title: 'Processor', unit: 'cores', lines: [['server', seen.cpu]] },
            { title: 'Memory', unit: 'MB', lines: [['resident', seen.memory.map(([t, v]) => [t, v / 1e6])]] },
            { title: 'Connections and commits a second', unit: '',
                lines: [['connections', seen.connections], ['commits/s', seen.commits]] },
        ],
    };
}

module.exports = { readCsv, summary };
