'use strict';
// Whatever is sent to a form, in both encodings: the right 4xx page in the site's own look, values
// kept (passwords and card data never), nothing changed, never a 500. The rows and their fields
// come from the sources, so a new form is tried as well.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const {
    PASSWORD, SLOW, addStudent, addWorkshop, bornYearsAgo, card, mustRedirect, signUp, start,
    unique,
} = require('../lib/shop.js');
const { multipart, urlencoded } = require('../lib/browser.js');
const { ADDRESSES, EXTRA_FIELDS, ROUTES, makeWorld } = require('./lib/routes.js');

let shop;
let world;
let visitor;

before(async () => {
    shop = await start({
        sandbox: true,
        settings: {
            signups_per_address: '100000', failed_logins_per_address: '100000',
            failed_logins_per_account: '1000', declined_cards_per_hour: '1000',
        },
    });
    world = await makeWorld(shop);
    await world.half.get('/accounts/login/code/');
    await world.family.get('/accounts/second-factor/');
    mustRedirect(await world.family.submit('/accounts/second-factor/'));
    visitor = shop.browser();
    await visitor.get('/accounts/login/');
});
after(() => shop.stop());

/** Values that a form takes, or takes as far as a password that is wrong. */
const GOOD = {
    '/accounts/signup/': () => ({
        email: `${unique('x')}@example.com`, password1: PASSWORD, password2: PASSWORD,
        first_name: 'Ana', last_name: 'Paz', country: 'PE', role: '3', phone: '987654321',
        school: 'PUCP', date_of_birth: bornYearsAgo(30), terms: '1',
    }),
    '/accounts/login/': () => ({ login: world.family.email, password: 'wrong' }),
    '/accounts/login/code/': () => ({ code: 'nothing' }),
    '/accounts/again/': () => ({ password: 'wrong' }),
    '/accounts/second-factor/enable/': () => ({ code: 'nothing' }),
    '/accounts/second-factor/disable/': () => ({ oldpassword: 'wrong' }),
    '/accounts/password/reset/': () => ({ email: `${unique('x')}@example.com` }),
    '/accounts/password/reset/key/{name}/': () => ({ password1: 'unas', password2: 'otras' }),
    '/accounts/password/change/': () => ({
        oldpassword: 'wrong', password1: 'otra frase nueva 1', password2: 'otra frase nueva 1',
    }),
    '/users/edit-profile/': () => ({
        first_name: 'Rosa', last_name: 'Paz', country: 'PE', phone: '987654321',
    }),
    '/users/close/': () => ({ password: 'wrong' }),
    '/users/student-create/': () => ({
        first_name: unique('Hijo'), last_name: 'Paz', date_of_birth: bornYearsAgo(8), school: 'IE',
    }),
    '/users/student-edit/{id}/': () => ({
        first_name: 'Hija', last_name: unique('Paz'), date_of_birth: bornYearsAgo(8), school: 'IE',
    }),
    '/users/add-self/': () => ({ date_of_birth: bornYearsAgo(30) }),
    '/store/checkout/{id}/': () => card('4242 4242 4242 4241', { terms: '1' }), // fails Luhn
    '/store/orders/{id}/report-payment/': () => ({ operation: unique() }),
};

const LONG = 'x'.repeat(5000);
const REFUSED = {
    DATE: ['abc', '31/12/2019', '2019-02-30', '2019-13-01', '0000-00-00', '2019-2-3', '20190203',
        '2019-02-03T00:00', '-2019-02-03', '9999-99-99', '2999-01-01', '1700-01-01', LONG],
    CHOICE: ['0', '9', '-1', 'abc', '1 OR 1=1', '1.0', '٣', LONG],
    EMAIL: ['x', 'a@', '@b.pe', 'a@b', 'a b@c.pe', 'a@b.pe, c@d.pe', 'a@b.pe\nBcc: c@d.pe',
        'a@@b.pe', '<a@b.pe>', `${'x'.repeat(300)}@b.pe`, LONG],
    PHONE: ['abc', '1', '9'.repeat(40), '12345', '(((((((', '987654321; DROP', LONG],
    INTEGER: ['abc', '1.5', '1e3', '٣', '9'.repeat(30), LONG],
    TEXT: [LONG],
    HIDDEN: [LONG],
    PASSWORD: ['x'.repeat(2000)],
    SECRET: ['x'.repeat(2000)],
    CHECK: [],
};
/** Odd, but nobody's business to refuse: taken or refused, shown as text, never as markup. */
const ODD = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE orders; --", '{{7*7}}', '${7*7}', '%s%n%x', '../../etc/passwd', '👩‍🚀 Ñandú',
    '\u202eevil', 'a\u0001b\u001b[31m', 'a\r\nSet-Cookie: x=1', '-1', ' ', '\u00a0', '\u200b',
    'null', 'NaN', '0'].slice(0, SLOW > 1 ? 5 : 99);
