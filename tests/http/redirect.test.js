'use strict';
// Where the shop sends a browser: never elsewhere, whatever stands in an address, a field or a header;
// and whose name stands in pages and mails: ours, whatever Host and proxies' headers say.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const {
    PASSWORD, addStudent, addToCart, addWorkshop, bornYearsAgo, checkoutCard, logIn, mustRedirect, quote,
    request, signUp, start, unique, until,
} = require('../lib/shop.js');
const { hire } = require('../lib/staff.js');
const { Raw } = require('./lib/raw.js');
const { askConfirmation, askReset, setSecondFactor } = require('./lib/routes.js');
const { totp } = require('./lib/totp.js');

const EVIL = ['//evil.example/', '///evil.example/', '/\\evil.example/', '\\\\evil.example/',
    '/\\/evil.example/', 'https://evil.example/', 'HTTPS:evil.example', 'https:/evil.example',
    'http:evil.example', 'data:text/html,x', 'javascript:alert(1)//', 'vbscript:x', '/\t/evil.example/',
    '/\n/evil.example/', '/\r\nLocation: https://evil.example/', '\t//evil.example/', ' //evil.example/',
    '/%0d%0aSet-Cookie:%20x=1', '/%2f%2fevil.example/', '%2f%2fevil.example/', '//evil.example\\@x/',
    '/@evil.example/', '//%65vil.example/', '/\u2028/evil.example/', '/\u00a0/evil.example/', '?//evil.example',
    '#//evil.example', './/evil.example/', '/.//evil.example/', '/..//evil.example/', '/a/..//evil.example/',
    'evil.example', '', 'null', '[]', `/${'x'.repeat(1500)}`, '//127.0.0.1@evil.example/', '/ /evil.example/'];

let shop;
let owner;
let secret;
let family;

before(async () => {
    shop = await start({ sandbox: true, settings: { failed_logins_per_account: '1000' } });
    owner = await hire(shop, 'owner');
    secret = setSecondFactor(shop, owner.account);
    family = await signUp(shop, { terms: '1' });
    family.child = await addStudent(family);
    mustRedirect(await addToCart(family, addWorkshop(shop), family.child));
    family.paid = mustRedirect(await checkoutCard(family)).order;
});
after(() => shop.stop());

/** A redirect stays on this site, as a browser reads it, and brings no header of its own. */
function inside(answer, what) {
    assert.equal(answer.status, 303, `${what}: ${answer.status}`);
    assert.match(answer.location, /^\/(?![/\\])[\x21-\x7e]*$/, what);
    assert.doesNotMatch(answer.location, /\\/, what);
    assert.equal(new URL(answer.location, shop.url).origin, shop.url, what);
    assert.ok(!answer.cookies.some((line) => !line.startsWith('__Host-')), what);
}

