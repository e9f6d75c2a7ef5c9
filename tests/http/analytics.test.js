'use strict';
// `taller analytics` gives the same answers as plain SQL, for shops made at random: for everything, for
// periods, topics and levels, and again after the shop went on. TEST_SLOW=1: with 200,000 inscriptions too.

const assert = require('node:assert/strict');
const { execFile, execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { promisify } = require('node:util');
const { EVERYTHING, plain, randomChanges, randomShop } = require('../lib/reports.js');
const { BINARY, start, taller } = require('../lib/shop.js');

function run(shop) {
    const answer = taller(['analytics', '--json', '--data', shop.data]);
    assert.equal(answer.status, 0, answer.stderr);
    return JSON.parse(answer.stdout);
}

/** The same for filters, from the file that the last build left. */
function filtered(shop, filters, threads) {
    const program = path.join(path.dirname(BINARY), 'report_of');
    const helper = fs.existsSync(program) ? program : path.resolve(__dirname, '../../build/dev/report_of');
    const words = filters.flatMap((f) => [f.from ?? '-', f.to ?? '-', `${f.topic}`, `${f.level}`]);
    const file = path.join(shop.data, 'snapshot/analytics.snapshot');
    return execFileSync(helper, [file, `${threads}`, ...words], { maxBuffer: 1 << 28 })
        .toString().trim().split('\n').map((line) => JSON.parse(line).reports);
}

/** Periods whose ends lie on the edges of months, before everything and behind it; topics and levels. */
const FILTERS = [
    { ...EVERYTHING, from: '2024-02-29', to: '2024-03-31' },
    { ...EVERYTHING, from: '2025-12-31' },
    { ...EVERYTHING, to: '2024-01-01' },
    { ...EVERYTHING, from: '2031-01-01' },
    { ...EVERYTHING, topic: 3 },
    { ...EVERYTHING, level: 2 },
    { from: '2024-06-15', to: '2025-06-14', topic: 6, level: 1 },
];

const close = (a, b) => Math.abs((a ?? -1) - (b ?? -1)) < 1e-9;

function compare(seen, wanted) {
    for (const name of Object.keys(wanted)) {
        if (name !== 'top_workshops') {
            assert.deepEqual(seen[name], wanted[name], name);
            continue;
        }
        for (const [i, row] of wanted[name].entries())
            assert.ok(close(seen[name][i].fill_rate, row.fill_rate), `fill rate of ${i}`);
        const bare = (rows) => rows.map(({ fill_rate: _, ...rest }) => rest);
        assert.deepEqual(bare(seen[name]), bare(wanted[name]), name);
    }
}

const SHOPS = [[0, 1], [1, 2], [2, 3], [7, 4], [40, 5], [300, 6], [3000, 7], [12000, 8]];
if (process.env.TEST_SLOW) SHOPS.push([110000, 9]);

describe('the same answers as plain SQL', () => {
    for (const [orders, seed] of SHOPS)
        test(`${orders} orders`, async () => {
            const shop = await start({});
            try {
                shop.script(randomShop(orders, seed));
                const seen = run(shop);
                compare(seen.reports, plain(shop));
                assert.equal(seen.snapshot.rows, seen.reports.totals.inscriptions);
                for (const [i, reports] of filtered(shop, FILTERS, 1 + seed % 3).entries())
                    compare(reports, plain(shop, FILTERS[i]));
                for (let round = 0; round < 2; round++) {
                    shop.script(randomChanges(seed * 10 + round));
                    compare(run(shop).reports, plain(shop));
                }
            } finally {
                await shop.stop();
            }
        });

    test('ids of 32 bits and prices of 31', async () => {
        const shop = await start({});
        try {
            const moved = { topic: 'id', workshop: 'id topic_id', account: 'id', student: 'id parent_id',
                orders: 'id account_id', inscription: 'id order_id workshop_id student_id' };
            const larger = Object.entries(moved).map(([table, columns]) => `UPDATE ${table} SET
                ${columns.split(' ').map((column) => `${column} = ${column} + 4294000000`)};`).join('\n');
            shop.script(`${randomShop(500, 10)}\nBEGIN;\n${larger}
                UPDATE inscription SET list_price_cents = 2147483647, price_cents = 2147483647
                    WHERE id % 3 = 0; COMMIT;`);
            compare(run(shop).reports, plain(shop));
            const topic = 4294000003;
            compare(filtered(shop, [{ ...EVERYTHING, topic }], 2)[0], plain(shop, { ...EVERYTHING, topic }));
            shop.script(randomChanges(77));
            compare(run(shop).reports, plain(shop));
        } finally {
            await shop.stop();
        }
    });

    test('a run that is killed leaves a whole snapshot or none', async () => {
        const shop = await start({});
        try {
            shop.script(randomShop(3000, 11));
            const file = path.join(shop.data, 'snapshot/analytics.snapshot');
            for (let i = 0; i < 25; i++) {
                if (i % 5 === 0) fs.rmSync(file, { force: true });
                const child = spawn(BINARY, ['analytics', '--data', shop.data], { stdio: 'ignore' });
                setTimeout(() => child.kill('SIGKILL'), 5 + i * 3);
                await once(child, 'exit');
                if (fs.existsSync(file)) assert.equal(filtered(shop, [EVERYTHING], 2).length, 1);
            }
            compare(run(shop).reports, plain(shop));
        } finally {
            await shop.stop();
        }
    });

    test('several at once make one after the other', async () => {
        const shop = await start({});
        try {
            shop.script(randomShop(3000, 12));
            const wanted = plain(shop);
            for (let round = 0; round < 3; round++) {
                fs.rmSync(path.join(shop.data, 'snapshot'), { recursive: true, force: true });
                const runs = Array.from({ length: 6 }, () => promisify(execFile)(BINARY,
                    ['analytics', '--json', '--data', shop.data], { maxBuffer: 1 << 28 }));
                for (const { stdout } of await Promise.all(runs)) compare(JSON.parse(stdout).reports, wanted);
            }
        } finally {
            await shop.stop();
        }
    });

    test('the demonstration', async () => {
        const shop = await start({ demo: true });
        try {
            compare(run(shop).reports, plain(shop));
        } finally {
            await shop.stop();
        }
    });
});
