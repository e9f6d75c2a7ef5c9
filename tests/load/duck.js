'use strict';
// DuckDB over the same facts, with what it likes best: one flat table in memory, narrow types, in the
// order of the days, ages, days and months worked out beforehand. Where there is more than one way to
// ask, the fastest counts.

const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');

const LIMA = 5 * 3600;

const RANK = (q) => `(SELECT min(v) FROM c WHERE upto >= ceil(${q} * n))`;

/** By report: the ways to ask. Rows and columns come as the reports of Taller have them. */
const QUERIES = {
    totals: ['SELECT count(*), count(DISTINCT student), sum(price), (SELECT coalesce(sum(price), 0) FROM back) FROM fact',
        `SELECT (SELECT count(*) FROM fact), (SELECT count(*) FROM (SELECT DISTINCT student FROM fact)),
            (SELECT sum(price) FROM fact), (SELECT coalesce(sum(price), 0) FROM back)`],
    month_topic: ['SELECT month, topic, count(*), sum(price) FROM fact GROUP BY ALL ORDER BY 1, 2'],
    top_workshops: [`SELECT workshop, count(*), sum(price) AS revenue,
        (2 * sum(discount) + count(*)) // (2 * count(*)) FROM fact GROUP BY ALL ORDER BY 3 DESC, 1 LIMIT 20`],
    age_level: ['SELECT age, level, count(*) FROM fact GROUP BY ALL ORDER BY 1, 2'],
    cohorts: [`WITH active AS (SELECT account, bit_or(1::UBIGINT << month_index) AS months FROM fact GROUP BY account),
            alike AS (SELECT months, count(*) AS n FROM active GROUP BY months),
            first AS (SELECT months, n, bit_count(xor(months, months - 1)) - 1 AS f FROM alike)
            SELECT f, m - f, sum(n) FROM first, range(0, 64) r(m) WHERE (months >> m) & 1 = 1
            GROUP BY ALL ORDER BY 1, 2`,
        `WITH active AS (SELECT DISTINCT account, month_index AS m FROM fact),
            first AS (SELECT account, min(m) AS f FROM active GROUP BY account)
            SELECT f::INT, (m - f)::INT, count(*) FROM active JOIN first USING (account) GROUP BY ALL ORDER BY 1, 2`],
    daily: [`WITH d AS (SELECT day, sum(price) AS v FROM fact GROUP BY day)
        SELECT day, v, (2 * sum(v) OVER (ORDER BY day ROWS 6 PRECEDING) + 7) // 14 FROM d ORDER BY day`],
    country_role: ['SELECT country, role, count(*), sum(price) FROM fact GROUP BY ALL ORDER BY 1, 2'],
    order_value: [`WITH v AS (SELECT sum(price) AS v FROM fact GROUP BY order_id),
            h AS (SELECT v, count(*) AS k FROM v GROUP BY v),
            c AS MATERIALIZED (SELECT v, sum(k) OVER (ORDER BY v) AS upto, sum(k) OVER () AS n FROM h)
            SELECT (SELECT any_value(n) FROM c), ${RANK(0.5)}, ${RANK(0.95)}`,
        `WITH v AS (SELECT sum(price) AS v FROM fact GROUP BY order_id)
            SELECT count(*), quantile_disc(v, 0.5), quantile_disc(v, 0.95) FROM v`],
};

/** SQLite's rows as files of commas. */
function exportCsv(database, folder) {
    const tables = {
        line: `SELECT i.order_id, o.paid_at, o.account_id, i.workshop_id, i.student_id, i.list_price_cents,
            i.price_cents, i.status = 'confirmed' FROM inscription i JOIN orders o ON o.id = i.order_id`,
        workshop: 'SELECT id, topic_id, coalesce(level, 0) FROM workshop',
        student: 'SELECT id, date_of_birth FROM student',
        account: 'SELECT id, country, role FROM account',
    };
    for (const [name, query] of Object.entries(tables))
        execFileSync('sqlite3', ['-batch', database], { input: `.mode csv\n.once ${path.join(folder, `${name}.csv`)}\n${query};\n` });
}