describe('a way on that leads elsewhere is not taken:', () => {
    const fresh = () => shop.sql('UPDATE second_factor SET last_step = 0');

    /** [what, how it is sent], each with a redirect for an answer. */
    const ways = {
        'after the password, before the code': (next) => logIn(shop.browser(), owner.email, PASSWORD,
            { next }),
        'after being asked again': (next) => owner.post(
            `/accounts/again/?next=${encodeURIComponent(next)}`, { password: PASSWORD }),
        'from the page of the second factor': (next) => family.post(
            `/accounts/second-factor/?next=${encodeURIComponent(next)}`),
        'from its codes': (next) => family.post(
            `/accounts/second-factor/codes/?next=${encodeURIComponent(next)}`),
        'from a list of the administration': (next) => owner.post('/admin/orders/',
            { action: 'file', next }),
        'from the statistics': (next) => owner.post('/admin/analytics/refresh/', { next }),
        'from adding oneself': async (next) => {
            const adult = await signUp(shop, { terms: '1' });
            await adult.get('/users/student-create/');
            return adult.post('/users/add-self/', { date_of_birth: bornYearsAgo(30), next });
        },
        'from the switch of languages': (next) => family.post('/language/', { language: 'es', next }),
        'from a form with a key': (next) => shop.browser().get('/accounts/login/')
            .then(() => request(shop.url, { method: 'POST', path: '/store/add-to-cart/x/',
                headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
                body: `key=${encodeURIComponent(next)}&student=x` })),
    };
    for (const [what, send] of Object.entries(ways)) {
        test(what, async () => {
            const some = /password|oneself|statistics/.test(what)
                ? EVIL.slice(0, 12) : EVIL; // a password each is dear, and so is a count
            for (const next of some) inside(await send(next), `${what}: ${JSON.stringify(next)}`);
        });
    }

    test('after the code', async () => {
        for (const next of EVIL.slice(0, 8)) {
            const half = shop.browser();
            mustRedirect(await logIn(half, owner.email, PASSWORD));
            await half.get('/accounts/login/code/');
            fresh();
            inside(await half.post(`/accounts/login/code/?next=${encodeURIComponent(next)}`,
                { code: totp(secret) }), next);
        }
    });

    test('after a confirmed transfer', async () => {
        mustRedirect(await addToCart(family, addWorkshop(shop), family.child));
        const order = shop.value(`SELECT id FROM orders WHERE account_id = ${family.account}
            AND status = 'cart'`);
        await family.get(`/store/checkout/${order}/`);
        mustRedirect(await family.submit(`/store/checkout/${order}/`, { method: 'transfer' }));
        for (const next of EVIL)
            inside(await owner.post(`/admin/orders/${order}/confirm/`, { reference: 'R-1', next }),
                next);
    });

    test('by an address without its last slash', async () => {
        for (const path of ['//evil.example', '//evil.example/workshops', '/\\evil.example/workshops',
            '/%2f/evil.example/workshops', '/%5cevil.example/workshops', '/.//evil.example/workshops',
            '/workshops?next=//evil.example', '/workshops//evil.example', '/%0d%0aX:y/workshops',
            '/workshops%0d%0aLocation:%20https://evil.example', '/admin?//evil.example',
            'https://evil.example/workshops', '/workshops#//evil.example']) {
            const answer = await request(shop.url, { path });
            if (answer.location) {
                assert.match(answer.location, /^\/(?![/\\])[\x21-\x7e]*$/, path);
                assert.equal(new URL(answer.location, shop.url).origin, shop.url, path);
            }
            assert.ok([301, 400, 404, 421].includes(answer.status), `${path}: ${answer.status}`);
            assert.ok(!('x' in answer.headers) && !answer.cookies.length, path);
        }
    });

    test('from plain HTTP to TLS, whatever Host is said', async () => {
        const home = new URL(shop.url).host;
        for (const path of ['/', '//evil.example/', '/\\evil.example', '/%0d%0aX:y', '/a?b=//evil.example'])
            for (const host of ['evil.example', '127.0.0.1@evil.example', home, 'x:1@y']) {
                const answer = await request(shop.http, { path, headers: { Host: host,
                    'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https' } });
                if (answer.location) assert.equal(new URL(answer.location).host, home, path);
                else assert.ok(answer.status >= 400, `${path}: ${answer.status}`);
                assert.ok(!('x' in answer.headers), path);
            }
    });
});

