'use strict';
// `make load`: an evening of enrolment against the running program with TLS on loopback, a school of
// its own, while Prometheus scrapes. Leaves a report in build/load-report: report.txt, report.html
// (one file, no script, nothing from elsewhere), and what Locust wrote.
//
// LOAD_USERS (60) and LOAD_SECONDS (120) set how many come and for how long. Status 1 when a request
// failed, or the books do not balance afterwards; never for being slow.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT, addWorkshop, start, until } = require('../../lib/shop.js');
const { scrape } = require('../../lib/metrics.js');
const { watch } = require('../../lib/prometheus.js');
const { readCsv, summary } = require('./summary.js');
const { page } = require('./page.js');

const USERS = Number(process.env.LOAD_USERS ?? 60);
const SECONDS = Number(process.env.LOAD_SECONDS ?? 120);
const OUT = path.join(ROOT, 'build/load-report');

/** A demonstration school with room for everybody and a few workshops that will fill up. */
async function openSchool() {
    const shop = await start({ demo: true, settings: {
        signups_per_address: '100000', // the whole town comes from one address
    } });
    for (let i = 0; i < 24; i++)
        addWorkshop(shop, { title: `Taller de la tarde ${i + 1}`, capacity: i % 6 === 0 ? 5 : 400,
            price_cents: 9000 + 1000 * (i % 7), min_age: 6, max_age: 14, level: 1 + i % 3 });
    return shop;
}

/** Runs Locust to its end; gives its exit status. Twice the time it should take ends it. */
function locust(shop) {
    const child = spawn('locust', ['--headless', '--only-summary', '--locustfile',
        path.join(__dirname, 'locustfile.py'), '--host', shop.url, '--csv', path.join(OUT, 'locust'),
        '--csv-full-history', '--stop-timeout', '10', '--loglevel', 'WARNING'], {
        stdio: ['ignore', 'ignore', fs.openSync(path.join(OUT, 'locust.log'), 'w')], timeout: (SECONDS * 2 + 60) * 1000,
        env: { ...process.env, LOAD_USERS: String(USERS), LOAD_SECONDS: String(SECONDS),
            PYTHONDONTWRITEBYTECODE: '1' },
    });
    return new Promise((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (status) => resolve(status));
    });
}

/** What Prometheus saw of the server, second by second: {name: [[seconds, value]]}. */
async function watched(prometheus, from, to) {
    const ask = {
        cpu: 'rate(process_cpu_seconds_total[5s])',
        memory: 'process_resident_memory_bytes',
        connections: 'taller_connections',
        commits: 'rate(taller_db_commit_duration_seconds_count[5s])',
        serverP99: 'histogram_quantile(0.99, sum by (le) '
            + '(rate(taller_http_request_duration_seconds_bucket{route!="/metrics"}[5s])))',
        commitP99: 'histogram_quantile(0.99, '
            + 'sum by (le) (rate(taller_db_commit_duration_seconds_bucket[5s])))',
    };
    const seen = {};
    for (const [name, query] of Object.entries(ask)) {
        const [series] = await prometheus.range(query, from, to, 1);
        seen[name] = (series?.values ?? []).map(([at, value]) => [at, Number(value)])
            .filter(([, value]) => Number.isFinite(value));
    }
    return seen;
}

/** The books as the server itself checks them, after a start on the same folder: what is broken. */
async function checkBooks(data) {
    const shop = await start({ data });
    try {
        await until(async () =>
            (await scrape(shop)).has('taller_invariant_check_timestamp_seconds'), 60);
        return [...await scrape(shop)].filter(([name, rows]) =>
            name.startsWith('taller_invariant_broken') && rows > 0);
    } finally {
        await shop.stop();
    }
}

async function evening(shop) {
    const prometheus = await watch({ taller: new URL(shop.ops).host });
    try {
        const from = Date.now() / 1000;
        const last = shop.value('SELECT max(id) FROM orders');
        console.log(`${USERS} people for ${SECONDS} seconds at ${shop.url}`);
        const status = await locust(shop);
        const to = Date.now() / 1000;
        const orders = shop.value("SELECT count(*) FROM orders WHERE status <> 'cart'"
            + ` AND id > ${last}`);
        return { status, orders, seen: await watched(prometheus, from, to) };
    } finally {
        await prometheus.stop();
    }
}

async function main() {
    fs.rmSync(OUT, { recursive: true, force: true });
    fs.mkdirSync(OUT, { recursive: true });
    const shop = await openSchool();
    let run;
    try {
        run = await evening(shop);
    } finally {
        await shop.stop({ keep: true });
    }
    const broken = await checkBooks(shop.data);
    const read = (name) => readCsv(fs.readFileSync(path.join(OUT, `locust_${name}.csv`), 'utf8'));
    const report = summary({ users: USERS, seconds: SECONDS, ...run, broken,
        stats: read('stats'), history: read('stats_history'), failures: read('failures'),
        exceptions: read('exceptions') });
    fs.writeFileSync(path.join(OUT, 'report.txt'), report.text);
    fs.writeFileSync(path.join(OUT, 'report.html'), page(report));
    console.log(report.text);
    console.log('build/load-report/report.html has the charts.');
    const sound = report.failed === 0 && broken.length === 0;
    process.exitCode = sound && report.requests > 0 && run.orders > 0 ? 0 : 1;
}

main().catch((error) => {
    console.error(error);
    process.exitCode = 1;
});