async function load(connection, folder) {
    const csv = (name, columns) => `read_csv('${path.join(folder, `${name}.csv`)}', header = false, columns = {${columns}})`;
    await connection.run(`CREATE TABLE joined AS SELECT l.order_id, l.student, l.account, l.workshop, w.topic, w.level,
        l.price, l.list - l.price AS discount, a.country, a.role, l.confirmed, s.birth,
        DATE '1970-01-01' + ((l.paid_at - ${LIMA}) // 86400)::INT AS date
        FROM ${csv('line', "order_id: 'UINTEGER', paid_at: 'BIGINT', account: 'UINTEGER', workshop: 'UINTEGER', student: 'UINTEGER', list: 'BIGINT', price: 'BIGINT', confirmed: 'UTINYINT'")} l
        JOIN ${csv('workshop', "id: 'UINTEGER', topic: 'UTINYINT', level: 'UTINYINT'")} w ON w.id = l.workshop
        JOIN ${csv('student', "id: 'UINTEGER', birth: 'DATE'")} s ON s.id = l.student
        JOIN ${csv('account', "id: 'UINTEGER', country: 'VARCHAR', role: 'UTINYINT'")} a ON a.id = l.account`);
    await connection.run("CREATE TYPE country AS ENUM (SELECT DISTINCT country FROM joined ORDER BY 1)");
    await connection.run(`CREATE TABLE fact AS SELECT (date - DATE '2023-01-01')::USMALLINT AS day,
        (year(date) * 12 + month(date) - 1)::USMALLINT AS month, (year(date) * 12 + month(date) - 2023 * 12 - 1)::UTINYINT AS month_index,
        order_id, student, account, workshop::USMALLINT AS workshop, topic, level, price::UINTEGER AS price,
        discount::UINTEGER AS discount, country::country AS country, role,
        (year(date) - year(birth) - ((month(date), day(date)) < (month(birth), day(birth)))::INT)::UTINYINT AS age
        FROM joined WHERE confirmed = 1 ORDER BY date, order_id`);
    await connection.run('CREATE TABLE back AS SELECT price::UINTEGER AS price FROM joined WHERE confirmed = 0');
    await connection.run('DROP TABLE joined');
}

/** {ask(report, way): {ms, rows}, threads(n), close()}; loaded once, the table is kept as a file. */
async function openDuck(database, folder) {
    const { DuckDBInstance } = require('./duckdb/node_modules/@duckdb/node-api');
    const kept = path.join(folder, 'duck.db');
    if (!fs.existsSync(kept)) {
        exportCsv(database, folder);
        const making = await DuckDBInstance.create(`${kept}.new`);
        const connection = await making.connect();
        await load(connection, folder);
        connection.closeSync();
        making.closeSync();
        fs.renameSync(`${kept}.new`, kept);
        for (const name of ['line', 'workshop', 'student', 'account'])
            fs.rmSync(path.join(folder, `${name}.csv`));
    }
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`ATTACH '${kept}' AS kept (READ_ONLY)`);
    await connection.run('SET preserve_insertion_order = true');
    for (const table of ['fact', 'back'])
        await connection.run(`CREATE TABLE ${table} AS SELECT * FROM kept.${table}`);
    await connection.run('DETACH kept');
    return {
        ways: (report) => QUERIES[report].length,
        threads: (count) => connection.run(`SET threads = ${count}`),
        async ask(report, way) {
            const begin = process.hrtime.bigint();
            const answer = await connection.runAndReadAll(QUERIES[report][way]);
            const ms = Number(process.hrtime.bigint() - begin) / 1e6;
            return { ms, rows: answer.getRows().map((row) => row.map((v) => (typeof v === 'bigint' ? Number(v) : v))) };
        },
        close() {
            connection.closeSync();
            instance.closeSync();
        },
    };
}

module.exports = { openDuck };
