'use strict';
// The page of statistics: the same figures as plain SQL, for every section, period, topic and level;
// who may see it; what it says to nonsense; counting again; a school without anything, and with little.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { EVERYTHING, plain, randomChanges, randomShop } = require('../lib/reports.js');
const { start, taller, until } = require('../lib/shop.js');
const { forbidden, hire, hireAll } = require('../lib/staff.js');

const PAGE = '/admin/analytics/';
const ALL = `${PAGE}?period=all`;
const SECTIONS = ['totals', 'month-topic', 'top-workshops', 'age-level', 'cohorts', 'daily',
    'country-role', 'order-value', 'cash'];
const LEVELS = ['Sin nivel', 'Principiante', 'Intermedio', 'Avanzado'];
const ROLES = ['', 'Apoderado/a', 'Docente', 'Estudiante adulto'];
const COUNTRIES = { PE: 'Perú', CL: 'Chile', MX: 'México' };

const money = (cents) => (cents / 100).toFixed(2);
/** Thousandths to the nearest, as a percentage. */
const percent = (part, whole) => (Math.floor((part * 2000 + whole) / (2 * whole)) / 10).toFixed(1);

const fill = (shop, sql) => shop.script(sql);

/** The address of what a filter asks for. */
function asks(address, { from, to, topic, level }) {
    const query = new URLSearchParams({ from: from ?? '', to: to ?? '', topic: topic || '', level: level || '' });
    return `${address}?${query}`;
}

/** A file's rows, without its headings. No figure or name here needs quoting. */
async function rows(browser, name, filter = EVERYTHING) {
    const answer = await browser.get(asks(`${PAGE}${name}.csv`, filter));
    assert.equal(answer.status, 200, `${name} ${answer.body}`);
    assert.match(answer.headers['content-type'], /^text\/csv/);
    assert.match(answer.headers['content-disposition'], new RegExp(`^attachment; filename="${name}-[0-9-]+\\.csv"`));
    const lines = answer.body.replace(/^\ufeff/, '').split('\r\n');
    assert.equal(lines.pop(), '');
    return lines.slice(1).map((line) => line.split(','));
}

/** What the files have to say, from what plain SQL says. */
function expected(shop, wanted) {
    const capacity = new Map(shop.sql('SELECT id, capacity FROM workshop').map((w) => [w.id, w.capacity]));
    const { totals, order_value: order } = wanted;
    return {
        totals: [['Inscripciones', `${totals.inscriptions}`], ['Estudiantes', `${totals.students}`],
            ['Ingresos', money(totals.revenue_cents)], ['Devuelto', money(totals.refunded_cents)]],
        'month-topic': wanted.month_topic.map((r) =>
            [r.month, `t${r.topic_id / 3}`, `${r.count}`, money(r.revenue_cents)]),
        'top-workshops': wanted.top_workshops.map((r) => {
            const seats = capacity.get(r.workshop_id);
            return [`w${r.workshop_id / 7}`, `${r.count}`, `${seats ?? ''}`,
                seats === null ? '' : percent(r.count, seats), money(r.revenue_cents), money(r.mean_discount_cents)];
        }),
        'age-level': wanted.age_level.map((r) => [`${r.age}`, LEVELS[r.level ?? 0], `${r.count}`]),
        cohorts: wanted.cohorts.map((r) => [r.first_month, `${r.months_since}`, `${r.accounts}`]),
        daily: wanted.daily.map((r) => [r.day, money(r.revenue_cents), money(r.average_7d_cents)]).reverse(),
        'country-role': wanted.country_role.map((r) =>
            [COUNTRIES[r.country] ?? 'Sin país', ROLES[r.role], `${r.count}`, money(r.revenue_cents)]),
        'order-value': [[`${order.orders}`, money(order.median_cents), money(order.p95_cents)]],
    };
}

/** Payments as they moved: the last month first. */
function cash(shop) {
    return shop.sql(`WITH moved AS (SELECT strftime('%Y-%m', settled_at - 18000, 'unixepoch') AS month,
            iif(status = 'succeeded', amount_cents, 0) AS came,
            iif(status = 'refunded', amount_cents, 0) AS back
            FROM payment WHERE status IN ('succeeded', 'refunded'))
        SELECT month, sum(came) AS came, sum(back) AS back, sum(came > 0) AS n, sum(back > 0) AS m
        FROM moved GROUP BY 1 ORDER BY 1 DESC`)
        .map((r) => [r.month, money(r.came), money(r.back), money(r.came - r.back), `${r.n}`, `${r.m}`]);
}

