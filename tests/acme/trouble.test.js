'use strict';
// What goes wrong between a shop and its authority: it is told in one sentence, the certificate in
// use goes on serving, and nobody asks sooner than allowed.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { makeAuthority } = require('../lib/certificates.js');
const { openAuthority, start, trusted, until, visit } = require('./authority.js');

const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

let authority;
before(async () => { authority = await openAuthority(); });
after(() => authority.close());

/** A fresh proxy that does nothing special. */
function calm() {
    authority.link();
    authority.proxy.answer = () => null;
    authority.proxy.seen = [];
}

/** The first failure the shop tells. */
async function failure(shop) {
    await until(() => shop.events('certificate_failed').length, 40);
    return shop.events('certificate_failed')[0];
}

async function during(options, work) {
    calm();
    const shop = await start(options);
    try {
        await work(shop);
    } finally {
        await shop.stop();
    }
}

const state = (shop) => JSON.parse(fs.readFileSync(path.join(shop.data, 'tls/acme.json'), 'utf8'));

test('a wrong answer to the challenge', async () => {
    const liar = http.createServer((request, response) => { response.end('something else'); });
    await new Promise((resolve) => { liar.listen(authority.http, '127.0.0.1', resolve); });
    try {
        const args = authority.args('wrong.test', { https: 0 })
            .map((value) => (value === `127.0.0.1:${authority.http}` ? '127.0.0.1:0' : value));
        await during({ args }, async (shop) => {
            const { reason, failures, next_try_in: next } = await failure(shop);
            assert.match(reason, /^the authority could not check wrong\.test by http-01: .*something else/);
            assert.equal(failures, 1);
            assert.ok(next >= 22 && next <= 38, `half a minute, more or less: ${next}`);
            await assert.rejects(visit(shop, authority, 'wrong.test'), /self-signed|unable to verify/i);
            assert.deepEqual([state(shop).order, state(shop).failures], ['', 1]);
        });
    } finally {
        await new Promise((resolve) => { liar.close(resolve); });
    }
});

test('an authority that is down, and comes back', async () => {
    await authority.fall();
    const direct = authority.args('down.test').map((value) => (value === authority.directory
        ? `https://127.0.0.1:${authority.listen}/dir` : value));
    const shop = await start({ args: direct });
    try {
        const { reason } = await failure(shop);
        assert.equal(reason, `127.0.0.1 does not answer on port ${authority.listen}`);
        await authority.rise();
        await wait(10500 - (Date.now() / 1000 - state(shop).tried_at) * 1000); // the gap between tries
        shop.process.kill('SIGHUP');
        assert.ok(await trusted(shop, authority, 'down.test'));
        assert.equal(state(shop).failures, 0);
    } finally {
        await shop.stop();
    }
});

test('an authority that nobody vouches for', () => during({
    args: authority.args('stranger.test').filter((value, at, all) =>
        value !== '--ca-file' && all[at - 1] !== '--ca-file'),
}, async (shop) => {
    assert.match((await failure(shop)).reason,
        /^TLS with 127\.0\.0\.1 failed: its certificate is not signed by a trusted authority \(--ca-file\)/);
}));

test('an address that is no directory', () => during({
    args: authority.args('lost.test').map((value) => (value === authority.directory ? `${value}ectory` : value)),
}, async (shop) => {
    assert.match((await failure(shop)).reason, /^127\.0\.0\.1 refuses its directory \(status 404\)/);
}));

describe('limits of the authority:', () => {
    let shop;
    const limited = (seconds) => ({
        status: 429, headers: { 'retry-after': seconds, 'content-type': 'application/problem+json' },
        body: JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many\r\ncertificates' }),
    });
    before(async () => {
        calm();
        authority.proxy.answer = (request) => (request.url === '/order-plz' ? limited('7200') : null);
        shop = await start({ args: authority.args('busy.test') });
    });
    after(() => shop.stop());

    test('are told, with the wait it asks for', async () => {
        const { reason, next_try_in: next } = await failure(shop);
        assert.equal(reason, '127.0.0.1 limits how much is asked of it, now an order (status 429): too manycertificates');
        assert.equal(next, 7200);
    });

    test('hold whatever an operator does: SIGHUP, a restart', async () => {
        const seen = authority.proxy.seen.length;
        await wait(10500); // past the gap between any two tries
        shop.process.kill('SIGHUP');
        await wait(1000);
        const { data } = shop;
        await shop.stop({ keep: true });
        shop = await start({ data, args: authority.args('busy.test') });
        await wait(1000);
        assert.equal(authority.proxy.seen.length, seen);
    });

    test('end when their time is over', async () => {
        calm();
        const { data } = shop;
        await shop.stop({ keep: true });
        const file = path.join(data, 'tls/acme.json');
        fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/"next_try":\s*\d+/, '"next_try": 1'));
        shop = await start({ data, args: authority.args('busy.test') });
        assert.ok(await trusted(shop, authority, 'busy.test'));
    });
});

