'use strict';
// Who is who: sessions and their cookies, the ways in and out, what a stranger may learn, limits.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { after, before, describe, test } = require('node:test');
const {
    PASSWORD, addStudent, addWorkshop, logIn, mustRedirect, now, quote, request, signUp,
    start, unique, until,
} = require('../lib/shop.js');
const { hire } = require('../lib/staff.js');
const { askReset, mailedToken, setSecondFactor } = require('./lib/routes.js');
const { totp } = require('./lib/totp.js');

let shop;
before(async () => { shop = await start({ sandbox: true }); });
after(() => shop.stop());

const SESSION = '__Host-session';
const cookieOf = (browser) => browser.cookies.get(SESSION);
const line = (answer, name = SESSION) => answer.cookies.find((c) => c.startsWith(`${name}=`));

/** Is this cookie a session? */
async function works(cookie) {
    const browser = shop.browser({ headers: { Cookie: `${SESSION}=${cookie}` } });
    const { status } = await browser.get('/users/profile/');
    assert.ok([200, 303].includes(status));
    return status === 200;
}

describe('the session’s cookie', () => {
    test('is __Host-, HttpOnly, Secure, SameSite=Lax, 256 random bits, short', async () => {
        const rosa = await signUp(shop);
        const entered = mustRedirect(await logIn(shop.browser(), rosa.email, PASSWORD));
        const words = line(entered).split('; ');
        assert.match(words[0], /^__Host-session=[A-Za-z0-9_-]{43}$/);
        assert.deepEqual(words.slice(1).sort(), ['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
    });

    test('lasts 30 days where the person asked to be remembered', async () => {
        const rosa = await signUp(shop);
        const entered = mustRedirect(await logIn(shop.browser(), rosa.email, PASSWORD,
            { remember: '1' }));
        assert.match(line(entered), /; Max-Age=2592000(;|$)/);
        const { expires_at: ends, remember } = shop.sql(`SELECT expires_at, remember FROM session
            WHERE account_id = ${rosa.account} ORDER BY created_at DESC, remember DESC LIMIT 1`)[0];
        assert.equal(remember, 1);
        assert.ok(Math.abs(ends - now() - 30 * 86400) < 120);
    });

    test('is stored as a hash only', async () => {
        const rosa = await signUp(shop);
        const token = cookieOf(rosa);
        const rows = shop.sql(`SELECT hex(token_hash) AS hash FROM session
            WHERE account_id = ${rosa.account}`);
        assert.equal(rows.length, 1);
        assert.equal(rows[0].hash.length, 64);
        for (const file of [shop.db, `${shop.db}-wal`])
            assert.equal(require('node:fs').readFileSync(file).indexOf(token), -1);
        assert.ok(!JSON.stringify(shop.log).includes(token));
    });

    test('every cookie the shop ever sets has those attributes', async () => {
        const rosa = shop.browser();
        const seen = [];
        const note = (answer) => { seen.push(...answer.cookies); return answer; };
        note(await rosa.get('/accounts/signup/'));
        note(await rosa.submit('/accounts/signup/', {
            email: `${unique('c')}@example.com`, password1: PASSWORD, password2: PASSWORD,
            first_name: 'A', last_name: 'B', country: 'PE', role: '1', phone: '987654321',
        }));
        note(await rosa.get('/users/profile/'));
        note(await rosa.post('/language/', { language: 'en' }));
        await rosa.get('/accounts/logout/');
        note(await rosa.submit('/accounts/logout/'));
        note(await rosa.get('/'));
        const names = new Set(seen.map((c) => c.split('=')[0]));
        assert.deepEqual([...names].sort(),
            ['__Host-browser', '__Host-csrf', '__Host-flash', '__Host-language', SESSION]);
        for (const cookie of seen) {
            for (const word of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax'])
                assert.ok(cookie.split('; ').includes(word), cookie);
            assert.ok(!/Domain=/i.test(cookie), cookie);
        }
    });

    test('is the only one looked at: tampered or swapped ones are visitors’', async () => {
        const rosa = await signUp(shop);
        const good = cookieOf(rosa);
        const flip = (at) => `${good.slice(0, at)}${good[at] === 'A' ? 'B' : 'A'}`
            + good.slice(at + 1);
        const flips = Array.from(good, (_, at) => flip(at));
        const cut = Array.from(good, (_, at) => good.slice(0, at));
        for (const bad of [...flips, ...cut, good.toLowerCase(), String(rosa.account), rosa.email,
            `${good}.${good}`, `${rosa.account}.${good}`, rosa.token, good.slice(1),
            `${good}A`, `${good}=`, ` ${good}x`, crypto.randomBytes(32).toString('base64url'),
            shop.value(`SELECT lower(hex(token_hash)) FROM session WHERE account_id = ${rosa.account}`)])
            assert.equal(await works(bad), false, bad);
        assert.equal(await works(good), true);
    });
});

test('a message for the next page is shown as we signed it, or not at all', async () => {
    const rosa = await signUp(shop);
    await rosa.get('/users/edit-profile/');
    await rosa.submit('/users/edit-profile/');
    const flash = rosa.cookies.get('__Host-flash');
    const says = async (value) => {
        const browser = shop.browser({ headers: { Cookie: `__Host-flash=${value}` } });
        return /class="flash|role="(status|alert)"/.test((await browser.get('/accounts/login/')).body);
    };
    assert.ok(flash && await says(flash));
    for (const bad of [flash.slice(0, -1), `${flash}A`, flash.toLowerCase(), flash.replace(/^./, (c) =>
        (c === 'A' ? 'B' : 'A')), 'success.PHNjcmlwdD4.AAAAAAAAAAAAAAAAAAAAAA', '<script>alert(1)</script>', '.', ''])
        assert.equal(await says(bad), false, bad);
});

describe('a session', () => {
    test('is new at every log-in, and the browser’s old one ends', async () => {
        const rosa = await signUp(shop);
        const first = cookieOf(rosa);
        const csrf = (await rosa.get('/users/profile/')).csrf;
        // The log-in form again, with the old cookie still there.
        const visitor = shop.browser();
        await visitor.get('/accounts/login/');
        visitor.cookies.set(SESSION, first);
        mustRedirect(await visitor.post('/accounts/login/',
            { login: rosa.email, password: PASSWORD }));
        assert.notEqual(cookieOf(visitor), first);
        assert.equal(await works(first), false);
        assert.equal(await works(cookieOf(visitor)), true);
        assert.notEqual((await visitor.get('/users/profile/')).csrf, csrf);
    });

    test('cannot be fixed beforehand by somebody else', async () => {
        const rosa = await signUp(shop);
        const planted = crypto.randomBytes(32).toString('base64url');
        const victim = shop.browser();
        victim.cookies.set(SESSION, planted);
        mustRedirect(await logIn(victim, rosa.email, PASSWORD));
        assert.notEqual(cookieOf(victim), planted);
        assert.equal(await works(planted), false);

        const fresh = shop.browser();
        fresh.cookies.set(SESSION, planted);
        await signUp(shop, {}, fresh);
        assert.notEqual(cookieOf(fresh), planted);
        assert.equal(await works(planted), false);
    });

    test('of somebody else is not left in the browser when another logs in', async () => {
        const [rosa, carla] = [await signUp(shop), await signUp(shop)];
        const hers = cookieOf(rosa);
        const both = shop.browser();
        await both.get('/accounts/login/');
        both.cookies.set(SESSION, hers);
        mustRedirect(await both.post('/accounts/login/',
            { login: carla.email, password: PASSWORD }));
        assert.match((await both.get('/users/profile/')).body, new RegExp(carla.email));
        assert.equal(await works(hers), false, 'the session left behind has ended');
    });

    test('ends at log-out, by POST alone', async () => {
        const rosa = await signUp(shop);
        const old = cookieOf(rosa);
        const asks = await rosa.get('/accounts/logout/');
        assert.equal(asks.status, 200);
        assert.equal(await works(old), true, 'GET only asks');
        const out = mustRedirect(await rosa.submit('/accounts/logout/'));
        assert.match(line(out), /^__Host-session=;.*Max-Age=0/);
        assert.equal(await works(old), false);
        assert.equal(rosa.cookies.has(SESSION), false);
        assert.equal((await rosa.post('/users/student-create/', { first_name: 'x' })).status, 303);
    });

    test('ends by itself, and is renewed while it is used', async () => {
        const rosa = await signUp(shop);
        const mine = `account_id = ${rosa.account}`;
        shop.sql(`UPDATE session SET seen_at = ${now() - 700}, expires_at = ${now() + 60}
            WHERE ${mine}`);
        assert.equal((await rosa.get('/users/profile/')).status, 200);
        await until(() =>
            shop.value(`SELECT expires_at FROM session WHERE ${mine}`) > now() + 40000);
        shop.sql(`UPDATE session SET expires_at = ${now() - 1} WHERE ${mine}`);
        assert.equal((await rosa.get('/users/profile/')).status, 303);
    });

    test('ends everywhere else when the password changes, and gets a new token here', async () => {
        const rosa = await signUp(shop);
        const elsewhere = shop.browser();
        mustRedirect(await logIn(elsewhere, rosa.email, PASSWORD, { remember: '1' }));
        const [here, there] = [cookieOf(rosa), cookieOf(elsewhere)];
        const csrf = (await rosa.get('/accounts/password/change/')).csrf;
        const next = 'un tren azul sale a las siete';
        mustRedirect(await rosa.submit('/accounts/password/change/',
            { oldpassword: PASSWORD, password1: next, password2: next }));
        assert.equal(await works(here), false);
        assert.equal(await works(there), false);
        assert.equal(await works(cookieOf(rosa)), true);
        assert.notEqual((await rosa.get('/users/profile/')).csrf, csrf);
        assert.equal((await rosa.post('/users/edit-profile/', {}, { token: csrf })).status, 403,
            'the token before the change is dead');
        assert.equal((await logIn(shop.browser(), rosa.email, PASSWORD)).status, 422);
        mustRedirect(await logIn(shop.browser(), rosa.email, next));
    });

    test('ends when staff change the role, switch off or take off a second factor, for good', async () => {
        const owner = await hire(shop, 'owner');
        const deeds = {
            role: [() => hire(shop, 'manager'), 'role/', { staff_role: 'desk' }],
            disable: [() => signUp(shop), 'disable/', {}],
            factor: [() => hire(shop, 'desk'), 'second-factor/', {}],
        };
        for (const [what, [make, path, fields]] of Object.entries(deeds)) {
            const person = await make();
            if (what === 'factor') setSecondFactor(shop, person.account);
            const [here, there] = [cookieOf(person), shop.browser()];
            await there.get('/accounts/login/');
            mustRedirect(await there.submit('/accounts/login/', { login: person.email, password: PASSWORD }));
            const old = [here, cookieOf(there)];
            assert.equal(await works(here), true, what);
            await owner.get('/admin/');
            mustRedirect(await owner.post(`/admin/accounts/${person.account}/${path}`, fields));
            for (const cookie of old) assert.equal(await works(cookie), false, what);
            if (what === 'disable') // and does not come back with the account
                mustRedirect(await owner.post(`/admin/accounts/${person.account}/enable/`));
            for (const cookie of old) assert.equal(await works(cookie), false, what);
            mustRedirect(await logIn(shop.browser(), person.email, PASSWORD), /^\/users\/profile\//);
        }
    });

    test('of before the code is none after it, nor is one that waits ever whole', async () => {
        const rosa = await signUp(shop);
        const secret = setSecondFactor(shop, rosa.account);
        const half = shop.browser();
        mustRedirect(await logIn(half, rosa.email, PASSWORD), /^\/accounts\/login\/code\//);
        const waiting = cookieOf(half);
        assert.equal(await works(waiting), false);
        await half.get('/accounts/login/code/');
        const before = half.token;
        mustRedirect(await half.submit('/accounts/login/code/', { code: totp(secret) }));
        assert.notEqual(cookieOf(half), waiting);
        assert.equal(await works(waiting), false);
        assert.equal(await works(cookieOf(half)), true);
        assert.equal((await half.post('/users/edit-profile/', {}, { token: before })).status, 403);
    });

    test('ends everywhere when the password is reset', async () => {
        const rosa = await signUp(shop);
        const token = await askReset(shop, rosa.email);
        const old = cookieOf(rosa);
        const visitor = shop.browser();
        const address = `/accounts/password/reset/key/${token}/`;
        assert.equal((await visitor.get(address)).status, 200);
        const next = 'siete gatos bailan en marzo';
        mustRedirect(await visitor.submit(address, { password1: next, password2: next }));
        assert.equal(await works(old), false);
        mustRedirect(await logIn(shop.browser(), rosa.email, next));
        assert.equal((await logIn(shop.browser(), rosa.email, PASSWORD)).status, 422);
    });
});

describe('a reset link', () => {
    test('works once, for an hour, the newest one only, and looking at it does not use it up',
        async () => {
            const rosa = await signUp(shop);
            const first = await askReset(shop, rosa.email);
            const visitor = shop.browser();
            await visitor.get('/accounts/password/reset/');
            mustRedirect(await visitor.submit('/accounts/password/reset/', { email: rosa.email }));
            const second = await until(() => {
                const token = mailedToken(shop, rosa.email, '/accounts/password/reset/key/');
                return token !== first && token;
            });
            const at = (token) => `/accounts/password/reset/key/${token}/`;
            assert.equal((await visitor.get(at(first))).status, 404);
            for (let i = 0; i < 3; i++) assert.equal((await visitor.get(at(second))).status, 200);
            const weak = await visitor.submit(at(second),
                { password1: 'short', password2: 'short' });
            assert.equal(weak.status, 422, 'a refused password leaves the link alive');
            shop.sql(`UPDATE one_time_link SET expires_at = ${now() - 1}
                WHERE account_id = ${rosa.account}`);
            assert.equal((await visitor.get(at(second))).status, 404);
            const next = 'nueve lunas de papel';
            assert.equal((await visitor.post(at(second),
                { password1: next, password2: next })).status,
                404);
            shop.sql(`UPDATE one_time_link SET expires_at = ${now() + 100}
                WHERE account_id = ${rosa.account} AND used_at IS NULL`);
            await visitor.get(at(second));
            mustRedirect(await visitor.submit(at(second), { password1: next, password2: next }));
            const again = 'diez lunas de carton';
            assert.equal((await visitor.post(at(second),
                { password1: again, password2: again })).status,
                404);
            assert.equal((await logIn(shop.browser(), rosa.email, again)).status, 422);
            mustRedirect(await logIn(shop.browser(), rosa.email, next));
        });

    test('is stored as a hash, lives an hour, and never uses the Host header', async () => {
        const rosa = await signUp(shop);
        const visitor = shop.browser();
        await visitor.get('/accounts/password/reset/');
        for (const headers of [{ Host: 'evil.example' }, { 'X-Forwarded-Host': 'evil.example' },
            { Forwarded: 'host=evil.example' }])
            mustRedirect(await visitor.post('/accounts/password/reset/', { email: rosa.email },
                { headers }));
        await until(() => shop.value(`SELECT count(*) FROM outbox
            WHERE recipient = ${quote(rosa.email)}`) >= 3);
        const mails = shop.sql(`SELECT body_text, body_html FROM outbox
            WHERE recipient = ${quote(rosa.email)}`);
        for (const mail of mails) {
            assert.ok(!JSON.stringify(mail).includes('evil'));
            assert.ok(mail.body_text.includes(`${shop.url}/accounts/password/reset/key/`));
        }
        const link = shop.sql(`SELECT length(token_hash) AS size, expires_at - created_at AS life
            FROM one_time_link WHERE account_id = ${rosa.account}`)[0];
        assert.deepEqual(link, { size: 32, life: 3600 });
    });

    test('is not made for nobody, nor for who is switched off', async () => {
        const rosa = await signUp(shop);
        shop.sql(`UPDATE account SET is_active = 0 WHERE id = ${rosa.account}`);
        const before = shop.value('SELECT count(*) FROM outbox');
        const visitor = shop.browser();
        for (const email of [rosa.email, `${unique('nobody')}@example.com`]) {
            await visitor.get('/accounts/password/reset/');
            mustRedirect(await visitor.submit('/accounts/password/reset/', { email }));
        }
        await visitor.get('/readyz'); // a write behind the ones before
        assert.equal(shop.value('SELECT count(*) FROM outbox'), before);
    });
});

describe('where a log-in leads', () => {
    const outside = ['//evil.example', '///evil.example', 'https://evil.example', '/\\evil.example',
        '\\\\evil.example', '/\t/evil.example', '/\n/evil.example', ' //evil.example',
        'javascript:alert(1)', 'evil.example', '', '/%0d%0aSet-Cookie:x=1/\r\nX: y',
        '/\u00a0/evil', 'https:evil.example', `/${'x'.repeat(2000)}`, '@evil.example',
        '/.//evil.example', '/..//evil.example'];

    test('is never outside: log-in, sign-up, language, child', async () => {
        const rosa = await signUp(shop);
        const inside = (answer, next) => {
            mustRedirect(answer);
            const where = new URL(answer.location, shop.url);
            assert.equal(where.origin, shop.url, `${JSON.stringify(next)} → ${answer.location}`);
            assert.match(answer.location, /^\/(?![/\\])/);
            assert.doesNotMatch(answer.location, /[\s\\]/);
        };
        for (const next of outside) {
            const visitor = shop.browser();
            await visitor.get(`/accounts/login/?next=${encodeURIComponent(next)}`);
            inside(await visitor.submit('/accounts/login/',
                { login: rosa.email, password: PASSWORD }), next);
            await visitor.get('/users/profile/');
            inside(await visitor.get(`/accounts/login/?next=${encodeURIComponent(next)}`), next);
            inside(await visitor.get(`/accounts/signup/?next=${encodeURIComponent(next)}`), next);
            inside(await visitor.post('/language/', { language: 'es', next }), next);
            const forged = shop.browser();
            await forged.get('/accounts/login/');
            const sent = await forged.submit('/accounts/login/',
                { login: rosa.email, password: PASSWORD, next });
            if (sent.status === 422) assert.ok(next.length > 1000);
            else inside(sent, next);
        }
        for (const next of outside.slice(0, 9)) {
            await rosa.get(`/users/student-create/?next=${encodeURIComponent(next)}`);
            inside(await rosa.submit('/users/student-create/', {
                first_name: unique('N'), last_name: 'P', date_of_birth: '2018-01-01',
            }), next);
        }
    });

    test('is the page that was wanted, with its query', async () => {
        const rosa = await signUp(shop);
        const visitor = shop.browser();
        const sent = await visitor.get('/users/student-create/?next=/workshops/a-b/%3Fkey%3Dx%26y');
        await visitor.get(sent.location);
        const entered = mustRedirect(await visitor.submit('/accounts/login/',
            { login: rosa.email, password: PASSWORD }));
        assert.equal(entered.location, '/users/student-create/?next=/workshops/a-b/%3Fkey%3Dx%26y');
    });
});

describe('a stranger learns nothing:', () => {
    const normal = (answer, email) => answer.body.replaceAll(email, 'EMAIL')
        .replace(/name="csrf_token" value="[^"]*"/g, 'TOKEN');

    test('log-in answers alike for known and unknown addresses', async () => {
        const rosa = await signUp(shop);
        const off = await signUp(shop);
        shop.sql(`UPDATE account SET is_active = 0 WHERE id = ${off.account}`);
        const nobody = `${unique('nadie')}@example.com`;
        const answers = [];
        for (const email of [rosa.email, nobody, off.email]) {
            const answer = await logIn(shop.browser(), email, 'not the password');
            assert.equal(answer.status, 422);
            assert.deepEqual(answer.cookies, []);
            answers.push(normal(answer, email));
        }
        assert.equal(answers[1], answers[0]);
        assert.equal(answers[2], answers[0]);
        assert.equal((await logIn(shop.browser(), off.email, PASSWORD)).status, 422);
    });

    test('reset answers alike', async () => {
        const rosa = await signUp(shop);
        const answers = [];
        for (const email of [rosa.email, `${unique('nadie')}@example.com`]) {
            const visitor = shop.browser();
            await visitor.get('/accounts/password/reset/');
            const sent = mustRedirect(await visitor.submit('/accounts/password/reset/', { email }));
            answers.push(sent.location + normal(await visitor.follow(sent), email));
        }
        assert.equal(answers[1], answers[0]);
    });

    test('sign-up with confirmation answers alike, and the truth goes to the mailbox', async () => {
        const rosa = await signUp(shop);
        shop.setting('confirm_email', '1');
        const answers = [];
        for (const email of [rosa.email, `${unique('nueva')}@example.com`]) {
            const visitor = shop.browser();
            await visitor.get('/accounts/signup/');
            const sent = await visitor.submit('/accounts/signup/', {
                email, password1: PASSWORD, password2: PASSWORD, first_name: 'A', last_name: 'B',
                country: 'PE', role: '1', phone: '987654321',
            });
            assert.equal(sent.status, 200);
            answers.push(normal(sent, email));
            assert.equal(visitor.cookies.has(SESSION), false);
            assert.equal(shop.value(`SELECT count(*) FROM outbox WHERE recipient = ${quote(email)}`), 1);
        }
        shop.setting('confirm_email', null);
        assert.equal(answers[1], answers[0]);
        assert.equal(shop.value(`SELECT count(*) FROM account WHERE email = ${quote(rosa.email)}`),
            1);
    });
});

describe('the language', () => {
    const lang = (answer) => answer.body.match(/<html lang="(\w\w)"/)[1];

    test('follows the account, then the cookie, then the browser, then the school', async () => {
        const visitor = shop.browser({ language: null });
        assert.equal(lang(await visitor.get('/')), 'es', 'the school’s');
        shop.setting('language', 'en');
        assert.equal(lang(await visitor.get('/')), 'en');
        shop.setting('language', null);
        for (const [accept, wanted] of [['en', 'en'], ['es-PE,es;q=0.9,en;q=0.8', 'es'],
            ['en-GB;q=0.9, es;q=0.8', 'en'], ['fr, de', 'es'], ['es;q=0.1, en;q=0.9', 'en'],
            ['en;q=0, es', 'es'], ['*', 'es']])
            assert.equal(lang(await visitor.get('/', { headers: { 'Accept-Language': accept } })),
                wanted, accept);
        const switched = await visitor.post('/language/', { language: 'en',
            next: '/workshops/?age=7' });
        assert.equal(mustRedirect(switched).location, '/workshops/?age=7');
        assert.match(line(switched, '__Host-language'), /^__Host-language=en;.*Max-Age=31536000/);
        const spanish = { headers: { 'Accept-Language': 'es' } };
        assert.equal(lang(await visitor.get('/', spanish)), 'en',
            'the cookie is above the browser');

        const rosa = await signUp(shop);
        await rosa.post('/language/', { language: 'en' });
        const elsewhere = shop.browser({ language: 'es' });
        mustRedirect(await logIn(elsewhere, rosa.email, PASSWORD));
        assert.equal(lang(await elsewhere.get('/users/profile/')), 'en',
            'the account is above all');
        elsewhere.cookies.set('__Host-language', 'es');
        assert.equal(lang(await elsewhere.get('/users/profile/')), 'en');
    });

    test('that does not exist is refused; the switch needs no script and no token', async () => {
        const visitor = shop.browser();
        for (const language of ['fr', '', undefined, 'EN ', '../en'])
            assert.equal((await visitor.post('/language/', { language }, { token: null })).status,
                400);
        await visitor.get('/workshops/?age=7&q=a+b');
        const sent = mustRedirect(await visitor.submit('/language/', { language: 'en' }));
        assert.equal(new URL(sent.location, shop.url).searchParams.get('q'), 'a b');
    });
});

describe('limits', () => {
    const fresh = (settings, more) => start({ settings, ...more });

    test('ten failed log-ins of one account in ten minutes: 429, even with the right password',
        async () => {
            const own = await fresh();
            try {
                const [rosa, carla] = [await signUp(own), await signUp(own)];
                for (let i = 0; i < 30; i++) // success never counts
                    mustRedirect(await logIn(own.browser(), rosa.email, PASSWORD));
                for (const email of [rosa.email, `${unique('nadie')}@example.com`]) {
                    for (let i = 0; i < 10; i++) {
                        const spelled = i % 2 ? email.toUpperCase() : email;
                        assert.equal((await logIn(own.browser(), spelled, `wrong ${i}`)).status,
                            422);
                    }
                    const full = await logIn(own.browser(), email, PASSWORD);
                    assert.equal(full.status, 429);
                    assert.ok(Number(full.headers['retry-after']) >= 1);
                    assert.ok(Number(full.headers['retry-after']) <= 660);
                    assert.match(full.main, /\b[0-9a-f]{16}\b/);
                }
                assert.equal((await rosa.get('/users/profile/')).status, 200, 'sessions go on');
                mustRedirect(await logIn(own.browser(), carla.email, PASSWORD));
                const token = await askReset(own, rosa.email);
                const visitor = own.browser();
                const next = 'tres peces en la cocina';
                await visitor.get(`/accounts/password/reset/key/${token}/`);
                mustRedirect(await visitor.submit(`/accounts/password/reset/key/${token}/`,
                    { password1: next, password2: next }));
                mustRedirect(await logIn(own.browser(), rosa.email, next));
            } finally {
                await own.stop();
            }
        });

    test('guesses sent all at once do not slip through', async () => {
        const own = await fresh();
        try {
            const rosa = await signUp(own);
            const visitor = own.browser({ sockets: 40 });
            await visitor.get('/accounts/login/');
            const page = visitor.page;
            const answers = await Promise.all(Array.from({ length: 40 }, (_, i) =>
                visitor.submit('/accounts/login/', { login: rosa.email, password: `guess ${i}` },
                    { page })));
            assert.ok(answers.every((a) => [422, 429, 503].includes(a.status)));
            assert.equal((await logIn(own.browser(), rosa.email, PASSWORD)).status, 429);
        } finally {
            await own.stop();
        }
    });

    test('a hundred failed log-ins from one address', async () => {
        const own = await fresh({ failed_logins_per_address: '8' });
        try {
            const rosa = await signUp(own);
            for (let i = 0; i < 8; i++)
                assert.equal((await logIn(own.browser(), `x${i}@example.com`, 'wrong')).status,
                    422);
            const full = await logIn(own.browser(), rosa.email, PASSWORD);
            assert.equal(full.status, 429);
            assert.ok(Number(full.headers['retry-after']) >= 1);
        } finally {
            await own.stop();
        }
    });

    test('who has been in with this browser gets in, whatever others guess', async () => {
        const own = await fresh({ failed_logins_per_address: '20' });
        try {
            const rosa = await signUp(own);
            const cookie = rosa.cookies.get('__Host-browser');
            assert.match(cookie, /^[\w-]{43}\.[\w-]{22}$/);
            await rosa.get('/accounts/logout/');
            mustRedirect(await rosa.submit('/accounts/logout/', {}));
            for (let i = 0; i < 10; i++)
                assert.equal((await logIn(own.browser(), rosa.email, 'wrong')).status, 422);
            for (let i = 0; i < 10; i++)
                assert.equal((await logIn(own.browser(), `x${i}@example.com`, 'wrong')).status, 422);
            assert.equal((await logIn(own.browser(), rosa.email, PASSWORD)).status, 429);
            mustRedirect(await logIn(rosa, rosa.email, PASSWORD));
            assert.notEqual(rosa.cookies.get('__Host-browser'), cookie);
            await rosa.get('/accounts/logout/');
            mustRedirect(await rosa.submit('/accounts/logout/', {}));
            for (let i = 0; i < 10; i++)
                assert.equal((await logIn(rosa, rosa.email, 'wrong')).status, 422);
            assert.equal((await logIn(rosa, rosa.email, PASSWORD)).status, 429, 'its own guesses end');
        } finally {
            await own.stop();
        }
    });

    test('sixty sign-ups from one address; refused ones do not count', async () => {
        const own = await fresh({ signups_per_address: '4' });
        try {
            for (let i = 0; i < 10; i++) {
                const visitor = own.browser();
                await visitor.get('/accounts/signup/');
                assert.equal((await visitor.submit('/accounts/signup/', { email: 'x' })).status,
                    422);
            }
            for (let i = 0; i < 4; i++) await signUp(own);
            const visitor = own.browser();
            await visitor.get('/accounts/signup/');
            const full = await visitor.submit('/accounts/signup/', {
                email: `${unique('x')}@example.com`, password1: PASSWORD, password2: PASSWORD,
                first_name: 'A', last_name: 'B', country: 'PE', role: '1', phone: '987654321',
            });
            assert.equal(full.status, 429);
            assert.ok(Number(full.headers['retry-after']) >= 1);
            assert.equal(own.value('SELECT count(*) FROM account'), 4);
        } finally {
            await own.stop();
        }
    });

    test('behind a proxy count the client, and nobody else may say who that is', async () => {
        const own = await fresh({ failed_logins_per_address: '3' },
            { args: ['--behind-proxy', '127.0.0.1/32'] });
        const bare = await fresh({ failed_logins_per_address: '3' });
        try {
            const guess = (where, address, i) => logIn(
                where.browser({ headers: { 'X-Forwarded-For': address } }), `y${i}@example.com`,
                'wrong');
            for (let i = 0; i < 3; i++)
                assert.equal((await guess(own, '203.0.113.7', i)).status, 422);
            assert.equal((await guess(own, '203.0.113.7', 9)).status, 429);
            assert.equal((await guess(own, '198.51.100.1, 203.0.113.7', 9)).status, 429,
                'what the client writes in front does not help');
            assert.equal((await guess(own, '203.0.113.8', 9)).status, 422);
            for (let i = 0; i < 3; i++)
                assert.equal((await guess(bare, `203.0.113.${i}`, i)).status, 422);
            assert.equal((await guess(bare, '203.0.113.99', 9)).status, 429);
        } finally {
            await own.stop();
            await bare.stop();
        }
    });

    test('three reset mails of an account in ten minutes, silently', async () => {
        const rosa = await signUp(shop);
        const visitor = shop.browser();
        for (let i = 0; i < 6; i++) {
            await visitor.get('/accounts/password/reset/');
            mustRedirect(await visitor.submit('/accounts/password/reset/', { email: rosa.email }));
        }
        await visitor.get('/readyz');
        assert.equal(shop.value(`SELECT count(*) FROM outbox
            WHERE recipient = ${quote(rosa.email)}`), 3);
    });
});

describe('with a base URL', () => {
    test('a foreign Host is 421 everywhere, our own is served, links use it', async () => {
        const own = await start({ args: ['--base-url', 'https://Taller.example'] });
        try {
            const ask = (path, host, options) => request(own.url, {
                path, headers: { Host: host, 'Accept-Language': 'es' }, ...options });
            const slug = addWorkshop(own);
            const paths = ['/', '/workshops/', `/workshops/${slug}/`, '/accounts/login/',
                '/users/profile/', '/nothing/', '/workshops', '/terms/', '/robots.txt'];
            for (const host of ['evil.example', 'taller.example.evil.example', 'xtaller.example',
                '127.0.0.1', 'localhost', 'taller.example:1234']) {
                for (const path of paths) {
                    // Twice: a page that was kept for the right host is not for this one.
                    await ask(path, 'taller.example');
                    const answer = await ask(path, host);
                    assert.equal(answer.status, 421, `${host} ${path}: ${answer.status}`);
                    assert.ok(!answer.location, path);
                }
                const sent = await ask('/accounts/login/', host, { method: 'POST', body: 'a=1' });
                assert.ok([415, 421].includes(sent.status));
            }
            for (const host of ['taller.example', 'TALLER.example', 'taller.example:443'])
                assert.equal((await ask('/', host)).status, 200, host);
            const css = (await ask('/', 'taller.example')).body.match(/\/static\/css\/[^"]*/)[0];
            assert.equal((await ask(css, 'taller.example')).status, 200);

            const rosa = own.browser({ headers: { Host: 'taller.example' } });
            await signUp(own, {}, rosa);
            await rosa.get('/accounts/password/reset/');
            mustRedirect(await rosa.post('/accounts/password/reset/', { email: rosa.email }));
            await until(() => own.value('SELECT count(*) FROM outbox'));
            assert.match(own.value('SELECT body_text FROM outbox'),
                /https:\/\/taller\.example\/accounts\/password\/reset\/key\//i);
            const plain = await request(own.http, { path: '/workshops/?age=7' });
            assert.equal(plain.headers.location.toLowerCase(),
                'https://taller.example/workshops/?age=7');
        } finally {
            await own.stop();
        }
    });
});

test('passwords, tokens and cookies appear in no log line, whatever the level', async () => {
    const own = await start({ sandbox: true, args: ['--log-level', 'debug'] });
    const rosa = await signUp(own);
    await addStudent(rosa);
    await logIn(own.browser(), rosa.email, 'wrong password given');
    const token = await askReset(own, rosa.email);
    await rosa.get(`/accounts/password/reset/key/${token}/`);
    const secrets = [PASSWORD, 'wrong password given', token, rosa.token, cookieOf(rosa),
        rosa.email];
    await own.stop();
    assert.ok(own.log.length > 5);
    const said = JSON.stringify(own.log) + own.strange.join('\n');
    for (const secret of secrets) assert.ok(!said.includes(secret), secret);
});