/** "Count again". Gives the page it leads to, and the one once it is done: where the machine is busy,
    the first may show that it is still at it. */
async function countAgain(browser) {
    const begin = Date.now();
    const answer = await browser.submit(`${PAGE}refresh/`);
    const ms = Date.now() - begin;
    assert.equal(answer.status, 303, answer.main);
    const first = await browser.get(answer.location);
    let page = first;
    await until(async () => {
        if (!/http-equiv|<progress/.test(page.body)) return true;
        page = await browser.get(answer.location);
        return false;
    }, 60);
    return { ms, first, page };
}

describe('a school with two years behind it', () => {
    let shop;
    let owner;
    before(async () => {
        shop = await start({});
        fill(shop, randomShop(900, 41));
        owner = await hire(shop, 'owner');
        await owner.get(PAGE);
        await countAgain(owner);
    });
    after(() => shop.stop());

    const FILTERS = [
        EVERYTHING,
        { ...EVERYTHING, from: '2024-02-29', to: '2024-03-31' },
        { ...EVERYTHING, from: '2025-06-01' },
        { ...EVERYTHING, to: '2024-01-01' },
        { ...EVERYTHING, topic: 3 },
        { ...EVERYTHING, level: 2 },
        { from: '2024-06-15', to: '2025-06-14', topic: 3, level: 1 },
        { ...EVERYTHING, from: '2031-01-01', to: '2031-01-31' },
    ];

    for (const filter of FILTERS)
        test(`every section: ${JSON.stringify(filter)}`, async () => {
            const wanted = expected(shop, plain(shop, filter));
            for (const [name, lines] of Object.entries(wanted)) {
                const seen = await rows(owner, name, filter);
                const keys = name === 'totals' ? 2 : Infinity; // the third column is the period before
                assert.deepEqual(seen.map((row) => row.slice(0, keys)).map(String).sort(), lines.map(String).sort(), name);
            }
            const page = await owner.get(asks(PAGE, filter));
            assert.equal(page.status, 200);
            const section = (name) => page.body.split(`id="${name}"`)[1]?.split('</section>')[0];
            assert.match(section('totals'), new RegExp(`>${wanted.totals[0][1].replace(/\B(?=(\d{3})+$)/, ',')}<`));
            for (const name of SECTIONS.slice(1, -1))
                assert.equal(Boolean(section(name)), wanted['month-topic'].length > 0, name);
            for (const row of wanted['top-workshops'])
                assert.ok(section('top-workshops').includes(`>${row[0]}</a>`), row[0]);
        });

    test('the period before stands beside', async () => {
        const march = { ...EVERYTHING, from: '2024-03-01', to: '2024-03-31' };
        const before = plain(shop, { ...EVERYTHING, from: '2024-01-30', to: '2024-02-29' }).totals;
        const seen = await rows(owner, 'totals', march);
        assert.deepEqual(seen.map((row) => row[2]), [`${before.inscriptions}`, `${before.students}`,
            money(before.revenue_cents), money(before.refunded_cents)]);
        const page = await owner.get(asks(PAGE, march));
        assert.match(page.main, /(más|menos) que antes: |como antes: /);
        assert.match(page.main, /30 de enero de 2024 al 29 de febrero de 2024/);
        assert.doesNotMatch((await owner.get(ALL)).main, /que antes/, 'nothing is before everything');
    });

    test('charts have a title, a summary, values', async () => {
        const { body } = await owner.get(ALL);
        const charts = body.match(/<svg class="chart-plot".*?<desc[^>]*>[^<]+<\/desc>/gs);
        assert.equal(charts.length, 3);
        for (const chart of charts) {
            const [, name, says] = chart.match(/aria-labelledby="(\S+) (\S+)"/);
            assert.ok(chart.includes(`<title id="${name}">`) && chart.includes(`<desc id="${says}">`), chart);
        }
        assert.match(body, /<rect [^>]*><title>ene 2024, t1: S\/ [0-9,]+\.[0-9]{2}<\/title>/);
        const ids = body.match(/ id="[^"]+"/g);
        assert.equal(new Set(ids).size, ids.length, 'no id twice');
    });

    test('counting again sees what changed since', async () => {
        const old = await rows(owner, 'totals');
        fill(shop, randomChanges(7));
        assert.deepEqual(await rows(owner, 'totals'), old, 'not before it is asked for');
        await owner.get(asks(PAGE, { ...EVERYTHING, topic: 3 }));
        const { ms, first } = await countAgain(owner);
        if (ms < 300) assert.match(first.main, /Listo, contado\./, 'it waits that long');
        assert.match(first.url ?? first.body, /topic=3/, 'back to what was asked for');
        const wanted = expected(shop, plain(shop));
        for (const name of ['totals', 'month-topic', 'age-level', 'country-role'])
            assert.deepEqual((await rows(owner, name)).map((row) => String(row.slice(0, wanted[name][0].length))).sort(),
                wanted[name].map(String).sort(), name);
    });

    test('a count that fails says so, and the figures stay', async () => {
        const old = await rows(owner, 'totals');
        const [last] = shop.sql('SELECT id, paid_at FROM orders WHERE status = \'paid\' ORDER BY id DESC LIMIT 1');
        shop.allowed.push('snapshot_not_made');
        fill(shop, `UPDATE orders SET paid_at = 1704085200000 WHERE id = ${last.id}`); // milliseconds
        await owner.get(PAGE);
        const { page } = await countAgain(owner);
        assert.match(page.main, /El último conteo falló/);
        assert.deepEqual(await rows(owner, 'totals'), old);
        const shell = taller(['analytics', '--data', shop.data]);
        assert.equal(shell.status, 1);
        assert.match(shell.stderr, /paid more than 179 years apart/);
        fill(shop, `UPDATE orders SET paid_at = ${last.paid_at} WHERE id = ${last.id}`);
        await owner.get(PAGE);
        assert.doesNotMatch((await countAgain(owner)).page.main, /falló/);
    });

    test('two who count at once are answered both, and it is counted once', async () => {
        const manager = await hire(shop, 'manager');
        await Promise.all([owner.get(PAGE), manager.get(PAGE)]);
        const kept = () => shop.value('SELECT count(*) FROM analytics_result');
        const before = kept();
        const answers = await Promise.all([owner, manager].map((b) => b.submit(`${PAGE}refresh/`)));
        assert.deepEqual(answers.map((answer) => answer.status), [303, 303]);
        await until(() => kept() > before);
        assert.ok(kept() - before <= 2);
    });
});

