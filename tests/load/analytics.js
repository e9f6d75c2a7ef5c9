'use strict';
// The eight reports beside DuckDB, at its best, and SQLite: the same school, the same answers, taking
// turns, warm. SIZES=100k,1m asks for less than all.

const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const { add } = require('./report.js');
const { beside } = require('./beside.js');
const { openDuck } = require('./duck.js');
const { school, sqlite } = require('./school.js');
const { QUICK } = require('./servers.js');
const { BINARY, ROOT } = require('../lib/shop.js');

const PROGRAM = path.join(ROOT, 'build/reports');
const ROUNDS = QUICK ? 3 : 7;
/** SQLite is asked up to here: it takes minutes beyond. */
const SQLITE_ROWS = 1000000;
const ALL = 255;

const month = (n) => `${Math.floor(n / 12)}-${String(n % 12 + 1).padStart(2, '0')}`;
const ymOf = (text) => Number(text.slice(0, 4)) * 12 + Number(text.slice(5)) - 1;
const FIRST = ymOf('2023-01');
const date = (day) => new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10);

/** By report, in the order of enum report_part: its rows as plain lists, what others are compared with. */
const REPORTS = {
    totals: (r) => [[r.inscriptions, r.students, r.revenue_cents, r.refunded_cents]],
    month_topic: (r) => r.map((x) => [ymOf(x.month), x.topic_id, x.count, x.revenue_cents]),
    top_workshops: (r) => r.map((x) => [x.workshop_id, x.count, x.revenue_cents, x.mean_discount_cents]),
    age_level: (r) => r.map((x) => [x.age, x.level ?? 0, x.count]),
    cohorts: (r) => r.map((x) => [ymOf(x.first_month) - FIRST, x.months_since, x.accounts]),
    daily: (r) => r.map((x) => [x.day, x.revenue_cents, x.average_7d_cents]),
    country_role: (r) => r.map((x) => [x.country, x.role, x.count, x.revenue_cents]),
    order_value: (r) => [[r.orders, r.median_cents, r.p95_cents]],
};
const NAMES = Object.keys(REPORTS);