const BROKEN = {
    'bytes that are no UTF-8': Buffer.from([0x41, 0xff, 0xfe]),
    'an overlong form': Buffer.from([0xc0, 0xaf]),
    'half a surrogate': Buffer.from([0xed, 0xa0, 0x80]),
    'beyond Unicode': Buffer.from([0xf5, 0x80, 0x80, 0x80]),
    'a NUL byte': Buffer.from('a\0b'),
};

const posts = ROUTES.filter((row) => row.post);
const withFields = posts.filter((row) => row.fields.length);
const at = (row) => ADDRESSES[row.pattern](world);

/** Sends to a row as who may enter it; a sign-up or log-in that worked is forgotten. */
async function send(row, fields, options) {
    if (row.access === 'CODE') return world.half.post(at(row), fields, options);
    if (row.access !== 'ANYONE') return world.family.post(at(row), fields, options);
    const answer = await visitor.post(at(row), fields, options);
    visitor.cookies.delete('__Host-session');
    return answer;
}

function ownPage(answer, what) {
    assert.match(answer.headers['content-type'], /^text\/html/, what);
    assert.match(answer.body, /<main id="main"/, what);
    if (answer.status !== 422) assert.match(answer.main, /\b[0-9a-f]{16}\b/, `request id: ${what}`);
}

test('every form of the table has good values here', () => {
    assert.deepEqual(withFields.map((row) => row.pattern).sort(), Object.keys(GOOD).sort());
});

