'use strict';
// What holds of every address, derived from the route table: a row that is added is tested here at
// once, and one that has no address in lib/routes.js fails.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { bornYearsAgo, signUp, start } = require('../lib/shop.js');
const { ADDRESSES, ROUTES, makeWorld } = require('./lib/routes.js');

const GOOD_HEADERS = {
    'x-content-type-options': /^nosniff$/,
    'x-frame-options': /^DENY$/,
    'referrer-policy': /^same-origin$/,
    'content-security-policy': /default-src 'none'/,
    'cross-origin-opener-policy': /^same-origin$/,
    'permissions-policy': /camera=\(\)/,
};

let shop;
let world;
let other;
let visitor;

before(async () => {
    shop = await start({ sandbox: true });
    world = await makeWorld(shop);
    other = await signUp(shop, { terms: '1' });
    await other.get('/users/profile/');
    visitor = shop.browser();
    await visitor.get('/accounts/login/');
});
after(() => shop.stop());

const at = (row) => ADDRESSES[row.pattern](world);
const gets = ROUTES.filter((row) => row.get);
const posts = ROUTES.filter((row) => row.post);
const numbered = ROUTES.filter((row) => row.pattern.includes('{id}'));

function securityHeaders(answer, what) {
    for (const [name, pattern] of Object.entries(GOOD_HEADERS))
        assert.match(answer.headers[name] ?? '(none)', pattern, `${name} of ${what}`);
    assert.ok(!('strict-transport-security' in answer.headers), `self-signed: ${what}`);
    assert.ok(!('server' in answer.headers) && !('x-powered-by' in answer.headers), what);
    assert.ok(answer.headers['cache-control'], `Cache-Control of ${what}`);
}

/** A page of ours, with a request id where it tells of an error. */
function ownLook(answer, what, explained = false) {
    assert.match(answer.headers['content-type'], /^text\/html; charset=utf-8$/, what);
    assert.match(answer.body, /<link rel="stylesheet"/, what);
    assert.match(answer.body, /<main id="main"/, what);
    if (answer.status !== 422 && answer.status >= 400 && !explained)
        assert.match(answer.main, /\b[0-9a-f]{16}\b/, `request id of ${what}`);
}

test('every row of the table has an address here, and every address a row', () => {
    assert.deepEqual(Object.keys(ADDRESSES).sort(), ROUTES.map((row) => row.pattern).sort());
});

test('every row that shows something does', async () => {
    for (const row of gets) {
        const who = { ANYONE: visitor, CODE: world.half }[row.access] ?? world.family;
        const answer = await who.get(at(row));
        assert.equal(answer.status, 200, `${at(row)}: ${answer.main}`);
        securityHeaders(answer, at(row));
        assert.ok(answer.raw.length > 0);
    }
});

describe('a visitor on a protected row', () => {
    for (const row of ROUTES.filter((r) => r.access !== 'ANYONE')) {
        test(`is sent to log in: ${row.pattern}`, async () => {
            const path = at(row);
            const before = shop.state();
            const next = (answer) => {
                assert.equal(answer.status, 303, path);
                assert.match(answer.location, /^\/accounts\/login\/\?next=[^&]+$/);
                securityHeaders(answer, path);
                return decodeURIComponent(answer.location.split('next=')[1]);
            };
            if (row.get) {
                assert.equal(next(await visitor.get(path)), path);
                assert.equal(next(await visitor.get(`${path}?a=1&b=%C3%B1`)),
                    `${path}?a=1&b=%C3%B1`);
                assert.equal(next(await visitor.head(path)), path);
            }
            if (row.post) {
                const id = path.match(/\/([^/]+)\/(?:[a-z-]+\/)?$/)[1];
                const back = row.back?.replace(/\{\w+\}/, id) ?? (row.get ? path : '/');
                for (const token of [null, '', visitor.token, world.family.token])
                    assert.equal(next(await visitor.post(path, { student: 'x' }, { token })), back);
                assert.equal(next(await visitor.post(path, {}, { multipart: true })), back);
            }
            shop.unchanged(before);
        });
    }
});

