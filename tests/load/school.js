'use strict';
// A made-up school of any size for `make bench-analytics`: the same rows in every run. SQL writes it
// into a new database, some hundred thousand inscriptions a second, and it is kept for the next run.
//
// Over three years families arrive and buy; every third order is a new family's, the others are of any
// that came before, so that accounts and students are met in no order. 3 % of the orders are refunded.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { BINARY, ROOT } = require('../lib/shop.js');

const FOLDER = path.join(ROOT, 'build/bench-data');
const BEGIN = 1672549200; // 2023-01-01 00:00 in Lima
const SECONDS = 1095 * 86400;
const LINES = 1.7; // inscriptions of an order, on average
const TOPICS = 12, INSCRIPTIONS_A_WORKSHOP = 2000;

/** A number that looks like chance, made of a whole one. */
const chance = (x, salt) =>
    `((${x} + ${salt}) * (${x} + ${salt}) % 2147483647 * 48271 + ${x} * 69621) % 2147483647`;

/** Rows go in without what watches single ones; indexes and triggers come back behind them, but for
 * one: that a child sits only once in a workshop is left to chance here. */
function schoolSql(inscriptions) {
    const orders = Math.round(inscriptions / LINES);
    const accounts = Math.floor(orders / 3) + 1;
    const workshops = Math.ceil(inscriptions / INSCRIPTIONS_A_WORKSHOP) + 20;
    return `
INSERT INTO topic (id, name) SELECT value, 'topic ' || value FROM generate_series(1, ${TOPICS});
INSERT INTO workshop (id, slug, topic_id, title, price_cents, level, capacity)
    SELECT value, 'w' || value, 1 + ${chance('value', 1)} % ${TOPICS}, 'w', 8000 + ${chance('value', 2)} % 45 * 500,
    nullif(${chance('value', 3)} % 4, 0), iif(${chance('value', 4)} % 5, 4000, NULL)
    FROM generate_series(1, ${workshops});
INSERT INTO account (id, email, email_key, first_name, last_name, country, role)
    SELECT value, 'a' || value || '@example.com', 'a' || value || '@example.com', 'A', 'B',
    substr('PEPEPEPECLCOMXAR', 1 + 2 * (${chance('value', 5)} % 8), 2), 1 + ${chance('value', 6)} % 3
    FROM generate_series(1, ${accounts});
INSERT INTO student (id, slug, parent_id, first_name, last_name, date_of_birth)
    SELECT value, 's' || value, value / 2, 'S', 'T', date(1262304000 + ${chance('value', 7)} % 3650 * 86400, 'unixepoch')
    FROM generate_series(2, ${2 * accounts + 1});
INSERT INTO orders (id, account_id, status, total_cents, created_at, paid_at)
    SELECT value, iif(value % 3 = 0, value / 3, ${chance('value', 8)} % (value / 3 + 1)) + 1,
    iif(${chance('value', 9)} % 33, 'paid', 'refunded'), 0, 0,
    ${BEGIN} + CAST(value * 1.0 / ${orders + 1} * ${SECONDS} AS INTEGER)
    FROM generate_series(1, ${orders});
INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents, price_cents, status)
    SELECT o.id, w.id, o.account_id * 2 + ${chance('o.id', 10)} % 2, w.price_cents,
    w.price_cents * iif(${chance('o.id', 11)} % 10 < 3, 80, 100) / 100,
    iif(o.status = 'paid', 'confirmed', 'refunded')
    FROM orders o CROSS JOIN generate_series(1, 1 + (${chance('o.id', 12)} % 10 > 4) + (${chance('o.id', 12)} % 10 > 7)) line
    CROSS JOIN workshop w ON w.id = 1 + (CAST(o.id * 1.0 / ${orders + 1} * ${workshops - 20} AS INTEGER)
        + ${chance('(o.id * 3 + line.value)', 13)} % 20) % ${workshops};
`;
}

function sqlite(file, input) {
    return execFileSync('sqlite3', ['-batch', '-bail', file], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** Makes the database, or finds it: its path. */
function school(inscriptions) {
    const folder = path.join(FOLDER, String(inscriptions));
    const file = path.join(folder, 'taller.db');
    if (fs.existsSync(path.join(folder, 'made'))) return folder;
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    execFileSync(BINARY, ['analytics', '--json', '--data', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
    const tables = "('account', 'student', 'workshop', 'topic', 'orders', 'inscription')";
    const watching = sqlite(file, `SELECT sql || ';' FROM sqlite_master WHERE type IN ('index', 'trigger')
        AND tbl_name IN ${tables} AND sql IS NOT NULL AND name <> 'inscription_once';`);
    const drop = sqlite(file, `SELECT 'DROP ' || type || ' ' || name || ';' FROM sqlite_master
        WHERE type IN ('index', 'trigger') AND tbl_name IN ${tables} AND sql IS NOT NULL;`);
    sqlite(file, `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000;
        ${drop} BEGIN; ${schoolSql(inscriptions)} ${watching} COMMIT; PRAGMA journal_mode = WAL;`);
    fs.writeFileSync(path.join(folder, 'made'), '');
    return folder;
}

module.exports = { school, sqlite };
