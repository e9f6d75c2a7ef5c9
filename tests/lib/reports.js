'use strict';
// Shops made at random for the reports of analytics, how they go on, and what plain SQL says of them.

/** Numbers that are the same in every run (mulberry32). */
function randomOf(seed) {
    let state = seed;
    const next = () => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    return (n) => Math.floor(next() * n);
}

const LIMA = 5 * 3600;
/** 2024-01-01 00:00 in Lima. */
const BEGIN = 1704085200;

/** An order every so often over two years, moments at the edges of days and months among them. */
function randomShop(orders, seed) {
    const below = randomOf(seed);
    const pick = (list) => list[below(list.length)];
    const sql = ['BEGIN'];
    const topics = 1 + below(5);
    const workshops = 1 + below(30);
    const accounts = 1 + below(Math.max(1, Math.min(orders, 400)));
    for (let i = 1; i <= topics; i++) sql.push(`INSERT INTO topic (id, name) VALUES (${i * 3}, 't${i}')`);
    for (let i = 1; i <= workshops; i++)
        sql.push(`INSERT INTO workshop (id, slug, topic_id, title, price_cents, level, capacity)
            VALUES (${i * 7}, 'w${i}', ${3 * (1 + below(topics))}, 'w${i}', 10000,
            ${pick(['NULL', 1, 2, 3])}, ${pick(['NULL', 5000, 100000])})`);
    for (let i = 1; i <= accounts; i++) {
        sql.push(`INSERT INTO account (id, email, first_name, last_name, country, role) VALUES
            (${i}, 'a${i}@example.com', 'A', 'B', ${pick(["'PE'", "'CL'", 'NULL'])}, ${1 + below(3)})`);
        for (let s = 0; s < 2; s++)
            sql.push(`INSERT INTO student (id, slug, parent_id, first_name, last_name, date_of_birth)
                VALUES (${i * 2 + s}, 's${i}-${s}', ${i}, 'S', 'T', '${pick([2012, 2016, 2020])}-${
    pick(['02-29', '03-01', '12-31', '01-01', '07-15'])}')`);
    }
    for (let i = 1; i <= orders; i++) {
        const account = 1 + below(accounts);
        const status = pick(['paid', 'paid', 'paid', 'paid', 'refunded', 'cancelled', 'pending']);
        const edge = pick([0, -1, 1, below(86400), below(86400)]);
        const paid = BEGIN + below(730) * 86400 + edge;
        sql.push(`INSERT INTO orders (id, account_id, status, total_cents, created_at, paid_at) VALUES
            (${i * 2}, ${account}, '${status}', 0, ${paid - 60},
            ${status === 'paid' || status === 'refunded' ? paid : 'NULL'})`);
        for (let n = 1 + below(3), used = new Set(); n > 0; n--) {
            const seat = `${account * 2 + below(2)}:${7 * (1 + below(workshops))}`;
            if (used.has(seat)) continue;
            used.add(seat);
            const list = pick([10000, 15050, 3, 0, 2147483]);
            const state = status === 'paid' ? pick(['confirmed', 'confirmed', 'confirmed', 'refunded'])
                : status === 'refunded' ? 'refunded' : status === 'pending' ? 'held' : 'expired';
            const [student, workshop] = seat.split(':');
            sql.push(`INSERT OR IGNORE INTO inscription (order_id, workshop_id, student_id,
                list_price_cents, price_cents, status, hold_until) VALUES (${i * 2}, ${workshop},
                ${student}, ${list}, ${list - below(list + 1)}, '${state}',
                ${state === 'held' ? paid : 'NULL'})`);
        }
    }
    return `${sql.join(';\n')};\nCOMMIT;`;
}

/** What happens next: payments, refunds, other birth dates, topics and levels, a deletion. */
function randomChanges(seed) {
    const below = randomOf(seed);
    const some = (table, share) => `(SELECT id FROM ${table} WHERE (id * 7919 + ${below(997)}) % ${share} = 0)`;
    return `BEGIN;
        UPDATE inscription SET status = 'confirmed' WHERE status = 'held' AND order_id IN ${some('orders', 3)};
        UPDATE orders SET status = 'paid', paid_at = created_at + 60 WHERE status = 'pending' AND id IN ${some('orders', 3)};
        UPDATE inscription SET status = 'refunded' WHERE status = 'confirmed' AND id IN ${some('inscription', 11)};
        UPDATE inscription SET price_cents = list_price_cents WHERE id IN ${some('inscription', 13)};
        UPDATE student SET date_of_birth = '2016-02-29' WHERE id IN ${some('student', 7)};
        UPDATE workshop SET level = 2, topic_id = (SELECT min(id) FROM topic) WHERE id IN ${some('workshop', 5)};
        UPDATE account SET country = 'MX', role = 2 WHERE id IN ${some('account', 9)};
        DELETE FROM inscription WHERE order_id IN ${some('orders', 17)};
        DELETE FROM orders WHERE id IN ${some('orders', 17)};
        COMMIT;`;
}