describe('a changing request that does not come from our own page', () => {
    for (const row of posts.filter((r) => r.csrf === 'SESSION')) {
        test(`is 403 and changes nothing: ${row.pattern}`, async () => {
            const path = at(row);
            const before = shop.state();
            const { family } = world;
            const fields = Object.fromEntries(row.fields.map((f) => [f.name, '1']));
            const tries = {
                'no token': [fields, { token: null }],
                'an empty token': [fields, { token: '' }],
                'the token of another family': [fields, { token: other.token }],
                'the token of a visitor': [fields, { token: visitor.token }],
                'a longer token': [fields, { token: `${family.token}x` }],
                'a shorter token': [fields, { token: family.token.slice(0, -1) }],
                'the token in a header': [fields,
                    { token: null, headers: { 'X-CSRF-Token': family.token } }],
            };
            for (const [what, [values, options]] of Object.entries(tries)) {
                for (const multipart of [false, true]) {
                    const answer = await family.post(path, values, { ...options, multipart });
                    assert.equal(answer.status, 403, what);
                    ownLook(answer, what);
                    securityHeaders(answer, what);
                }
            }
            const query = await family.post(`${path}?csrf_token=${family.token}`, fields,
                { token: null });
            assert.equal(query.status, 403, 'the token in the address');
            shop.unchanged(before);
        });
    }

    for (const row of posts.filter((r) => r.csrf === 'COOKIE')) {
        test(`is 403 for visitors too: ${row.pattern}`, async () => {
            const path = at(row);
            const before = shop.state();
            const fields = Object.fromEntries(row.fields.map((f) => [f.name, '1']));
            const stranger = shop.browser();
            await stranger.get('/accounts/login/');
            const bare = shop.browser();
            const forged = shop.browser();
            const [token, tag] = visitor.cookies.get('__Host-csrf').split('.');
            forged.cookies.set('__Host-csrf', `${token}x.${tag}`);
            for (const [what, browser, own] of [['no token', visitor, null],
                ['an empty one', visitor, ''], ['one of another browser', visitor, stranger.token],
                ['no cookie', bare, visitor.token], ['a forged pair', forged, `${token}x.${tag}`],
                ['the token of a family', visitor, world.family.token]])
                assert.equal((await browser.post(path, fields, { token: own })).status, 403, what);
            shop.unchanged(before);
        });
    }

    for (const row of posts.filter((r) => r.csrf === 'ORIGIN')) {
        test(`is 403 by its origin: ${row.pattern}`, async () => {
            const send = (headers) => world.family.post(at(row),
                { language: 'en', next: '/' }, { token: null, headers });
            const before = shop.state();
            for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' },
                { 'Sec-Fetch-Site': 'same-site' },
                { Origin: 'https://evil.example' }, { Origin: 'null' },
                { Origin: `${shop.url}.evil.example` },
                { Origin: shop.url, 'Sec-Fetch-Site': 'cross-site' }])
                assert.equal((await send(headers)).status, 403, JSON.stringify(headers));
            shop.unchanged(before);
            for (const headers of [{ 'Sec-Fetch-Site': 'same-origin' }, { Origin: shop.url }, {}])
                assert.equal((await send(headers)).status, 303, JSON.stringify(headers));
        });
    }
});

describe('a method that a row does not answer', () => {
    for (const row of ROUTES) {
        test(`is 405 with Allow: ${row.pattern}`, async () => {
            const allow = [...(row.get ? ['GET', 'HEAD'] : []), ...(row.post ? ['POST'] : [])];
            const before = shop.state();
            for (const who of [visitor, world.family]) {
                for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS',
                    'TRACE', 'PROPFIND']) {
                    if (allow.includes(method)) continue;
                    const answer = await who.request(method, at(row), method === 'POST'
                        ? { body: Buffer.from('a=1'),
                            headers: { 'Content-Type': 'application/x-www-form-urlencoded' } } : {});
                    assert.equal(answer.status, 405, `${method} ${at(row)}`);
                    assert.deepEqual(answer.headers.allow.split(', ').sort(), allow.sort());
                    if (method !== 'HEAD') ownLook(answer, `${method} ${at(row)}`);
                    securityHeaders(answer, `${method} ${at(row)}`);
                }
            }
            shop.unchanged(before);
        });
    }
});

describe('HEAD', () => {
    for (const row of gets) {
        test(`says what GET says, without the body: ${row.pattern}`, async () => {
            const quiet = (headers) => Object.fromEntries(Object.entries(headers)
                .filter(([name]) => !['date', 'set-cookie'].includes(name)));
            for (const who of [visitor, world.family]) {
                const [get, head] = [await who.get(at(row)), await who.head(at(row))];
                assert.equal(head.status, get.status);
                assert.deepEqual(quiet(head.headers), quiet(get.headers));
                assert.equal(head.raw.length, 0);
                assert.equal(Number(head.headers['content-length']), get.raw.length);
            }
        });
    }

    test('works on embedded files and on errors too', async () => {
        const css = (await visitor.get('/')).body.match(/\/static\/css\/site\.[0-9a-f]+\.css/)[0];
        const [get, head] = [await visitor.get(css), await visitor.head(css)];
        assert.equal(head.status, 200);
        assert.equal(head.headers['content-length'], String(get.raw.length));
        assert.equal((await visitor.head('/nothing/')).status, 404);
    });
});

