'use strict';
// The rules by Prometheus' own tests; the page of figures by its linter; every query of the
// dashboard and every rule by a real Prometheus that scrapes the running program.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const {
    ROOT, addStudent, addToCart, addWorkshop, checkoutCard, checkoutTransfer, logIn, mustRedirect,
    request, signUp, start, taller, until,
} = require('../lib/shop.js');
const { PROGRAMS, watch } = require('../lib/prometheus.js');
const { ACCESS, REGION, SECRET, openStorage } = require('../lib/storage.js');

const RULES = path.join(ROOT, 'k8s/monitoring/rules.yaml');
const DASHBOARD = JSON.parse(
    fs.readFileSync(path.join(ROOT, 'k8s/monitoring/dashboard.json'), 'utf8'));

function promtool(args, input) {
    const done = spawnSync(path.join(PROGRAMS, 'promtool'), args,
        { input, encoding: 'utf8', timeout: 120000, cwd: ROOT });
    return { status: done.status, said: done.stdout + done.stderr };
}

describe('the rules', () => {
    test('are valid', () => {
        const done = promtool(['check', 'rules', RULES]);
        assert.equal(done.status, 0, done.said);
    });

    for (const file of ['rules', 'rules-days'])
        test(`fire when they should and not otherwise (${file})`, () => {
            const done = promtool(['test', 'rules', `tests/monitoring/${file}.test.yaml`]);
            assert.equal(done.status, 0, done.said);
        });

    test('are tested one by one, and each says what to do', () => {
        const text = fs.readFileSync(RULES, 'utf8');
        const tests = ['rules', 'rules-days'].map((file) =>
            fs.readFileSync(path.join(__dirname, `${file}.test.yaml`), 'utf8')).join('\n');
        const alerts = text.split('- alert: ').slice(1);
        assert.ok(alerts.length >= 9);
        for (const alert of alerts) {
            const name = alert.match(/^\w+/)[0];
            assert.match(alert, /severity: (page|ticket)/, name);
            assert.match(alert, /summary: ./, name);
            assert.match(alert, /action: ./, name);
            assert.match(tests, new RegExp(`alertname: ${name}, exp_alerts: \\[\\]`), name);
            assert.match(tests, new RegExp(`alertname: ${name}\\n\\s+exp_alerts:\\n\\s+- exp`), name);
        }
    });
});

/** An evening in short: two families pay by card and by transfer, somebody mistypes a password. */
async function enrol(shop) {
    for (const pay of [checkoutCard, checkoutTransfer]) {
        const family = await signUp(shop);
        await family.get('/');
        mustRedirect(await addToCart(family, addWorkshop(shop), await addStudent(family)));
        mustRedirect(await pay(family));
        await logIn(shop.browser(), family.email, 'not her password');
    }
}

describe('the running program', () => {
    let shop;
    let prometheus;
    let storage;
    before(async () => {
        storage = await openStorage();
        shop = await start({ demo: true });
        fs.mkdirSync(path.join(shop.data, 'backups'), { recursive: true });
        const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
        const done = taller(['backup', path.join(shop.data, `backups/taller-${stamp}.db`), '--data', shop.data]);
        assert.equal(done.status, 0, done.stderr);
        assert.equal(taller(['analytics', '--data', shop.data]).status, 0);
        await shop.stop({ keep: true });
        shop = await start({
            data: shop.data, args: ['--s3', `${storage.url}/school`, '--s3-region', REGION],
            env: { TALLER_S3_ACCESS_KEY: ACCESS, TALLER_S3_SECRET_KEY: SECRET },
        });
        prometheus = await watch({ taller: new URL(shop.ops).host }, [RULES]);
        for (let round = 0; round < 60; round++) { // rates need a while, and the books their turn
            await shop.browser().get('/workshops/');
            if (round % 15 === 0) await enrol(shop);
            await new Promise((resolve) => { setTimeout(resolve, 250); });
        }
    });
    after(async () => {
        await prometheus?.stop();
        await shop?.stop();
        await storage?.close();
    });

    test('writes a page that promtool finds nothing to say about', async () => {
        const page = await request(shop.ops, { path: '/metrics' });
        const done = promtool(['check', 'metrics'], page.body);
        assert.equal(done.said, '');
        assert.equal(done.status, 0);
    });

    const panels = DASHBOARD.panels.filter((panel) => panel.targets);
    assert.ok(panels.length >= 25);
    for (const panel of panels)
        for (const target of panel.targets)
            test(`fills the panel “${panel.title}”: ${target.legendFormat ?? target.refId}`, async () => {
                const query = target.expr.replaceAll('$instance', '.*')
                    .replaceAll('$__rate_interval', '1m');
                const series = await prometheus.query(query);
                assert.ok(series.length > 0, `no data: ${query}`);
                assert.ok(series.some((one) => Number.isFinite(Number(one.value[1]))),
                    `no number: ${query}: ${JSON.stringify(series)}`);
            });

    test('lets every rule be evaluated, and none fires in a healthy school', async () => {
        const rules = (await prometheus.api('rules')).groups.flatMap((group) => group.rules);
        assert.equal(rules.length, fs.readFileSync(RULES, 'utf8').split('- alert: ').length - 1);
        for (const rule of rules) {
            assert.equal(rule.health, 'ok', `${rule.name}: ${rule.lastError}`);
            assert.notEqual(rule.state, 'firing', rule.name); // this machine's disk may be filling
        }
    });

    test('rules ask for figures that it has', async () => {
        const page = await request(shop.ops, { path: '/metrics' });
        const names = new Set(fs.readFileSync(RULES, 'utf8').match(/\b(taller|process)_\w+/g));
        for (const name of names)
            assert.ok(page.body.includes(`\n${name}{`) || page.body.includes(`\n${name} `), name);
    });

    test('broken books fire at once', async () => {
        await shop.stop({ keep: true });
        const db = shop.db;
        const again = await start({ data: shop.data,
            args: ['--ops', new URL(shop.ops).host] });
        again.sql("UPDATE orders SET total_cents = total_cents + 1 WHERE status = 'paid'");
        shop = again;
        assert.equal(again.db, db);
        await until(async () => (await prometheus.api('alerts')).alerts.some((alert) =>
            alert.labels.alertname === 'TallerInvariantBroken' && alert.state === 'firing'), 40);
    });
});