const EVERYTHING = { from: null, to: null, topic: 0, level: 0 };

const dayOf = (moment) => `date(${moment} - ${LIMA}, 'unixepoch')`;

/** Conditions on orders o and workshops w. */
function passing({ from, to, topic, level }) {
    return [from && `${dayOf('o.paid_at')} >= '${from}'`, to && `${dayOf('o.paid_at')} <= '${to}'`,
        topic && `w.topic_id = ${topic}`, level && `w.level = ${level}`]
        .filter(Boolean).map((condition) => ` AND ${condition}`).join('');
}

const queries = (facts) => ({
    month_topic: `${facts} SELECT substr(day, 1, 7) AS month, topic_id, count(*) AS count,
        sum(price_cents) AS revenue_cents FROM fact GROUP BY 1, 2 ORDER BY 1, 2`,
    top_workshops: `${facts} SELECT workshop_id, count(*) AS count, sum(price_cents) AS revenue_cents,
        (2 * sum(list_price_cents - price_cents) + count(*)) / (2 * count(*)) AS mean_discount_cents,
        1.0 * count(*) / capacity AS fill_rate FROM fact GROUP BY workshop_id
        ORDER BY 3 DESC, 1 LIMIT 20`,
    age_level: `${facts} SELECT substr(day, 1, 4) - substr(date_of_birth, 1, 4)
        - (substr(day, 6) < substr(date_of_birth, 6)) AS age, level, count(*) AS count
        FROM fact GROUP BY 1, 2 ORDER BY 1, 2`,
    cohorts: `${facts}, month AS (SELECT DISTINCT account_id,
            substr(day, 1, 4) * 12 + substr(day, 6, 2) - 1 AS m FROM fact),
        first AS (SELECT account_id, min(m) AS f FROM month GROUP BY account_id)
        SELECT printf('%04d-%02d', f / 12, f % 12 + 1) AS first_month, m - f AS months_since,
        count(*) AS accounts FROM month JOIN first USING (account_id) GROUP BY f, m ORDER BY f, m`,
    country_role: `${facts} SELECT country, role, count(*) AS count, sum(price_cents) AS revenue_cents
        FROM fact GROUP BY 1, 2 ORDER BY 1, 2`,
});

/** What plain SQL says of the same database. */
function plain(shop, filter = EVERYTHING) {
    const facts = `WITH fact AS (SELECT i.*, o.paid_at, o.account_id, w.topic_id, w.level, w.capacity,
            s.date_of_birth, a.country, a.role, ${dayOf('o.paid_at')} AS day
        FROM inscription i JOIN orders o ON o.id = i.order_id JOIN workshop w ON w.id = i.workshop_id
        JOIN student s ON s.id = i.student_id JOIN account a ON a.id = o.account_id
        WHERE o.status = 'paid' AND i.status = 'confirmed'${passing(filter)})`;
    const reports = Object.fromEntries(Object.entries(queries(facts))
        .map(([name, query]) => [name, shop.sql(query)]));
    const [totals] = shop.sql(`${facts} SELECT count(*) AS inscriptions,
        count(DISTINCT student_id) AS students, coalesce(sum(price_cents), 0) AS revenue_cents,
        (SELECT coalesce(sum(i.price_cents), 0) FROM inscription i JOIN orders o ON o.id = i.order_id
         JOIN workshop w ON w.id = i.workshop_id WHERE i.status = 'refunded'
         AND o.status IN ('paid', 'refunded')${passing(filter)}) AS refunded_cents FROM fact`);
    reports.totals = totals;
    const values = shop.sql(`${facts} SELECT sum(price_cents) AS v FROM fact GROUP BY order_id
        ORDER BY v`).map((row) => row.v);
    const rank = (q) => values[Math.ceil(q * values.length - 1e-9) - 1] ?? 0;
    reports.order_value = { orders: values.length, median_cents: rank(0.5), p95_cents: rank(0.95) };
    const days = new Map(shop.sql(`${facts} SELECT day, sum(price_cents) AS v FROM fact GROUP BY day
        HAVING v > 0 ORDER BY day`).map((row) => [row.day, row.v]));
    reports.daily = daily(days);
    return reports;
}

function daily(days) {
    const span = [...days.keys()].map((day) => Date.parse(day) / 864e5);
    const window = [];
    const out = [];
    for (let day = span[0]; day <= span.at(-1); day++) {
        const name = new Date(day * 864e5).toISOString().slice(0, 10);
        window.push(days.get(name) ?? 0);
        if (window.length > 7) window.shift();
        const sum = window.reduce((a, b) => a + b, 0);
        out.push({ day: name, revenue_cents: days.get(name) ?? 0, average_7d_cents: Math.floor((2 * sum + 7) / 14) });
    }
    return out;
}

module.exports = { EVERYTHING, plain, randomChanges, randomShop };
