'use strict';
// /metrics of the running program: every figure moves with what it counts, and nothing a stranger
// sends makes the page longer.

const assert = require('node:assert/strict');
const { X509Certificate } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const {
    addStudent, addToCart, addWorkshop, checkoutCard, checkoutTransfer, logIn, mustRedirect,
    request, signUp, start, taller, until,
} = require('../lib/shop.js');
const { scrape } = require('../lib/metrics.js');

let shop;
before(async () => { shop = await start({ sandbox: true }); });
after(() => shop.stop());

/** How much each of these grew (absent is 0) while something happened. */
async function growth(names, happens) {
    const first = await scrape(shop);
    await happens();
    const then = await scrape(shop);
    return names.map((name) => (then.get(name) ?? 0) - (first.get(name) ?? 0));
}

/** The number of answers with these labels. */
function answers(route, method, status) {
    return `taller_http_requests_total{route="${route}",method="${method}",status="${status}"}`;
}

describe('requests', () => {
    test('count by row of the table, method and status, kept pages and files too', async () => {
        const stranger = shop.browser();
        const slug = addWorkshop(shop);
        const css = (await stranger.get('/')).body.match(/\/static\/css\/site\.[^"]*/)[0];
        const grown = await growth([
            answers('/workshops/{name}/', 'GET', 200), answers('/workshops/{name}/', 'GET', 404),
            answers('/workshops/{name}/', 'HEAD', 200), answers('/', 'GET', 200),
            answers('/', 'other', 405), answers('/static/{name}', 'GET', 200),
            answers('/accounts/login/', 'POST', 422), answers('/readyz', 'GET', 200),
            'taller_http_request_duration_seconds_count{route="/workshops/{name}/"}',
        ], async () => {
            await stranger.get(`/workshops/${slug}/`);
            await stranger.get(`/workshops/${slug}/`); // from the cache of pages
            await stranger.get('/workshops/nothing-of-the-kind/');
            await stranger.request('HEAD', `/workshops/${slug}/`);
            await stranger.get('/');
            await stranger.request('PATCH', '/');
            await stranger.get(css);
            await logIn(stranger, 'nobody@example.com', 'wrong');
            await request(shop.ops, { path: '/readyz' });
        });
        assert.deepEqual(grown, [2, 1, 1, 1, 1, 1, 1, 1, 4]);
    });

    test('of any kind make no new labels', async () => {
        const stranger = shop.browser();
        for (const method of ['GET', 'DELETE']) await stranger.request(method, '/nothing/');
        await request(`${shop.http}/workshops/`);
        const routes = (page) => new Set([...page.keys()].map((key) =>
            key.match(/^taller_http_requests_total\{route="([^"]*)"/)?.[1]).filter(Boolean));
        const first = routes(await scrape(shop));
        assert.ok(first.has('none'));
        for (let i = 0; i < 50; i++) {
            await stranger.get(`/no-${i}/`);
            await stranger.get(`/no"${i}\\/`);
            await stranger.request(`M${i}`, '/nothing/');
            await request(`${shop.http}/other-${i}/`);
        }
        assert.deepEqual(routes(await scrape(shop)), first);
        const methods = [...(await scrape(shop)).keys()].map((key) =>
            key.match(/method="([^"]*)"/)?.[1]).filter(Boolean);
        for (const method of methods)
            assert.ok(['GET', 'HEAD', 'POST', 'other'].includes(method), method);
    });

    test('have buckets that add up', async () => {
        const page = await scrape(shop);
        const buckets = [...page].filter(([key]) =>
            key.startsWith('taller_http_request_duration_seconds_bucket{route="/",'));
        assert.equal(buckets.length, 13);
        buckets.reduce((last, [key, count]) => {
            assert.ok(count >= last, key);
            return count;
        }, 0);
        assert.equal(buckets.at(-1)[1],
            page.get('taller_http_request_duration_seconds_count{route="/"}'));
    });
});

describe('what happens in the shop', () => {
    test('log-ins, sign-ups and seats that were not there count', async () => {
        const grown = await growth(['taller_signups_total', 'taller_logins_total',
            'taller_logins_failed_total', 'taller_seats_refused_total'], async () => {
            const [rosa, luz] = [await signUp(shop), await signUp(shop)];
            const slug = addWorkshop(shop, { capacity: 1 });
            const children = [await addStudent(rosa), await addStudent(luz)];
            const page = await luz.get(`/workshops/${slug}/`);
            assert.equal(page.status, 200);
            mustRedirect(await addToCart(rosa, slug, children[0]));
            const late = await luz.submit(`/store/add-to-cart/${slug}/`,
                { student: children[1].slug });
            assert.equal(late.status, 422);
            const again = shop.browser();
            await logIn(again, rosa.email, 'not her password');
            await logIn(again, 'nobody@example.com', 'nobody has one');
            mustRedirect(await logIn(again, rosa.email, rosa.password));
        });
        assert.deepEqual(grown, [2, 1, 2, 1]);
    });

    test('orders, inscriptions, money and mail are counted within a quarter of a minute', async () => {
        const rosa = await signUp(shop);
        const buy = async (pay) => {
            const child = await addStudent(rosa);
            mustRedirect(await addToCart(rosa, addWorkshop(shop, { price_cents: 12300 }), child));
            mustRedirect(await pay(rosa));
        };
        await buy(checkoutCard);
        await buy(checkoutTransfer);
        const count = (table, status) => shop.value(
            `SELECT count(*) FROM ${table} WHERE status = '${status}'`);
        const truth = {
            'taller_orders{status="paid"}': count('orders', 'paid'),
            'taller_orders{status="pending"}': count('orders', 'pending'),
            'taller_inscriptions{status="confirmed"}': count('inscription', 'confirmed'),
            'taller_inscriptions{status="held"}': count('inscription', 'held'),
            'taller_revenue_cents': 12300,
        };
        assert.equal(truth['taller_orders{status="paid"}'], 1);
        assert.equal(truth['taller_orders{status="pending"}'], 1);
        await until(async () => {
            const page = await scrape(shop);
            return Object.entries(truth).every(([name, value]) => page.get(name) === value);
        }, 40);
        const page = await scrape(shop);
        assert.equal(page.get('taller_mail_waiting'),
            shop.value('SELECT count(*) FROM outbox WHERE next_attempt_at IS NOT NULL'));
        assert.equal(page.get('taller_mail_oldest_timestamp_seconds'),
            shop.value('SELECT min(created_at) FROM outbox WHERE next_attempt_at IS NOT NULL'));
    });

    test('commits and their size count, and what is refused is no failure', async () => {
        const names = ['taller_db_commit_duration_seconds_count', 'taller_db_commit_batch_size_sum',
            'taller_db_writes_total{outcome="written"}', 'taller_db_writes_total{outcome="failed"}'];
        const [commits, pieces, written, failed] = await growth(names, () => signUp(shop));
        assert.ok(commits >= 1 && pieces >= 1 && written >= 1);
        assert.equal(failed, 0);
    });
});

test('the machine’s side: certificate, disk, process', async () => {
    const page = await scrape(shop);
    const file = fs.readFileSync(path.join(shop.data, 'tls/self-signed.crt'));
    assert.equal(page.get('taller_certificate_expiry_timestamp_seconds'),
        Date.parse(new X509Certificate(file).validTo) / 1000);
    assert.equal(page.get('taller_db_size_bytes'), fs.statSync(shop.db).size);
    const disk = fs.statfsSync?.(shop.data);
    if (disk) assert.equal(page.get('taller_data_size_bytes'), disk.blocks * disk.bsize);
    assert.ok(page.get('taller_data_free_bytes') > 0);
    assert.ok(page.get('process_resident_memory_bytes') > 1e6);
    assert.ok(page.get('process_cpu_seconds_total') > 0);
    const open = fs.readdirSync(`/proc/${shop.process.pid}/fd`).length;
    assert.ok(Math.abs(page.get('process_open_fds') - open) <= 2);
    assert.ok(Math.abs(page.get('process_start_time_seconds') - Date.now() / 1000) < 300);
});

test('the last backup is told', async () => {
    const made = await start({ sandbox: true });
    const file = path.join(made.data, 'backups', 'by-hand.db');
    try {
        const none = await scrape(made);
        assert.ok(!none.has('taller_backup_timestamp_seconds'));
        assert.equal(none.get('taller_backup_failed'), 0);
        assert.ok(none.get('taller_backup_interval_seconds') > 0);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        const done = taller(['backup', file, '--data', made.data]);
        assert.equal(done.status, 0, done.stderr);
    } finally {
        await made.stop({ keep: true });
    }
    const own = await start({ data: made.data });
    try {
        const page = await scrape(own);
        assert.equal(page.get('taller_backup_size_bytes'), fs.statSync(file).size);
        assert.ok(Math.abs(page.get('taller_backup_timestamp_seconds') - Date.now() / 1000) < 120);
    } finally {
        await own.stop();
    }
});

test('every happening has its own row from the start', async () => {
    const page = await scrape(shop);
    for (const name of ['taller_connections', 'taller_connections_evicted_total',
        'taller_connections_expired_total', 'taller_tls_handshakes_total',
        'taller_tls_resumptions_total', 'taller_http_requests_in_flight',
        'taller_db_writes_queued', 'taller_db_readers_waiting', 'taller_db_wal_size_bytes',
        'taller_analytics_running', 'taller_mails_failed_total'])
        assert.ok(page.has(name), name);
    assert.equal(page.get('taller_http_requests_in_flight'), 0); // machines are not counted
});

describe('the books', () => {
    test('are true in a school that only the shop has written', async () => {
        const own = await start({ demo: true });
        try {
            const rules = async () => [...await scrape(own)].filter(([key]) =>
                key.startsWith('taller_invariant_broken{'));
            await until(async () => (await rules()).length === 7, 40);
            assert.deepEqual((await rules()).filter(([, broken]) => broken !== 0), []);
        } finally {
            await own.stop();
        }
    });

    test('that are not true are told: in the figures and, row by row, in the log', async () => {
        const made = await start({ demo: true });
        const paid = made.value("SELECT min(id) FROM orders WHERE status = 'paid'");
        made.sql(`UPDATE orders SET total_cents = total_cents + 100 WHERE id = ${paid}`);
        await made.stop({ keep: true });
        const own = await start({ data: made.data });
        try {
            const broken = async (rule) => (await scrape(own))
                .get(`taller_invariant_broken{rule="${rule}"}`);
            await until(async () => await broken('money') === 1, 40);
            assert.equal(await broken('prices'), 1);
            assert.equal(await broken('numbers'), 0);
            const told = own.events('books_broken').filter((event) => event.rule === 'money');
            assert.equal(told.length, 1);
            assert.equal(told[0].id, paid);
        } finally {
            await own.stop();
        }
    });
});
