'use strict';
// Logging in with a second factor, setting it up, and being asked again before what is sensitive.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { logIn, mustRedirect, quote, start, taller, unique } = require('../lib/shop.js');
const { setSecondFactor } = require('./lib/routes.js');
const { fromBase32, totp } = require('./lib/totp.js');

const PASSWORD = 'una frase muy larga 7';
const PAGE = '/accounts/second-factor/';
const CODE = '/accounts/login/code/';

let shop;

/** A member of staff, logged in, with email and account. */
async function makeStaff(role = 'owner') {
    const email = `${unique(role)}@example.com`;
    const made = taller(['account', 'create', email, `--${role}`, '--data', shop.data],
        { input: `${PASSWORD}\n` });
    assert.equal(made.status, 0, made.stderr);
    const browser = shop.browser();
    mustRedirect(await logIn(browser, email, PASSWORD));
    await browser.get('/admin/');
    return Object.assign(browser, {
        email, account: shop.value(`SELECT id FROM account WHERE email = ${quote(email)}`),
    });
}

/** Sets the second factor up through its pages; gives the secret and the recovery codes. */
async function setUp(browser) {
    await browser.get(PAGE);
    mustRedirect(await browser.submit(PAGE), /^\/accounts\/second-factor\/$/);
    const page = await browser.get(PAGE);
    const secret = fromBase32(page.body.match(/<code>([A-Z2-7 ]{39})<\/code>/)[1]);
    const done = await browser.submit(`${PAGE}enable/`, { code: totp(secret) });
    assert.equal(done.status, 200, done.main);
    const codes = [...done.body.matchAll(/<li><code>([^<]+)<\/code>/g)].map(([, code]) => code);
    return { secret, codes, page, done };
}

/** A new browser that has given the password. */
async function halfWay(person, values) {
    const browser = shop.browser();
    mustRedirect(await logIn(browser, person.email, PASSWORD, values), /^\/accounts\/login\/code\//);
    await browser.get(CODE);
    return browser;
}

/** As if half an hour had passed since somebody's proof. */
function grow(person) {
    shop.sql(`UPDATE session SET confirmed_at = confirmed_at - 1800
        WHERE account_id = ${person.account}`);
}

const trail = (person) => shop.sql(`SELECT action FROM audit WHERE entity = 'account'
    AND entity_id = ${person.account} ORDER BY id`).map((row) => row.action);
const mails = (person) => shop.value(
    `SELECT count(*) FROM outbox WHERE recipient = ${quote(person.email)}`);

before(async () => { shop = await start({}); });
after(() => shop.stop());

describe('setting it up', () => {
    test('shows a picture and a key, takes a code, shows ten recovery codes once', async () => {
        const person = await makeStaff();
        const { secret, codes, page, done } = await setUp(person);
        assert.match(page.body, /<svg/);
        const uri = page.body.match(/href="(otpauth:[^"]+)"/)[1].replaceAll('&amp;', '&');
        assert.match(uri, /^otpauth:\/\/totp\/Taller:/);
        assert.deepEqual(fromBase32(new URL(uri).searchParams.get('secret')), secret);
        assert.equal(done.headers['cache-control'], 'no-store');
        assert.equal(new Set(codes).size, 10);
        const later = await person.get(PAGE);
        for (const code of codes) assert.ok(!later.body.includes(code));
        assert.doesNotMatch(later.body, /otpauth:|<svg[^>]*shape/);
        const stored = shop.shell('SELECT * FROM recovery_code; SELECT * FROM audit');
        for (const code of codes) assert.ok(!stored.includes(code));
        assert.ok(trail(person).includes('second_factor_on'));
        assert.equal(mails(person), 1);
    });

    test('wants the right code; a second sending changes nothing', async () => {
        const person = await makeStaff('desk');
        await person.get(PAGE);
        await person.submit(PAGE);
        const secret = fromBase32((await person.get(PAGE)).body.match(/<code>([A-Z2-7 ]{39})</)[1]);
        mustRedirect(await person.post(PAGE)); // keeps the key that the app may have read already
        assert.deepEqual(fromBase32(
            (await person.get(PAGE)).body.match(/<code>([A-Z2-7 ]{39})</)[1]), secret);
        const wrong = String((Number(totp(secret)) + 1) % 1000000).padStart(6, '0');
        for (const code of ['', 'abc', wrong, totp(secret, Date.now() / 1000 - 120)]) {
            const answer = await person.post(`${PAGE}enable/`, { code });
            assert.equal(answer.status, 422, code);
        }
        assert.equal(shop.value(`SELECT enabled_at FROM second_factor
            WHERE account_id = ${person.account}`), null);
        assert.equal((await person.post(`${PAGE}enable/`, { code: totp(secret) })).status, 200);
        const codes = shop.shell('SELECT * FROM recovery_code');
        mustRedirect(await person.post(`${PAGE}enable/`, { code: totp(secret) }));
        assert.equal(shop.shell('SELECT * FROM recovery_code'), codes);
    });

    test('is undone with the password only', async () => {
        const person = await makeStaff();
        await setUp(person);
        for (const oldpassword of ['', 'something else entirely'])
            assert.equal((await person.post(`${PAGE}disable/`, { oldpassword })).status, 422);
        mustRedirect(await person.post(`${PAGE}disable/`, { oldpassword: PASSWORD }));
        assert.ok(trail(person).includes('second_factor_off'));
        assert.equal(mails(person), 2);
        mustRedirect(await person.post(`${PAGE}disable/`, { oldpassword: PASSWORD }));
        assert.equal(mails(person), 2);
        mustRedirect(await logIn(shop.browser(), person.email, PASSWORD), /^\/users\/profile\/$/);
    });
});