describe('a form with one bad field', () => {
    for (const row of withFields) {
        for (const field of row.fields) {
            test(`${row.pattern} ${field.name}`, async () => {
                let before = shop.state();
                const good = GOOD[row.pattern];
                const refused = (answer, value) => {
                    const what = `${field.name}=${JSON.stringify(value)?.slice(0, 60)}`;
                    assert.equal(answer.status, 422,
                        `${what}: ${answer.status} ${answer.location}`);
                    ownPage(answer, what);
                    assert.match(answer.body, /class="field-error|role="alert"/, what);
                    assert.match(answer.body, new RegExp(`action="${at(row)}"`), 'the form again');
                    for (const secret of row.fields.filter((f) => /PASSWORD|SECRET/.test(f.kind)))
                        assert.doesNotMatch(answer.body,
                            new RegExp(`name="${secret.name}"[^>]*value="[^"]`), secret.name);
                    const values = good();
                    for (const kept of ['first_name', 'last_name', 'phone', 'school', 'operation'])
                        if (values[kept] && kept !== field.name
                            && !/^(Hijo|Paz)?\d+x\d+$/.test(values[kept]))
                            assert.ok(answer.body.includes(`value="${values[kept]}"`),
                                `${kept} is kept`);
                };
                const bad = [...REFUSED[field.kind], ...(field.required ? [undefined, ''] : []),
                    ['1', '2']];
                for (const value of bad) {
                    for (const many of [false, true])
                        refused(await send(row, { ...good(), [field.name]: value },
                            { multipart: many }), value);
                }
                shop.unchanged(before);
                for (const [what, value] of Object.entries(BROKEN)) {
                    for (const many of [false, true]) {
                        const answer = await send(row, { ...good(), [field.name]: value },
                            { multipart: many });
                        assert.equal(answer.status, 400, `${what}: ${answer.status}`);
                        ownPage(answer, what);
                    }
                }
                shop.unchanged(before);
                for (const value of ODD) {
                    const answer = await send(row, { ...good(), [field.name]: value });
                    assert.ok([200, 303, 422].includes(answer.status),
                        `${value}: ${answer.status}`);
                    assert.ok(!answer.body.includes('<script>alert'), 'escaped');
                    assert.ok(!answer.body.includes('<img src=x'), 'escaped');
                    assert.ok(!answer.cookies.some((c) => c.startsWith('x=')),
                        'no header smuggled');
                    if (answer.location) assert.match(answer.location, /^\/(?![/\\])/);
                    if (answer.status === 422) shop.unchanged(before, value);
                    else before = shop.state();
                }
                for (const page of ['/users/profile/', '/users/student-create/',
                    '/store/order-summary/']) {
                    const seen = await world.family.get(page);
                    assert.equal(seen.status, 200);
                    assert.ok(!/<script>alert|<img src=x/.test(seen.body));
                }
            });
        }
    }
});

describe('a body that is no form', () => {
    for (const row of posts) {
        test(`to ${row.pattern}`, async () => {
            const { family } = world;
            const who = row.access === 'ANYONE' ? visitor : family;
            const before = shop.state();
            const path = at(row);
            const raw = (body, type, headers = {}) => who.request('POST', path, {
                body: Buffer.from(body),
                headers: { ...(type === undefined ? {} : { 'Content-Type': type }), ...headers },
            });
            const form = `csrf_token=${who.token}`;
            const URLENCODED = 'application/x-www-form-urlencoded';
            const boundary = 'multipart/form-data; boundary=b';
            const many = Array.from({ length: 3000 }, (_, i) => `f${i}=1`).join('&');
            const cases = [
                [415, form, 'text/plain'], [415, '{"csrf_token":1}', 'application/json'],
                [415, form, undefined], [415, form, ''],
                [415, form, 'application/x-www-form-urlencodedx'], [415, '<a/>', 'text/xml'],
                [415, form, URLENCODED, { 'Content-Encoding': 'gzip' }],
                [400, `${form}&a=%zz`, URLENCODED], [400, `${form}&a=%4`, URLENCODED],
                [400, `${form}&a=%00`, URLENCODED], [400, `${form}&%ff=1`, URLENCODED],
                [400, `${form}&${many}`, URLENCODED],
                [413, `${form}&a=${'x'.repeat(70000)}`, URLENCODED],
                [413, 'x'.repeat(200000), boundary],
                [400, form, 'multipart/form-data'], [400, form, 'multipart/form-data; boundary='],
                [400, form, boundary], [400, '--b\r\n', boundary],
                [400, '--b--', 'multipart/form-data'],
                [400, '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1', boundary],
                [400, '--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--\r\n', boundary],
            ];
            for (const [status, body, type, headers] of cases) {
                const answer = await raw(body, type, headers);
                const what = `${type} ${body.slice(0, 60)}`;
                assert.equal(answer.status, status, `${what}: ${answer.status}`);
                ownPage(answer, what);
            }
            shop.unchanged(before);
        });
    }

    test('with a file where text is expected', async () => {
        const { family } = world;
        const file = { filename: 'a.txt', type: 'text/plain', data: Buffer.from([0, 255, 1]) };
        const before = shop.state();
        const answer = await family.post('/users/student-create/', {
            first_name: file, last_name: 'Paz', date_of_birth: bornYearsAgo(8),
        }, { multipart: true });
        assert.equal(answer.status, 422);
        shop.unchanged(before);
    });

    test('with a length nobody has memory for is refused before it is read', async () => {
        const answer = await new Promise((resolve, reject) => {
            const sent = require('node:https').request(`${shop.url}/accounts/login/`, {
                method: 'POST', rejectUnauthorized: false,
                headers: {
                    'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': 10 ** 12,
                },
            }, (response) => { resolve(response.statusCode); sent.destroy(); });
            sent.on('error', reject);
            sent.write('a=1');
        });
        assert.equal(answer, 413);
    });
});

describe('a row that reads its fields by hand', () => {
    const tries = {
        '/store/add-to-cart/{name}/': [404, 422],
        '/store/change-student/{id}/': [404],
        '/language/': [303, 400],
    };

    test('is listed here', () => {
        assert.deepEqual(Object.keys(tries).sort(), Object.keys(EXTRA_FIELDS).sort());
        for (const row of posts.filter((r) => r.pattern in EXTRA_FIELDS))
            assert.equal(row.fields.length, 0);
    });

    for (const row of posts.filter((r) => r.pattern in EXTRA_FIELDS)) {
        test(`takes nonsense calmly: ${row.pattern}`, async () => {
            const before = shop.state();
            for (const name of EXTRA_FIELDS[row.pattern]) {
                for (const value of [undefined, '', LONG, ...ODD.slice(0, 8), '-1']) {
                    const answer = await world.family.post(at(row), { [name]: value });
                    assert.ok(tries[row.pattern].includes(answer.status),
                        `${name}=${value}: ${answer.status}`);
                    if (answer.location) assert.match(answer.location, /^\/(?![/\\])/);
                    else ownPage(answer, name);
                }
                for (const value of Object.values(BROKEN))
                    assert.equal((await world.family.post(at(row), { [name]: value })).status, 400);
            }
            shop.unchanged(before);
        });
    }
});

describe('forged hidden fields', () => {
    test('make nobody staff, active, older or another person at sign-up', async () => {
        const forged = await signUp(shop, {
            terms: '1', staff_role: 'owner', is_active: '0', id: '1', role: '1', created_at: '1',
            email_confirmed_at: '1', language: 'xx', password_hash: 'x',
        });
        assert.deepEqual(shop.sql(`SELECT staff_role, is_active, role, email_confirmed_at
            FROM account WHERE id = ${forged.account}`),
        [{ staff_role: null, is_active: 1, role: 1, email_confirmed_at: null }]);
    });

    test('do not change e-mail, role or rank in the profile', async () => {
        const { family } = world;
        await family.get('/users/edit-profile/');
        mustRedirect(await family.submit('/users/edit-profile/', {
            email: 'other@example.com', role: '2', staff_role: 'owner', is_active: '0', id: '1',
            password1: 'una frase robada 1', country: 'PE',
        }));
        assert.deepEqual(shop.sql(`SELECT email, role, staff_role, is_active FROM account
            WHERE id = ${family.account}`),
        [{ email: family.email, role: 1, staff_role: null, is_active: 1 }]);
    });

    test('do not give a child to another family', async () => {
        const other = await signUp(shop, { terms: '1' });
        const rosa = await signUp(shop, { terms: '1' });
        const child = await addStudent(rosa,
            { parent_id: String(other.account), slug: 'chosen', id: '99999', is_self: '1' });
        assert.deepEqual(shop.sql(`SELECT parent_id, is_self FROM student WHERE id = ${child.id}`),
            [{ parent_id: rosa.account, is_self: 0 }]);
        assert.notEqual(child.slug, 'chosen');
    });

    test('do not set the price or the end of a hold', async () => {
        const other = await signUp(shop, { terms: '1' });
        const child = await addStudent(other);
        const slug = addWorkshop(shop, { price_cents: 18000 });
        await other.get(`/workshops/${slug}/`);
        mustRedirect(await other.submit(`/store/add-to-cart/${slug}/`, {
            price: '1', price_cents: '1', hold_until: '9999999999', quantity: '0', order_id: '1',
        }));
        const seat = shop.sql(`SELECT i.price_cents, i.hold_until FROM inscription i JOIN orders o
            ON o.id = i.order_id WHERE o.account_id = ${other.account}`)[0];
        assert.equal(seat.price_cents, 18000);
        assert.ok(seat.hold_until < 9999999999);
    });
});

describe('around a request', () => {
    test('addresses that are broken are 4xx in the own look', async () => {
        for (const [path, ...statuses] of [['/workshops/?q=%ff', 400], ['/workshops/?q=%00', 400],
            ['/workshops/?%zz', 400], ['/%ff/', 400], ['/%00/', 400],
            ['/workshops/%2e%2e/', 404, 400], [`/workshops/?q=${'x'.repeat(3000)}`, 200, 414],
            [`/${'x'.repeat(20000)}/`, 414, 431],
            [`/workshops/?${'a=1&'.repeat(2000)}`, 400, 414]]) {
            const answer = await visitor.get(path);
            assert.ok(statuses.includes(answer.status), `${path.slice(0, 40)}: ${answer.status}`);
            if (answer.status !== 200) ownPage(answer, path.slice(0, 40));
        }
    });

    test('cookies that are garbage count as none', async () => {
        const good = world.family.cookies.get('__Host-session');
        for (const cookie of ['__Host-session=', '__Host-session=x',
            `__Host-session=${'x'.repeat(3000)}`,
            `__Host-session=${good}x`, `__Host-session=${good.slice(0, -1)}`, '__Host-session',
            '__Host-session=%00', `__Host-session="${good}"x`, '=;=;=', ';;;;',
            '__Host-flash=x.y; __Host-csrf=..; __Host-language=xx', `x=${'y'.repeat(6000)}`]) {
            const bare = shop.browser({ headers: { Cookie: cookie } });
            assert.equal((await bare.get('/users/profile/')).status, 303, cookie.slice(0, 60));
            assert.equal((await bare.get('/')).status, 200, cookie.slice(0, 60));
            assert.equal((await bare.get('/accounts/login/')).status, 200, cookie.slice(0, 60));
        }
    });

    test('headers that are nonsense do no harm', async () => {
        for (const headers of [{ 'Accept-Language': ',;q=9,*;q=x' },
            { 'Accept-Language': 'x'.repeat(4000) },
            { 'Accept-Encoding': 'br;q=0, gzip;q=nan, \u00ff' }, { 'If-None-Match': '"' },
            { 'If-Modified-Since': 'yesterday' }, { Range: 'bytes=9999999-1' },
            { 'X-Forwarded-For': 'x' },
            { Authorization: 'Bearer ' }, { Origin: 'x' }, { 'Sec-Fetch-Site': 'x' },
            { Referer: 'javascript:alert(1)' }, { 'User-Agent': '<script>' }])
            assert.equal((await visitor.get('/', { headers })).status, 200,
                JSON.stringify(headers));
    });

    test('urlencoded and multipart mean the same', () => {
        assert.match(urlencoded({ a: 'ñ b' }).body.toString(), /a=%C3%B1%20b/);
        assert.match(multipart({ a: 'ñ b' }).body.toString(), /name="a"\r\n\r\nñ b\r\n/);
    });
});
