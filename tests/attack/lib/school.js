'use strict';
// The shop that is attacked: the school of the demonstration and a family in whose world every
// address has something to show, over TLS; and what must be true of it when the tools have had
// their way.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { makeWorld } = require('../../http/lib/routes.js');
const { scrape } = require('../../lib/metrics.js');
const { request, start, tallerBeside } = require('../../lib/shop.js');

/** A tool fails to log in more often than all families of a town. The limits of the settings are
 * what a school would change for that; that they hold as they are is tested in tests/http. */
const PATIENCE = {
    signups_per_address: '100000', failed_logins_per_address: '100000',
    failed_logins_per_account: '1000', declined_cards_per_hour: '1000',
    live_holds_per_account: '1000', pending_transfers_per_account: '1000',
};

/** Options that give a shop a certificate of an authority's, for a key of a kind. */
function certified(authority, folder, kind = 'ec') {
    const { key, cert } = authority.issue('IP:127.0.0.1,DNS:localhost', { kind, days: 90 });
    const [certFile, keyFile] = ['pem', 'key'].map((end) => path.join(folder, `shop-${kind}.${end}`));
    fs.writeFileSync(certFile, cert);
    fs.writeFileSync(keyFile, key, { mode: 0o600 });
    return { args: ['--tls-cert', certFile, '--tls-key', keyFile] };
}

/** A running school with `world`, as makeWorld of tests/http/lib/routes.js describes it. */
async function openSchool(options = {}) {
    const school = await start({ demo: true, settings: PATIENCE, ...options });
    const home = await school.browser().get('/');
    school.picture = home.body.match(/\/media\/([\w.]+)/)[1];
    school.world = await makeWorld(school);
    return school;
}

/** {status: answers} of all routes that `which` picks by their labels. */
async function answers(school, which = () => true) {
    const counts = {};
    for (const [name, count] of await scrape(school)) {
        const [, route, method, status] = name.match(
            /^taller_http_requests_total\{route="([^"]*)",method="([^"]*)",status="(\d+)"\}$/) ?? [];
        if (status && which({ route, method })) counts[status] = (counts[status] ?? 0) + count;
    }
    return counts;
}

/** How many requests were answered so far. */
async function answered(school) {
    return Object.values(await answers(school)).reduce((a, b) => a + b, 0);
}

/** A form was tried beyond its guard: most of what was sent to it bore a good token. */
async function reached(school, form) {
    const { 403: refused = 0, ...rest } =
        await answers(school, ({ route, method }) => route === form && method === 'POST');
    const taken = Object.values(rest).reduce((a, b) => a + b, 0);
    assert.ok(taken > refused, `${form}: ${refused} refused, ${taken} not`);
}

/** The server lives, has nothing to complain of, turned no tool away for its haste (it would have
 * tried less than it says), and its books are true. */
async function unharmed(school) {
    assert.equal(school.process.exitCode, null, 'the server is gone');
    for (const address of ['/', '/workshops/', '/accounts/login/'])
        assert.equal((await school.browser().get(address)).status, 200, address);
    assert.equal((await request(school.ops, { path: '/readyz' })).status, 200);
    assert.deepEqual(school.complaints(), []);
    const refused = Object.entries(await answers(school))
        .filter(([status]) => Number(status) >= 500 || status === '429');
    assert.deepEqual(refused, [], 'answers by status');
    const doctor = await tallerBeside(['doctor', '--json', '--data', school.data,
        '--ops', school.ops.replace('http://', '')]);
    const findings = JSON.parse(doctor.stdout);
    assert.deepEqual(findings.filter((finding) => finding.level === 'error'), []);
    for (const area of ['database', 'books', 'server'])
        assert.equal(findings.find((finding) => finding.area === area)?.level, 'ok', area);
    assert.equal(doctor.status, 0);
}

module.exports = { answered, answers, certified, openSchool, reached, unharmed };