describe('logging in', () => {
    test('asks for the code and lets in with it, once', async () => {
        const person = await makeStaff();
        const secret = setSecondFactor(shop, person.account);
        const half = await halfWay(person, { next: '/admin/orders/' });
        const code = totp(secret);
        mustRedirect(await half.submit(CODE, { code: '000000' === code ? '111111' : '000000' })
            .then((answer) => { assert.equal(answer.status, 422); return half.submit(CODE, { code }); }));
        assert.equal((await half.get('/admin/')).status, 200);
        const other = await halfWay(person);
        assert.equal((await other.submit(CODE, { code })).status, 422, 'the same code again');
    });

    test('leads back to where the person was going', async () => {
        const person = await makeStaff();
        const secret = setSecondFactor(shop, person.account);
        const browser = shop.browser();
        const answer = await logIn(browser, person.email, PASSWORD,
            { next: '/admin/orders/?status=pending' });
        assert.equal(answer.location,
            '/accounts/login/code/?next=%2Fadmin%2Forders%2F%3Fstatus%3Dpending');
        await browser.get(answer.location);
        mustRedirect(await browser.submit(answer.location, { code: totp(secret) }),
            /^\/admin\/orders\/\?status=pending$/);
        const evil = shop.browser();
        await logIn(evil, person.email, PASSWORD);
        await evil.get(`${CODE}?next=//evil.example/`);
        mustRedirect(await evil.submit(CODE, { code: totp(secret, Date.now() / 1000 + 30) }),
            /^\/users\/profile\/$/);
    });

    test('half-way sees nothing but the page of the code', async () => {
        const person = await makeStaff();
        setSecondFactor(shop, person.account);
        const half = await halfWay(person);
        for (const path of ['/admin/', '/admin/accounts/', '/users/profile/', '/users/export/', PAGE,
            '/accounts/password/change/', '/store/order-summary/']) {
            const answer = await half.get(path);
            mustRedirect(answer, /^\/accounts\/login\/code\/\?next=/);
        }
        for (const path of [PAGE, `${PAGE}disable/`, '/accounts/password/change/', '/users/close/'])
            mustRedirect(await half.post(path, { oldpassword: PASSWORD, password: PASSWORD }),
                /^\/accounts\/login\/code\//);
        assert.equal((await half.get('/metrics')).status, 404);
        assert.doesNotMatch((await half.get('/')).body, /\/admin\//);
        assert.equal(shop.value(`SELECT count(*) FROM second_factor
            WHERE account_id = ${person.account}`), 1);
        // It lasts ten minutes, whatever is asked for.
        shop.sql(`UPDATE session SET expires_at = expires_at - 601 WHERE awaits_code = 1`);
        mustRedirect(await half.get(CODE), /^\/accounts\/login\/\?next=/);
    });

    test('with a recovery code works once, and is told', async () => {
        const person = await makeStaff();
        const { codes } = await setUp(person);
        const before = mails(person);
        const half = await halfWay(person);
        mustRedirect(await half.submit(CODE, { code: ` ${codes[3].toUpperCase().replaceAll('-', ' ')} ` }));
        assert.equal((await half.get('/admin/')).status, 200);
        assert.equal(mails(person), before + 1);
        assert.ok(trail(person).includes('recovery_code'));
        const again = await halfWay(person);
        assert.equal((await again.submit(CODE, { code: codes[3] })).status, 422);
        mustRedirect(await again.submit(CODE, { code: codes[4] }));
        assert.match((await again.get(PAGE)).main, /\b8\b/);
        // New ones take the place of the old ones.
        const fresh = await again.post(`${PAGE}codes/`);
        assert.equal(fresh.status, 200);
        assert.equal(fresh.body.match(/<li><code>/g).length, 10);
        assert.equal((await (await halfWay(person)).submit(CODE, { code: codes[5] })).status, 422);
    });

    test('ten wrong codes are enough, for every browser; a right one does not help then', async () => {
        const person = await makeStaff();
        const secret = setSecondFactor(shop, person.account);
        for (let i = 0; i < 10; i++) {
            const half = await halfWay(person);
            assert.equal((await half.submit(CODE, { code: 'nothing' })).status, 422, `try ${i}`);
        }
        const half = await halfWay(person);
        const refused = await half.submit(CODE, { code: totp(secret) });
        assert.equal(refused.status, 429);
        assert.ok(Number(refused.headers['retry-after']) > 0);
    });

    test('a disabled account does not get through the second door either', async () => {
        const person = await makeStaff();
        const secret = setSecondFactor(shop, person.account);
        const half = await halfWay(person);
        shop.sql(`UPDATE account SET is_active = 0 WHERE id = ${person.account}`);
        mustRedirect(await half.post(CODE, { code: totp(secret) }), /^\/accounts\/login\//);
    });
});

describe('a school that asks it of its staff', () => {
    test('leads staff to set it up before anything else, and leaves families alone', async () => {
        const person = await makeStaff('desk');
        shop.setting('staff_second_factor', '1');
        try {
            for (const path of ['/admin/', '/admin/orders/', '/admin/accounts/'])
                mustRedirect(await person.get(path), /^\/accounts\/second-factor\/\?next=/);
            const answer = await person.get('/admin/orders/');
            assert.equal(answer.location, '/accounts/second-factor/?next=%2Fadmin%2Forders%2F');
            mustRedirect(await person.post('/admin/orders/', { action: 'x' }),
                /^\/accounts\/second-factor\//);
            await setUp(person);
            assert.equal((await person.get('/admin/orders/')).status, 200);
            const visitor = shop.browser();
            mustRedirect(await visitor.get('/admin/'), /^\/accounts\/login\//);
        } finally {
            shop.setting('staff_second_factor', null);
        }
    });
});

describe('what is sensitive asks again', () => {
    test('after fifteen minutes, by password, and leads back', async () => {
        const person = await makeStaff();
        assert.equal((await person.get(PAGE)).status, 200);
        grow(person);
        const away = await person.get(`${PAGE}?next=/admin/`);
        assert.equal(away.location,
            '/accounts/again/?next=%2Faccounts%2Fsecond-factor%2F%3Fnext%3D%2Fadmin%2F');
        mustRedirect(await person.post(PAGE), /^\/accounts\/again\//);
        assert.equal(shop.value(`SELECT count(*) FROM second_factor
            WHERE account_id = ${person.account}`), 0);
        const page = await person.get(away.location);
        assert.doesNotMatch(page.body, /name="code"/);
        for (const password of ['', 'something else entirely'])
            assert.equal((await person.submit(away.location, { password })).status, 422);
        mustRedirect(await person.get(PAGE), /^\/accounts\/again\//);
        mustRedirect(await person.submit(away.location, { password: PASSWORD }),
            /^\/accounts\/second-factor\/\?next=\/admin\/$/);
        assert.equal((await person.get(PAGE)).status, 200);
        assert.equal((await person.get('/admin/')).status, 200, 'the rest was never asked about');
    });

    test('or by a code, where there is an app', async () => {
        const person = await makeStaff();
        const secret = setSecondFactor(shop, person.account);
        grow(person);
        const page = await person.get('/accounts/again/?next=/admin/');
        assert.match(page.body, /name="code"/);
        assert.equal((await person.submit('/accounts/again/?next=%2Fadmin%2F',
            { code: 'nothing' })).status, 422);
        mustRedirect(await person.post('/accounts/again/', { code: totp(secret) }));
        assert.equal((await person.get(PAGE)).status, 200);
        grow(person);
        assert.equal((await person.post('/accounts/again/', { code: totp(secret) })).status, 422,
            'each code once');
    });

    test('guesses of the password count', async () => {
        const person = await makeStaff('desk');
        grow(person);
        await person.get('/accounts/again/');
        for (let i = 0; i < 10; i++)
            assert.equal((await person.post('/accounts/again/', { password: `guess ${i}` })).status,
                422);
        assert.equal((await person.post('/accounts/again/', { password: PASSWORD })).status, 429);
    });
});