describe('a forged name of the host', () => {
    const HEADERS = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-Server': 'evil.example', 'X-Original-Host': 'evil.example', 'X-Host': 'evil.example',
        Forwarded: 'for=1.2.3.4;host=evil.example;proto=http', 'X-Forwarded-Proto': 'http',
        'X-Forwarded-Port': '666', 'X-Original-URL': '/admin/', 'X-Rewrite-URL': '/admin/',
        'X-Forwarded-Prefix': '//evil.example', 'X-HTTP-Host-Override': 'evil.example' };

    test('stands in no page, no header and no cookie', async () => {
        const mallory = await signUp(shop, { terms: '1' }, shop.browser({ headers: HEADERS }));
        const child = await addStudent(mallory);
        const slug = addWorkshop(shop);
        mustRedirect(await addToCart(mallory, slug, child));
        for (const path of ['/', '/workshops/', `/workshops/${slug}/`, '/users/profile/',
            '/store/order-summary/', '/accounts/login/', '/accounts/second-factor/', '/nothing/',
            '/workshops', '/terms/', '/robots.txt', '/users/export/']) {
            const answer = await mallory.get(path);
            assert.doesNotMatch(answer.body + JSON.stringify(answer.headers), /evil\.example|:666/, path);
            assert.doesNotMatch(answer.title, /Administra/, path);
            // Nor in the copy that the next visitor is shown.
            assert.doesNotMatch((await shop.browser().get(path)).body, /evil\.example/, path);
        }
    });

    test('stands in no mail: links lead home', async () => {
        const forged = () => shop.browser({ headers: HEADERS });
        const rosa = await signUp(shop, { terms: '1' }, forged());
        const child = await addStudent(rosa);
        mustRedirect(await addToCart(rosa, addWorkshop(shop), child));
        mustRedirect(await checkoutCard(rosa));
        await askReset(shop, rosa.email);
        await askConfirmation(shop);
        const boss = forged();
        mustRedirect(await logIn(boss, owner.email, PASSWORD), /code/);
        shop.sql('UPDATE second_factor SET last_step = 0');
        await boss.get('/accounts/login/code/');
        mustRedirect(await boss.submit('/accounts/login/code/', { code: totp(secret) }));
        const email = `${unique('nueva')}@example.com`;
        await boss.get('/admin/accounts/new/');
        mustRedirect(await boss.post('/admin/accounts/new/', { email, first_name: 'A', last_name: 'B',
            phone: '987654321', country: 'PE' }));
        await until(() => shop.value(`SELECT count(*) FROM outbox WHERE recipient = ${quote(email)}`));
        const mails = shop.sql('SELECT subject, body_text, body_html FROM outbox');
        assert.ok(mails.length >= 5);
        for (const mail of mails) {
            assert.doesNotMatch(JSON.stringify(mail), /evil\.example|:666/);
            for (const [link] of mail.body_text.matchAll(/https?:\/\/\S+/g))
                assert.equal(new URL(link).origin, shop.url, link);
        }
    });

    test('said twice, or beside an absolute address, is refused', async () => {
        for (const head of ['GET / HTTP/1.1\r\nHost: x\r\nHost: evil.example\r\n\r\n',
            'GET https://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n',
            'GET / HTTP/1.1\r\nHost: x, evil.example\r\n\r\n',
            'GET / HTTP/1.1\r\nHost: x evil.example\r\n\r\n',
            'GET / HTTP/1.1\r\n\r\n']) {
            const raw = await new Raw(shop).open;
            raw.write(head);
            await until(() => raw.status);
            assert.equal(raw.status, 400, head);
            raw.socket.destroy();
        }
    });
});

describe('who a client is', () => {
    const CLAIMS = ['X-Forwarded-For', 'X-Real-IP', 'X-Client-IP', 'True-Client-IP', 'CF-Connecting-IP',
        'X-Cluster-Client-IP', 'X-Originating-IP', 'X-Remote-IP', 'X-Remote-Addr', 'Fastly-Client-IP'];
    const claim = (i) => Object.fromEntries(CLAIMS.map((name) => [name, `203.0.113.${i}`])
        .concat([['Forwarded', `for=203.0.113.${i}`]]));

    test('is nobody’s to say: no header moves the limits of sign-up, log-in and reset', async () => {
        const own = await start({ settings: { signups_per_address: '3',
            failed_logins_per_address: '3' } });
        try {
            const send = (i) => own.browser({ headers: claim(i) });
            const answers = { login: [], signup: [], reset: [] };
            for (let i = 0; i < 5; i++) {
                answers.login.push((await logIn(send(i), `x${i}@example.com`, 'wrong')).status);
                const browser = send(i);
                await browser.get('/accounts/signup/');
                answers.signup.push((await browser.submit('/accounts/signup/', {
                    email: `${unique('s')}@example.com`, password1: PASSWORD, password2: PASSWORD,
                    first_name: 'A', last_name: 'B', country: 'PE', role: '1', phone: '987654321',
                })).status);
            }
            const reset = send(0);
            await reset.get('/accounts/password/reset/');
            const { page } = reset;
            const ask = async (i) => {
                answers.reset.push((await reset.submit('/accounts/password/reset/',
                    { email: `y${i}@example.com` }, { page, headers: claim(i) })).status);
            };
            for (let i = 0; i < 302; i += 50)
                await Promise.all(Array.from({ length: Math.min(50, 302 - i) }, (_, k) => ask(i + k)));
            assert.deepEqual(answers.login, [422, 422, 422, 429, 429]);
            assert.deepEqual(answers.signup, [303, 303, 303, 429, 429]);
            assert.deepEqual([303, 429].map((status) =>
                answers.reset.filter((answer) => answer === status).length), [300, 2]);
        } finally {
            await own.stop();
        }
    });
});