describe('an address', () => {
    for (const row of ROUTES.filter((r) => r.pattern.endsWith('/') && r.pattern !== '/')) {
        test(`without its final slash leads there: ${row.pattern}`, async () => {
            const path = at(row).slice(0, -1);
            for (const who of [visitor, world.family]) {
                for (const method of ['GET', 'HEAD']) {
                    const answer = await who.request(method, path);
                    assert.equal(answer.status, 301);
                    assert.equal(answer.location, `${path}/`);
                    securityHeaders(answer, path);
                }
                assert.equal((await who.get(`${path}?a=b&c=%20d`)).location, `${path}/?a=b&c=%20d`);
            }
        });
    }

    for (const row of numbered) {
        test(`with a malformed or unknown id is 404: ${row.pattern}`, async () => {
            const { family } = world;
            const before = shop.state();
            const fields = Object.fromEntries(row.fields.map((f) => [f.name,
                f.kind === 'DATE' ? bornYearsAgo(8) : '1']));
            for (const id of ['abc', '0', '-1', '+1', '1.0', '1e3', '01', ' 1', '1 ', '0x1', '١',
                '1;DROP TABLE orders', "1'", '%2e%2e', '99999999999999999999', '999999999999999999',
                '123456789', 'true', 'null']) {
                const path = row.pattern.replace('{id}', encodeURIComponent(id))
                    .replace('{id}', '1');
                for (const who of [family, visitor]) {
                    for (const answer of [row.get && await who.get(path),
                        row.post && await who.post(path, fields)].filter(Boolean)) {
                        const known = /^[1-9][0-9]{0,17}$/.test(id);
                        assert.equal(answer.status, known && who === visitor ? 303 : 404,
                            `${path}: ${answer.status}`);
                        if (answer.status === 404) ownLook(answer, path);
                    }
                }
            }
            shop.unchanged(before);
        });
    }

    for (const row of ROUTES.filter((r) => r.pattern.includes('{name}'))) {
        test(`with an unknown or malformed name is 404: ${row.pattern}`, async () => {
            const { family } = world;
            const before = shop.state();
            for (const name of ['nothing', 'a'.repeat(100), 'a'.repeat(101), 'a'.repeat(3000),
                '..%2f..', '%3Cscript%3E', 'a%20b', '%C3%B1', "'%20OR%201=1--", '%252e']) {
                const path = row.pattern.replaceAll('{name}', name);
                const answers = [row.get && await family.get(path), row.post
                    && await family.post(path,
                        { student: world.child.slug, password1: 'una frase nueva 1',
                        password2: 'una frase nueva 1' })].filter(Boolean);
                for (const answer of answers) {
                    // A slash that hides is refused before any row is looked for.
                    assert.equal(answer.status, /%2f/i.test(name) ? 400 : 404, path);
                    ownLook(answer, path, /[/](confirm-email|key)[/]/.test(path));
                }
            }
            shop.unchanged(before);
        });
    }

    test('that nobody has declared is 404, by any method, with a page of ours', async () => {
        for (const path of ['/nothing/', '/nothing', '/workshops/a/b/', '/.git/config',
            '/taller.db', '/admin', '/admin/', '/admin/orders/1/confirm/', '/static/../taller.db',
            '/static/nothing.css', '/index.php', '/wp-login.php', '/%', '/a%2fb/', '/accounts/',
            '/users/', '/store/', '/favicon.ico', '/workshops//', '//', '//evil.example/',
            '/\\evil.example/']) {
            for (const who of [visitor, world.family]) {
                const answer = await who.get(path);
                assert.ok([400, 404].includes(answer.status)
                    || (path.startsWith('/admin') && [301, 303].includes(answer.status)),
                `${path}: ${answer.status} ${answer.location}`);
                if (answer.location)
                    assert.match(answer.location, /^\/[^/\\]/, path);
                if (answer.status === 404) ownLook(answer, path);
            }
        }
        for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND'])
            assert.equal((await visitor.request(method, '/nothing/')).status, 404, method);
    });
});

test('pages for visitors are the same for all: no token, no cookie', async () => {
    for (const row of ROUTES.filter((r) => r.cached)) {
        const one = await shop.browser().get(at(row));
        assert.deepEqual(one.cookies, [], row.pattern);
        assert.equal(one.csrf, '', row.pattern);
        assert.match(one.headers['cache-control'], /private|no-store|no-cache/);
        const signedIn = await world.family.get(at(row));
        assert.match(signedIn.headers['cache-control'], /no-store|private/);
        assert.match(signedIn.main, /./);
        const again = await shop.browser().get(at(row));
        assert.equal(again.body, one.body, `${row.pattern} after a family looked`);
    }
});

test('what only its owner may see is kept by no cache', async () => {
    for (const row of gets.filter((r) => r.access !== 'ANYONE'))
        assert.equal((await world.family.get(at(row))).headers['cache-control'], 'no-store',
            row.pattern);
});