function median(values) {
    return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

// ---- ours ---------------------------------------------------------------------------------------

/** A process that holds the snapshot: {run(parts): {ms, reports}, bandwidth(): GB/s, close()}. */
function openReports(snapshot, threads, rest = []) {
    const child = spawn(PROGRAM, [snapshot, String(threads), ...rest], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ask = async (line) => {
        child.stdin.write(`${line}\n`);
        return JSON.parse((await lines.next()).value);
    };
    return {
        async run(parts) {
            const answer = await ask(parts);
            return { ms: answer.duration_us / 1000, reports: answer.reports };
        },
        async bandwidth() {
            const { bytes, us } = await ask('bandwidth');
            return bytes / us / 1000;
        },
        refresh: () => ask('refresh'),
        close: () => child.stdin.end(),
    };
}

/** The snapshot made anew: its file, and what making it cost. */
function build(folder) {
    fs.rmSync(path.join(folder, 'snapshot'), { recursive: true, force: true });
    const answer = JSON.parse(execFileSync(BINARY, ['analytics', '--json', '--log-level', 'error', '--data', folder],
        { encoding: 'utf8', maxBuffer: 1 << 26 }));
    const [name] = fs.readdirSync(path.join(folder, 'snapshot')).filter((file) => file.endsWith('.snapshot'));
    return { file: path.join(folder, 'snapshot', name), ...answer.snapshot };
}

/** 500 orders with an inscription more, 500 inscriptions at another price; taken back afterwards. */
const CHANGE = `INSERT INTO orders (account_id, status, created_at, paid_at) SELECT account_id, 'paid', 7, paid_at
        FROM orders WHERE id IN (SELECT (SELECT max(id) FROM orders) - value * 3 FROM generate_series(0, 499));
    INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents, price_cents, status)
        SELECT id, 1, account_id * 2, 10000, 10000, 'confirmed' FROM orders WHERE created_at = 7
        AND id > (SELECT max(id) - 600 FROM orders);
    UPDATE inscription SET price_cents = price_cents - 1 WHERE id % 1000 = 1 AND id < 500000 AND status = 'confirmed';`;
const BACK = `DELETE FROM inscription WHERE order_id IN (SELECT id FROM orders WHERE created_at = 7
        AND id > (SELECT max(id) - 600 FROM orders));
    DELETE FROM orders WHERE created_at = 7 AND id > (SELECT max(id) - 600 FROM orders);
    UPDATE inscription SET price_cents = price_cents + 1 WHERE id % 1000 = 1 AND id < 500000 AND status = 'confirmed';`;

/** What following about 1,000 changed rows costs. */
async function refresh(bench, snapshot, folder, budget) {
    const file = path.join(folder, 'taller.db');
    const reports = openReports(snapshot.file, 2, [folder]);
    sqlite(file, `BEGIN; ${CHANGE} COMMIT;`);
    try {
        const { us, rows } = await reports.refresh();
        assert.equal(rows, snapshot.rows + 500);
        add(bench, 'refresh after 1,000 changed rows', { value: us / 1000, unit: 'ms', budget });
    } finally {
        reports.close();
        sqlite(file, `BEGIN; ${BACK} COMMIT;`);
    }
}

// ---- SQLite -------------------------------------------------------------------------------------

/** Plain SQL over a flat table, and the time each takes. */
function askSqlite(database, folder) {
    const flat = path.join(folder, 'flat.db');
    if (!fs.existsSync(flat))
        sqlite(flat, `ATTACH '${database}' AS shop;
            CREATE TABLE fact AS SELECT date(o.paid_at - 18000, 'unixepoch') AS day, o.account_id, i.order_id,
            i.student_id, i.workshop_id, w.topic_id, coalesce(w.level, 0) AS level, i.price_cents AS price,
            i.list_price_cents - i.price_cents AS discount, a.country, a.role, s.date_of_birth AS birth
            FROM shop.orders o JOIN shop.inscription i ON i.order_id = o.id JOIN shop.workshop w ON w.id = i.workshop_id
            JOIN shop.student s ON s.id = i.student_id JOIN shop.account a ON a.id = o.account_id
            WHERE o.status = 'paid' AND i.status = 'confirmed' ORDER BY 1, 3;
            CREATE TABLE back AS SELECT price_cents AS price FROM shop.inscription WHERE status = 'refunded';`);
    const ym = 'substr(day, 1, 4) * 12 + substr(day, 6, 2) - 1';
    const queries = {
        totals: 'SELECT count(*), count(DISTINCT student_id), sum(price), (SELECT coalesce(sum(price), 0) FROM back) FROM fact',
        month_topic: `SELECT ${ym}, topic_id, count(*), sum(price) FROM fact GROUP BY 1, 2 ORDER BY 1, 2`,
        top_workshops: `SELECT workshop_id, count(*), sum(price), (2 * sum(discount) + count(*)) / (2 * count(*))
            FROM fact GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT 20`,
        age_level: `SELECT substr(day, 1, 4) - substr(birth, 1, 4) - (substr(day, 6) < substr(birth, 6)), level, count(*)
            FROM fact GROUP BY 1, 2 ORDER BY 1, 2`,
        cohorts: `WITH m AS (SELECT DISTINCT account_id, ${ym} - ${FIRST} AS m FROM fact),
            f AS (SELECT account_id, min(m) AS f FROM m GROUP BY 1)
            SELECT f, m - f, count(*) FROM m JOIN f USING (account_id) GROUP BY 1, 2 ORDER BY 1, 2`,
        daily: `WITH d AS (SELECT day, sum(price) AS v FROM fact GROUP BY day)
            SELECT day, v, (2 * sum(v) OVER (ORDER BY day ROWS 6 PRECEDING) + 7) / 14 FROM d ORDER BY day`,
        country_role: 'SELECT country, role, count(*), sum(price) FROM fact GROUP BY 1, 2 ORDER BY 1, 2',
        order_value: `WITH v AS (SELECT sum(price) AS v FROM fact GROUP BY order_id),
            r AS (SELECT v, row_number() OVER (ORDER BY v) AS k, count(*) OVER () AS n FROM v)
            SELECT n, (SELECT v FROM r WHERE k = (n + 1) / 2), (SELECT v FROM r WHERE k = (n * 95 + 99) / 100) FROM r LIMIT 1`,
    };
    return Object.fromEntries(NAMES.map((name) => {
        const output = sqlite(flat, `.mode json\nSELECT count(*) FROM fact;\n.timer on\n${queries[name]};\n`);
        const begin = output.indexOf('\n') + 1, end = output.indexOf('Run Time');
        const rows = JSON.parse(output.slice(begin, end)).map((row) => Object.values(row));
        return [name, { ms: Number(output.match(/real ([0-9.]+)/)[1]) * 1000, rows }];
    }));
}

// ---- a size -------------------------------------------------------------------------------------

/** Both sides in turns; medians of {ours, duck (its fastest way)} in ms, answers compared. */
async function compare(name, duck, reports) {
    const parts = 1 << NAMES.indexOf(name);
    const ways = Array.from({ length: duck.ways(name) }, () => []);
    const ours = [];
    for (let round = 0; round <= ROUNDS; round++) {
        const answer = await reports.run(parts);
        const rows = REPORTS[name](answer.reports[name]);
        if (round > 0) ours.push(answer.ms); // the first one warms
        for (const [way, times] of ways.entries()) {
            const theirs = await duck.ask(name, way);
            if (name === 'daily') for (const row of theirs.rows) row[0] = date(row[0]);
            if (round === 0) assert.deepEqual(theirs.rows, rows, `${name}: DuckDB answers otherwise`);
            else times.push(theirs.ms);
        }
    }
    return { ours: median(ours), duck: Math.min(...ways.map(median)) };
}

async function measure(title, snapshot, duck, threads) {
    const reports = openReports(snapshot.file, threads);
    const bench = `${title}, ${threads} thread${threads > 1 ? 's' : ''}: times faster than DuckDB`;
    const budgets = threads === 2 && snapshot.rows > 5e6;
    const sum = { ours: 0, duck: 0 };
    await duck.threads(threads);
    for (const name of NAMES) {
        const times = await compare(name, duck, reports);
        sum.ours += times.ours;
        sum.duck += times.duck;
        addFaster(bench, name, times, budgets ? 6 : null);
    }
    addFaster(bench, 'the eight together', sum, budgets ? 30 : null);
    const once = [];
    for (let i = 0; i <= ROUNDS; i++) once.push((await reports.run(ALL)).ms);
    add(bench, 'all eight in one pass', { value: median(once.slice(1)), unit: 'ms' });
    const bandwidth = await reports.bandwidth();
    add(bench, 'the file read in that pass', { value: snapshot.bytes / median(once.slice(1)) / 1e6, unit: 'GB/s',
        peer: 'memory', peer_value: bandwidth });
    reports.close();
}

/** The figure is our time; what is judged is how many times longer DuckDB takes. */
function addFaster(bench, row, { ours, duck }, budget) {
    add(bench, row, { value: duck, unit: 'ms', peer: 'ours', peer_value: ours, budget, atLeast: true });
}

async function size(title, inscriptions) {
    const folder = school(inscriptions), database = path.join(folder, 'taller.db');
    const snapshot = build(folder);
    const bench = `${title} inscriptions: snapshot`;
    const large = inscriptions >= 1e6;
    add(bench, 'rows', { value: snapshot.rows, unit: '' });
    add(bench, 'full build', { value: snapshot.rows / snapshot.build_us, unit: 'M/s',
        budget: large ? 2.5 : null, atLeast: true });
    add(bench, 'size', { value: snapshot.bytes / snapshot.rows, unit: 'B/row', budget: large ? 24 : null });
    if (large) await refresh(bench, snapshot, folder, inscriptions > 5e6 ? 5 : null);
    const duck = await openDuck(database, folder);
    for (const threads of [1, 2]) await measure(`${title} inscriptions`, snapshot, duck, threads);
    duck.close();
    if (large) await beside(title, folder);
    if (inscriptions > SQLITE_ROWS) return;
    const reports = openReports(snapshot.file, 1);
    for (const [name, { ms, rows }] of Object.entries(askSqlite(database, folder))) {
        const answer = await reports.run(1 << NAMES.indexOf(name));
        assert.deepEqual(rows, REPORTS[name](answer.reports[name]), `${name}: SQLite answers otherwise`);
        addFaster(`${title} inscriptions, 1 thread: times faster than SQLite`, name, { ours: answer.ms, duck: ms }, null);
    }
    reports.close();
}

async function run() {
    const SIZES = { '100k': 1e5, '1m': 1e6, '10m': 1e7 };
    execFileSync(path.join(__dirname, 'duckdb/install'), { stdio: 'inherit' });
    const wanted = (process.env.SIZES || (QUICK ? '100k' : Object.keys(SIZES).join())).split(',');
    for (const name of wanted) {
        if (!SIZES[name]) throw new Error(`no size ${name}; there are ${Object.keys(SIZES)}`);
        await size(name, SIZES[name]);
    }
}

module.exports = { run };