describe('a clock that is wrong:', () => {
    const shift = (seconds) => {
        const { change } = authority.proxy;
        authority.proxy.change = (reply, request) => {
            const changed = change(reply, request);
            changed.headers.date = new Date(Date.now() + seconds * 1000).toUTCString();
            return changed;
        };
    };

    test('behind: it is told, a certificate comes nevertheless', async () => {
        calm();
        shift(3 * 86400);
        const shop = await start({ args: authority.args('late.test') });
        try {
            assert.ok(await trusted(shop, authority, 'late.test'));
            assert.match(shop.events('clock_wrong')[0].reason, /^this machine's clock is 2\d{5} s behind that of the certificate authority/);
        } finally {
            await shop.stop();
        }
    });

    test('ahead: what looks expired but is not is kept, and no order made', async () => {
        calm();
        shift(-10 * 86400);
        const data = fs.mkdtempSync(path.join(authority.folder, 'early-'));
        const folder = path.join(data, 'tls');
        fs.mkdirSync(folder, { mode: 0o700 });
        const own = makeAuthority(data);
        const pem = own.issueBetween('early.test', -20, -1);
        fs.writeFileSync(path.join(folder, 'domain.pem'), pem, { mode: 0o600 });
        fs.writeFileSync(path.join(folder, 'acme.json'), JSON.stringify({
            directory: authority.directory, names: 'early.test', issued_by: authority.directory,
        }));
        const shop = await start({ data, args: authority.args('early.test') });
        try {
            await until(() => shop.events('clock_wrong').length);
            assert.match(shop.events('clock_wrong')[0].reason, /s ahead of that/);
            await wait(1000);
            assert.deepEqual(authority.proxy.seen.map((one) => one.path), ['/dir']);
            assert.equal(fs.readFileSync(path.join(folder, 'domain.pem'), 'utf8'), pem);
        } finally {
            await shop.stop({ keep: true });
        }
    });
});

describe('kill -9 in the middle of an order:', () => {
    for (const place of ['/chalZ/', '/finalize-order/', '/certZ/']) {
        test(`at ${place}: the order goes on at the next start, none is made twice`, async () => {
            calm();
            const name = `killed${place.replace(/\W/g, '').toLowerCase()}.test`;
            const args = authority.args(name);
            let shop;
            let done;
            const hit = new Promise((resolve) => { done = resolve; });
            authority.proxy.answer = (request) => {
                if (!request.url.startsWith(place)) return null;
                authority.proxy.answer = () => null;
                shop.process.kill('SIGKILL');
                done();
                // A name that is checked while nobody is there would fail, and its order with it.
                return place === '/chalZ/' ? { status: 503, headers: {}, body: '' } : null;
            };
            shop = await start({ args });
            await hit;
            await shop.ended;
            const { data } = shop;
            assert.ok(!fs.existsSync(path.join(data, 'tls/domain.pem')));
            await wait(10500 - (Date.now() / 1000 - state(shop).tried_at) * 1000);
            shop = await start({ data, args });
            try {
                assert.ok(await trusted(shop, authority, name));
                assert.equal(authority.proxy.count('/order-plz'), 1);
            } finally {
                await shop.stop();
            }
        });
    }
});

test('files that were damaged', async () => {
    calm();
    const data = fs.mkdtempSync(path.join(authority.folder, 'damaged-'));
    fs.mkdirSync(path.join(data, 'tls'), { mode: 0o700 });
    for (const name of ['domain.pem', 'acme.json', 'acme-order.key'])
        fs.writeFileSync(path.join(data, 'tls', name), 'nonsense\n', { mode: 0o600 });
    const shop = await start({ data, args: authority.args('damaged.test') });
    try {
        assert.ok(await trusted(shop, authority, 'damaged.test'));
        assert.equal(shop.events('certificate_refused').length, 1);
    } finally {
        await shop.stop({ keep: true });
    }
    fs.writeFileSync(path.join(data, 'tls/acme-account.key'), 'nonsense\n');
    fs.rmSync(path.join(data, 'tls/domain.pem'));
    const again = await start({ data, args: authority.args('damaged.test') });
    try {
        assert.match((await failure(again)).reason, /acme-account\.key is no private key that can be read; without the file a new account is made/);
    } finally {
        await again.stop({ keep: true });
    }
});
