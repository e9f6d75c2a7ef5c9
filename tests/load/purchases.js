'use strict';
// Families that buy, at once: five requests each, with everything written to disk.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { add } = require('./report.js');
const { QUICK, ROUNDS, interleave, load, startShop } = require('./servers.js');
const { addStudent, addWorkshop, signUp } = require('../lib/shop.js');

/** How many buy at once, and how often each. */
const CROWDS = QUICK ? [[8, 15], [64, 5]] : [[8, 150], [64, 40]];

async function openSchool() {
    const shop = await startShop();
    const needed = ROUNDS * CROWDS.reduce((sum, [, each]) => sum + each, 0);
    shop.setting('signups_per_address', '100000');
    const slugs = [addWorkshop(shop, { capacity: 100000, min_age: null, max_age: null })];
    shop.sql(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${needed - 1})
        INSERT INTO workshop (slug, topic_id, title, price_cents, start_date, end_date, weekdays,
            start_minute, end_minute, weeks, level, capacity)
        SELECT slug || '-' || i, topic_id, title || ' ' || i, price_cents, start_date, end_date,
            weekdays, start_minute, end_minute, weeks, level, capacity
        FROM n, workshop WHERE slug = '${slugs[0]}'`);
    for (let i = 1; i < needed; i++) slugs.push(`${slugs[0]}-${i}`);
    return { shop, slugs };
}

async function addFamilies(shop, count) {
    const lines = [];
    for (let i = 0; i < count; i++) {
        const browser = await signUp(shop, { terms: '1' });
        const child = await addStudent(browser);
        await browser.get('/users/profile/'); // takes the message away
        const session = browser.cookies.get('__Host-session');
        lines.push(`__Host-session=${session} ${browser.token} ${child.slug}`);
        browser.close();
    }
    return lines;
}

/** Paid orders with their payment, receipt and confirmed seat. */
const PAID = `SELECT count(*) FROM orders o WHERE o.status = 'paid'
    AND EXISTS (SELECT 1 FROM payment p WHERE p.order_id = o.id AND p.status = 'succeeded')
    AND EXISTS (SELECT 1 FROM receipt r WHERE r.order_id = o.id)
    AND EXISTS (SELECT 1 FROM inscription i WHERE i.order_id = o.id AND i.status = 'confirmed')`;

async function run() {
    const { shop, slugs } = await openSchool();
    const file = path.join(shop.data, 'load-users');
    const lines = await addFamilies(shop, Math.max(...CROWDS.map(([crowd]) => crowd)));
    fs.writeFileSync(file, [slugs.join(' '), ...lines, ''].join('\n'));
    const before = shop.value(PAID);
    let first = 0, told = 0;
    for (const [crowd, each] of CROWDS) {
        const { one } = await interleave({
            one: async () => {
                const seen = await load('purchase', shop,
                    { users: file, connections: crowd, first, count: each });
                assert.equal(seen.failed, 0, `${seen.failed} purchases failed`);
                first += each;
                told += seen.done;
                return {
                    cpu: seen.cpu_us / seen.done / 1000, rate: seen.done / seen.seconds,
                    p50: seen.p50_us / 1000, p99: seen.p99_us / 1000,
                };
            },
        });
        const bench = `purchase of five requests, ${crowd} clients`;
        add(bench, 'CPU a purchase', { value: one.cpu, unit: 'ms', budget: 0.8 });
        add(bench, 'purchases a second',
            { value: one.rate, unit: '/s', budget: crowd === 64 ? 1000 : null, atLeast: true });
        add(bench, 'p50', { value: one.p50, unit: 'ms' });
        add(bench, 'p99', { value: one.p99, unit: 'ms' });
    }
    shop.process.kill('SIGKILL');
    await shop.ended;
    add('purchases confirmed to a buyer', 'missing after the server was killed',
        { value: told - (shop.value(PAID) - before), unit: '', budget: 0 });
    fs.rmSync(shop.data, { recursive: true, force: true });
}

module.exports = { run };