describe('who may see it', () => {
    let shop;
    let staff;
    before(async () => {
        shop = await start({});
        staff = await hireAll(shop);
    });
    after(() => shop.stop());

    test('owner and manager', async () => {
        for (const role of ['owner', 'manager']) assert.equal((await staff[role].get(PAGE)).status, 200, role);
    });

    test('not the desk, not an instructor, no file either', async () => {
        for (const role of ['desk', 'instructor'])
            for (const address of [PAGE, `${PAGE}totals.csv`, `${PAGE}cash.csv`])
                await forbidden(shop, staff[role], (b) => b.get(address));
    });

    test('counting again takes the right and the token', async () => {
        for (const role of ['desk', 'instructor'])
            await forbidden(shop, staff[role], (b) => b.post(`${PAGE}refresh/`, {}));
        const { owner } = staff;
        await owner.get(PAGE);
        assert.equal((await owner.post(`${PAGE}refresh/`, {}, { token: null })).status, 403);
        assert.equal((await owner.get(`${PAGE}refresh/`)).status, 405);
    });

    test('nobody is led to another site', async () => {
        const { owner } = staff;
        await owner.get(PAGE);
        for (const next of ['https://evil.example/', '//evil.example', '/admin/analytics/?x=1\r\nX: y', '/accounts/logout/']) {
            const answer = await owner.post(`${PAGE}refresh/`, { next });
            assert.equal(answer.status, 303);
            assert.match(answer.location, /^(https:\/\/[^/]+)?\/admin\/analytics\//);
            assert.doesNotMatch(answer.location, /evil\.example\/?$|\n/);
            await owner.get(PAGE);
        }
    });
});

describe('what makes no sense', () => {
    let shop;
    let owner;
    before(async () => {
        shop = await start({});
        owner = await hire(shop, 'owner');
        await owner.get(PAGE);
        await countAgain(owner);
    });
    after(() => shop.stop());

    for (const query of ['period=yesterday', 'from=2026-02-30', 'to=31/12/2026', 'from=2026-03-02&to=2026-03-01',
        'topic=999', 'topic=robots', 'level=9', 'level=-1', 'from=0000-00-00', 'topic=1%27%20OR%201'])
        test(query, async () => {
            for (const address of [PAGE, `${PAGE}totals.csv`]) {
                const answer = await owner.get(`${address}?${query}`);
                assert.equal(answer.status, 422, `${address}?${query}`);
                assert.match(answer.body, /class="field-error|role="alert"/);
            }
        });

    test('no such file', async () => {
        for (const name of ['nothing.csv', 'totals.txt', 'totals', 'Totals.csv'])
            assert.equal((await owner.get(`${PAGE}${name}`)).status, 404, name);
    });
});

describe('a school that begins', () => {
    let shop;
    let owner;
    before(async () => {
        shop = await start({});
        owner = await hire(shop, 'owner');
    });
    after(() => shop.stop());

    test('without an enrolment', async () => {
        await owner.get(PAGE);
        await countAgain(owner);
        const page = await owner.get(PAGE);
        assert.match(page.main, /Todavía no hay inscripciones\./);
        assert.doesNotMatch(page.body, /<svg class="chart-plot"/);
        for (const name of SECTIONS.filter((name) => !['totals', 'order-value'].includes(name)))
            assert.deepEqual(await rows(owner, name), [], name);
    });

    test('with one', async () => {
        fill(shop, `INSERT INTO topic (id, name) VALUES (3, 't1');
            INSERT INTO workshop (id, slug, topic_id, title, price_cents, capacity) VALUES (7, 'w1', 3, 'w1', 18000, 1);
            INSERT INTO account (id, email, first_name, last_name, role) VALUES (90, 'a@example.com', 'A', 'B', 1);
            INSERT INTO student (id, slug, parent_id, first_name, last_name, date_of_birth)
                VALUES (1, 's', 90, 'S', 'T', '2016-02-29');
            INSERT INTO orders (id, account_id, status, total_cents, created_at, paid_at)
                VALUES (1, 90, 'paid', 18000, ${Math.floor(Date.now() / 1000) - 90}, ${Math.floor(Date.now() / 1000) - 90});
            INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents, price_cents, status)
                VALUES (1, 7, 1, 18000, 18000, 'confirmed');
            INSERT INTO payment (order_id, provider, reference, amount_cents, status, created_at, settled_at)
                VALUES (1, 'cash', 'r', 18000, 'succeeded', ${Math.floor(Date.now() / 1000) - 90}, ${Math.floor(Date.now() / 1000) - 90});`);
        await owner.get(PAGE);
        await countAgain(owner);
        const page = await owner.get(PAGE);
        for (const name of SECTIONS) assert.ok(page.body.includes(`id="${name}"`), name);
        assert.deepEqual((await rows(owner, 'top-workshops')), [['w1', '1', '1', '100.0', '180.00', '0.00']]);
        assert.deepEqual(await rows(owner, 'cash'), cash(shop));
        assert.match(page.main, /antes, nada/);
    });

    test('and its money, given back in part', async () => {
        fill(shop, `INSERT INTO payment (order_id, provider, reference, amount_cents, status, created_at, settled_at)
            VALUES (1, 'cash', 'back', 5000, 'refunded', 1704085199, 1704085199);`);
        const seen = await rows(owner, 'cash');
        assert.deepEqual(seen.at(-1), ['2023-12', '0.00', '50.00', '-50.00', '0', '1'], 'the last second of the year in Lima');
        assert.deepEqual(seen.filter((row) => row[1] !== '0.00' || row[2] !== '0.00'), cash(shop));
    });
});
