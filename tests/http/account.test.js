'use strict';
// People: what sign-up asks of whom, passwords, consents, proving an address, one's own data,
// leaving.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const {
    PASSWORD, addStudent, addToCart, addWorkshop, bornYearsAgo, checkoutCard, checkoutTransfer, day,
    logIn, mustRedirect, now, quote, signUp, start, unique,
} = require('../lib/shop.js');
const { askConfirmation, mailedToken } = require('./lib/routes.js');

let shop;
before(async () => { shop = await start({ sandbox: true }); });
after(() => shop.stop());

const person = (values) => ({
    email: `${unique('p')}@example.com`, password1: PASSWORD, password2: PASSWORD,
        first_name: 'Ana',
    last_name: 'Paz', country: 'PE', role: '1', phone: '987654321', ...values,
});

async function tryToSignUp(values, browser = shop.browser()) {
    await browser.get('/accounts/signup/');
    return browser.submit('/accounts/signup/', person(values));
}

/** Refused, with a message at each of these fields and at no other, and no account made. */
async function refused(values, ...fields) {
    const email = values.email ?? `${unique('p')}@example.com`;
    const answer = await tryToSignUp({ ...values, email });
    assert.equal(answer.status, 422, JSON.stringify(values));
    const told = [...answer.body.matchAll(/class="field-error[^"]*" id="(\w+)-error"/g)]
        .map((m) => m[1]);
    assert.deepEqual(told.sort(), fields.sort(), JSON.stringify(values));
    for (const field of fields) {
        assert.match(answer.body, new RegExp(`href="#${field}"`), 'listed on top with a link');
        assert.match(answer.body, new RegExp(`id="${field}"`), 'which leads somewhere');
    }
    assert.equal(shop.value(`SELECT count(*) FROM account WHERE email = ${quote(email)}`), 0);
    return answer;
}

describe('sign-up asks', () => {
    test('a parent for a phone, not for a school or a birth date', async () => {
        mustRedirect(await tryToSignUp({}));
        await refused({ phone: '' }, 'phone');
    });

    test('a teacher for a school', async () => {
        await refused({ role: '2' }, 'school');
        await refused({ role: '2', school: '   ' }, 'school');
        mustRedirect(await tryToSignUp({ role: '2', school: 'IE 1140' }));
    });

    test('an adult student for a school and a birth date of 18 years or more', async () => {
        await refused({ role: '3' }, 'school', 'date_of_birth');
        await refused({ role: '3', school: 'PUCP' }, 'date_of_birth');
        await refused({ role: '3', school: 'PUCP', date_of_birth: bornYearsAgo(15) },
            'date_of_birth');
        await refused({ role: '3', school: 'PUCP', date_of_birth: day(3) }, 'date_of_birth');
        mustRedirect(await tryToSignUp({ role: '3', school: 'PUCP',
            date_of_birth: bornYearsAgo(18) }));
    });

    test('anybody for a name, an address, a country that exists, equal passwords', async () => {
        await refused({ first_name: '', last_name: ' ' }, 'first_name', 'last_name');
        await refused({ email: 'ana' }, 'email');
        await refused({ country: 'ZZ' }, 'country');
        await refused({ password2: 'otra cosa muy distinta' }, 'password2');
        await refused({ role: '4' }, 'role');
    });

    test('for an address nobody has, whatever its case', async () => {
        const email = `${unique('José.ñ')}@example.com`;
        mustRedirect(await tryToSignUp({ email }));
        shop.sql('UPDATE account SET created_at = created_at - 100');
        for (const again of [email, email.toUpperCase(), ` ${email} `]) {
            const answer = await tryToSignUp({ email: again, password1: 'otra frase muy larga 1',
                password2: 'otra frase muy larga 1' });
            assert.equal(answer.status, 422, again);
        }
        assert.equal(shop.value(`SELECT count(*) FROM account WHERE email_key = lower(email_key)
            AND email LIKE 'jos%${email.slice(-20)}'`), 1);
    });
});

describe('a password', () => {
    test('has ten characters, is not common, and is not the person', async () => {
        for (const password of ['short', '123456789', 'ñandú ñan', '1234567890', 'password123',
            'Password1!', 'contraseña', 'Contraseña1', 'qwertyuiop', 'aaaaaaaaaaaa', 'abcdefghij',
            'iloveyou123', '0987654321', 'P4ssw0rd123', 'alianzalima', 'universitario'])
            await refused({ password1: password, password2: password }, 'password1');
        for (const values of [{ email: 'mi.correo.largo@example.com',
            password: 'mi.correo.largo@example.com' },
            { email: 'mi.correo.largo@example.com', password: 'MI.CORREO.LARGO@example.com' },
            { email: 'mi.correo.largo@example.com', password: 'mi.correo.largo' },
            { first_name: 'Maximiliano', password: 'maximiliano' },
            { first_name: 'Maximiliano', last_name: 'Quispe', password: 'Maximiliano Quispe' }])
            await refused({ ...values, password1: values.password, password2: values.password },
                'password1');
    });

    test('may be any sentence, kept as it is typed', async () => {
        for (const password of ['  tres espacios al borde  ', 'ñandú 🦤 en la puna',
            '<b>&amp;"quoted"\'s %41', 'x'.repeat(8).concat('zqj kvw'), 'una coma, y un punto.']) {
            const email = `${unique('clave')}@example.com`;
            mustRedirect(await tryToSignUp({ email, password1: password, password2: password }));
            mustRedirect(await logIn(shop.browser(), email, password));
            assert.equal((await logIn(shop.browser(), email, password.trim().toUpperCase())).status,
                422);
        }
    });

    test('is stored as argon2id and nothing else', async () => {
        const rosa = await signUp(shop);
        assert.match(shop.value(`SELECT password_hash FROM account WHERE id = ${rosa.account}`),
            /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
        const bytes = require('node:fs').readFileSync(`${shop.db}-wal`);
        assert.equal(bytes.indexOf(PASSWORD), -1);
    });

    test('is changed only with the old one, to a good one', async () => {
        const rosa = await signUp(shop);
        const address = '/accounts/password/change/';
        const next = 'cuatro sillas y un farol';
        await rosa.get(address);
        for (const [old, one, two] of [['wrong', next, next], ['', next, next],
            [PASSWORD, next, 'x'], [PASSWORD, 'short', 'short'],
            [PASSWORD, '1234567890', '1234567890'], [PASSWORD, rosa.email, rosa.email],
            [PASSWORD, PASSWORD, PASSWORD]]) {
            const answer = await rosa.submit(address,
                { oldpassword: old, password1: one, password2: two });
            assert.equal(answer.status, 422, `${old} ${one} ${two}`);
            assert.ok(!answer.body.includes(next) && !answer.body.includes(PASSWORD));
        }
        mustRedirect(await logIn(shop.browser(), rosa.email, PASSWORD));
        mustRedirect(await rosa.submit(address,
            { oldpassword: PASSWORD, password1: next, password2: next }));
        mustRedirect(await logIn(shop.browser(), rosa.email, next));
    });
});

describe('consents', () => {
    const rows = (id) => shop.sql(`SELECT purpose, version, granted FROM consent
        WHERE account_id = ${id} ORDER BY id`);
    const publish = (purpose, version) => shop.sql(`INSERT INTO legal_text
        (purpose, version, body, published_at)
        VALUES ('${purpose}', ${version},
            'Texto ${purpose} ${version}.\n\nSegundo párrafo <b>.', ${now()})`);

    test('are rows with purpose, version and moment; only what was ticked is granted', async () => {
        const without = await tryToSignUp({});
        mustRedirect(without);
        assert.doesNotMatch((await shop.browser().get('/accounts/signup/')).body, /name="terms"/);
        assert.equal((await shop.browser().get('/terms/')).status, 404);

        publish('terms', 1);
        publish('privacy', 1);
        publish('privacy', 2);
        const page = await shop.browser().get('/accounts/signup/');
        for (const box of ['terms', 'marketing', 'photo']) {
            const [input] = page.body.match(
                new RegExp(`<input type="checkbox"[^>]*name="${box}"[^>]*>`));
            assert.doesNotMatch(input, /\bchecked\b/, `${box} is not ticked beforehand`);
        }
        await refused({}, 'terms');
        await refused({ terms: '0' }, 'terms');
        await refused({ marketing: '1', photo: '1' }, 'terms');

        const rosa = await signUp(shop, { terms: '1' });
        assert.deepEqual(rows(rosa.account).filter((r) => r.granted), [
            { purpose: 'terms', version: 1, granted: 1 },
            { purpose: 'privacy', version: 2, granted: 1 }]);
        assert.ok(shop.sql(`SELECT at FROM consent WHERE account_id = ${rosa.account}`)
            .every((r) => Math.abs(r.at - now()) < 60));
        const carla = await signUp(shop, { terms: '1', marketing: '1', photo: '1' });
        assert.deepEqual(rows(carla.account).filter((r) => r.granted).map((r) => r.purpose).sort(),
            ['marketing', 'photo', 'privacy', 'terms']);

        const terms = await shop.browser().get('/terms/');
        assert.equal(terms.status, 200);
        assert.match(terms.main, /Texto terms 1\..*Segundo párrafo <b>\./);
        assert.match((await shop.browser().get('/privacy/')).main, /Texto privacy 2\./);
    });

    test('are taken back and given again in the profile; history stays', async () => {
        const rosa = await signUp(shop, { terms: '1', marketing: '1' });
        const before = rows(rosa.account);
        const edit = async (values) => {
            await rosa.get('/users/edit-profile/');
            mustRedirect(await rosa.submit('/users/edit-profile/', values));
        };
        await edit({});
        assert.deepEqual(rows(rosa.account), before, 'nothing new, no row');
        await edit({ marketing: undefined, photo: '1' });
        assert.deepEqual(rows(rosa.account).slice(before.length), [
            { purpose: 'marketing', version: 0, granted: 0 },
            { purpose: 'photo', version: 0, granted: 1 }]);
        await edit({ marketing: '1', photo: '1' });
        assert.deepEqual(rows(rosa.account).at(-1),
            { purpose: 'marketing', version: 0, granted: 1 });
        assert.deepEqual(rows(rosa.account).slice(0, before.length), before);
    });

    test('to terms are asked again at checkout once there are new ones', async () => {
        const rosa = await signUp(shop, { terms: '1' });
        const child = await addStudent(rosa);
        mustRedirect(await addToCart(rosa, addWorkshop(shop), child));
        mustRedirect(await checkoutCard(rosa));
        publish('terms', 2);
        mustRedirect(await addToCart(rosa, addWorkshop(shop), child));
        const refusal = await checkoutCard(rosa);
        assert.equal(refusal.status, 422, 'an unticked box is no consent');
        assert.equal(shop.value(`SELECT count(*) FROM payment WHERE order_id = ${refusal.order}`),
            0);
        mustRedirect(await checkoutCard(rosa, undefined, { terms: '1' }));
        assert.deepEqual(rows(rosa.account).filter((r) => r.purpose === 'terms')
            .map((r) => r.version), [1, 2]);
    });
});

describe('an address is proven', () => {
    const at = (token) => `/accounts/confirm-email/${token}/`;

    test('by its link where the school asks for it; before that nobody comes in', async () => {
        const { email, token } = await askConfirmation(shop);
        shop.setting('confirm_email', '1');
        const early = await logIn(shop.browser(), email, PASSWORD);
        assert.equal(early.status, 422);
        assert.equal(early.cookies.some((c) => c.startsWith('__Host-session=')), false);
        assert.equal((await logIn(shop.browser(), email, 'wrong password')).status, 422);
        // The attempt sent a new link, and the newest one works.
        const newest = mailedToken(shop, email, '/accounts/confirm-email/');
        assert.notEqual(newest, token);
        const visitor = shop.browser();
        assert.equal((await visitor.get(at(newest))).status, 200);
        assert.equal(shop.value(`SELECT email_confirmed_at FROM account WHERE email = ${quote(email)}`),
            null, 'a mail program that looks at links confirms nothing');
        mustRedirect(await visitor.submit(at(newest)));
        assert.ok(shop.value(`SELECT email_confirmed_at FROM account WHERE email = ${quote(email)}`));
        mustRedirect(await logIn(shop.browser(), email, PASSWORD));
        shop.setting('confirm_email', null);
    });

    test('not by a link that is made up or too old', async () => {
        const { email, token } = await askConfirmation(shop);
        shop.sql(`UPDATE one_time_link SET expires_at = ${now() - 1} WHERE purpose = 'confirm_email'`);
        const visitor = shop.browser();
        for (const link of [token, 'x', token.slice(1), token.toUpperCase()]) {
            await visitor.get('/accounts/login/');
            assert.equal((await visitor.get(at(link))).status, 404);
            assert.equal((await visitor.post(at(link))).status, 404);
        }
        assert.equal(shop.value(`SELECT email_confirmed_at FROM account WHERE email = ${quote(email)}`),
            null);
    });

    test('a link of one kind does not serve as another', async () => {
        const { token } = await askConfirmation(shop);
        const visitor = shop.browser();
        assert.equal((await visitor.get(`/accounts/password/reset/key/${token}/`)).status, 404);
        await visitor.get('/accounts/login/');
        assert.equal((await visitor.post(`/accounts/password/reset/key/${token}/`,
            { password1: PASSWORD, password2: PASSWORD })).status, 404);
    });
});

describe('one’s own data', () => {
    test('is complete as JSON, holds no secret and nobody else', async () => {
        const carla = await signUp(shop, { terms: '1', first_name: 'Carlaxx' });
        await addStudent(carla, { first_name: 'Ajenaxx' });
        const rosa = await signUp(shop, { terms: '1', first_name: 'Rosa "Ñ" <b>' });
        const child = await addStudent(rosa, { first_name: 'Sofía' });
        mustRedirect(await addToCart(rosa, addWorkshop(shop, { title: 'Robótica' }), child));
        mustRedirect(await checkoutCard(rosa, undefined, { terms: '1' }));
        mustRedirect(await addToCart(rosa, addWorkshop(shop), child));
        const placed = mustRedirect(await checkoutTransfer(rosa, { terms: '1' }));
        await rosa.get(`/store/orders/${placed.order}/`);
        mustRedirect(await rosa.submit(`/store/orders/${placed.order}/report-payment/`,
            { operation: '445566' }));

        const answer = await rosa.get('/users/export/');
        assert.match(answer.headers['content-type'], /^application\/json/);
        assert.match(answer.headers['content-disposition'],
            /^attachment; filename="[\w-]+\.json"$/);
        assert.equal(answer.headers['cache-control'], 'no-store');
        const data = JSON.parse(answer.body);
        const said = JSON.stringify(data);
        for (const mine of ['Rosa \\"Ñ\\" <b>', rosa.email, 'Sofía', 'Robótica', '445566', 'terms',
            'TAL-'])
            assert.ok(said.includes(mine), mine);
        for (const secret of ['argon2', 'password', 'token', 'csrf', 'hash', 'secret', 'Carlaxx',
            'Ajenaxx',
            carla.email, rosa.token, rosa.cookies.get('__Host-session')])
            assert.ok(!said.includes(secret), secret);
        assert.ok(!said.includes('null,null,null'));
    });

    test('is changed in the profile, and the own student record follows', async () => {
        const julia = await signUp(shop, {
            terms: '1', role: '3', school: 'PUCP', date_of_birth: bornYearsAgo(30),
        });
        await julia.get('/users/edit-profile/');
        mustRedirect(await julia.submit('/users/edit-profile/', {
            first_name: 'Julia', last_name: 'De la Cruz', phone: '(01) 445-5667', country: 'AR',
            school: 'UNI', date_of_birth: bornYearsAgo(40),
        }));
        assert.deepEqual(shop.sql(`SELECT first_name, last_name, phone, country, school, date_of_birth
            FROM account WHERE id = ${julia.account}`), [{
            first_name: 'Julia', last_name: 'De la Cruz', phone: '(01) 445-5667', country: 'AR',
            school: 'UNI', date_of_birth: bornYearsAgo(40),
        }]);
        assert.deepEqual(shop.sql(`SELECT first_name, date_of_birth FROM student
            WHERE parent_id = ${julia.account}`),
        [{ first_name: 'Julia', date_of_birth: bornYearsAgo(40) }]);
        const teacher = await signUp(shop, { terms: '1', role: '2', school: 'IE' });
        await teacher.get('/users/edit-profile/');
        assert.equal((await teacher.submit('/users/edit-profile/', { school: '' })).status, 422,
            'what the role needs stays needed');
    });
});

describe('closing the account', () => {
    const close = async (family, password = PASSWORD) => {
        await family.get('/users/close/');
        return family.submit('/users/close/', { password });
    };

    test('wants the password, gives up held seats, keeps receipts, frees the address', async () => {
        const rosa = await signUp(shop, { terms: '1' });
        const child = await addStudent(rosa);
        mustRedirect(await addToCart(rosa, addWorkshop(shop), child));
        const paid = mustRedirect(await checkoutCard(rosa, undefined, { terms: '1' }));
        const slug = addWorkshop(shop);
        mustRedirect(await addToCart(rosa, slug, child));
        assert.equal((await close(rosa, 'wrong')).status, 422);
        assert.equal((await close(rosa, '')).status, 422);
        assert.equal((await rosa.get('/users/profile/')).status, 200);

        const cookie = rosa.cookies.get('__Host-session');
        mustRedirect(await close(rosa));
        const old = shop.browser({ headers: { Cookie: `__Host-session=${cookie}` } });
        assert.equal((await old.get('/users/profile/')).status, 303);
        assert.equal((await logIn(shop.browser(), rosa.email, PASSWORD)).status, 422);
        assert.equal(shop.value(`SELECT seats_taken FROM workshop WHERE slug = ${quote(slug)}`), 0);
        assert.equal(shop.value(`SELECT count(*) FROM receipt WHERE order_id = ${paid.order}`), 1);
        assert.equal(shop.value(`SELECT status FROM orders WHERE id = ${paid.order}`), 'paid');
        assert.deepEqual(shop.sql(`SELECT is_active, closed_at IS NOT NULL AS closed FROM account
            WHERE id = ${rosa.account}`), [{ is_active: 0, closed: 1 }]);

        const mails = shop.value('SELECT count(*) FROM outbox');
        const visitor = shop.browser();
        await visitor.get('/accounts/password/reset/');
        mustRedirect(await visitor.submit('/accounts/password/reset/', { email: rosa.email }));
        await visitor.get('/readyz');
        assert.equal(shop.value('SELECT count(*) FROM outbox'), mails, 'no way back by mail');
        const again = await signUp(shop, { terms: '1', email: rosa.email });
        assert.notEqual(again.account, undefined);
        assert.equal((await again.get(`/store/orders/${paid.order}/`)).status, 404,
            'who signs up later with the address is somebody else');
    });

    test('waits while an order waits', async () => {
        const rosa = await signUp(shop, { terms: '1' });
        mustRedirect(await addToCart(rosa, addWorkshop(shop), await addStudent(rosa)));
        mustRedirect(await checkoutTransfer(rosa, { terms: '1' }));
        const answer = await close(rosa);
        assert.equal(answer.status, 422);
        assert.match(answer.main, /pedido/i);
        assert.equal((await rosa.get('/users/profile/')).status, 200);
    });
});

describe('a child', () => {
    test('is added once, and born on a day that was', async () => {
        const rosa = await signUp(shop, { terms: '1' });
        await rosa.get('/users/student-create/');
        const child = { first_name: 'Sofía', last_name: 'Paz', date_of_birth: '2018-02-28' };
        for (let i = 0; i < 2; i++) { // twice at once is a double click
            await rosa.get('/users/student-create/');
            mustRedirect(await rosa.submit('/users/student-create/', child));
        }
        shop.sql(`UPDATE student SET created_at = created_at - 100 WHERE parent_id = ${rosa.account}`);
        for (const values of [child, { ...child, first_name: ' SOFIA ' },
            { ...child, date_of_birth: '2018-02-30' }, { ...child, date_of_birth: '28/02/2018' },
            { ...child, date_of_birth: '02/28/2018' }, { ...child, date_of_birth: day(1) },
            { ...child, date_of_birth: '1899-12-31' }, { ...child, first_name: '' }]) {
            await rosa.get('/users/student-create/');
            const answer = await rosa.submit('/users/student-create/', values);
            assert.equal(answer.status, 422, JSON.stringify(values));
        }
        assert.equal(shop.value(`SELECT count(*) FROM student WHERE parent_id = ${rosa.account}`),
            1);
        assert.equal(shop.value(`SELECT date_of_birth FROM student WHERE parent_id = ${rosa.account}`),
            '2018-02-28');
    });

    test('does not become too old for what it is enrolled in', async () => {
        const rosa = await signUp(shop, { terms: '1' });
        const child = await addStudent(rosa);
        mustRedirect(await addToCart(rosa, addWorkshop(shop, { min_age: 6, max_age: 9 }), child));
        mustRedirect(await checkoutCard(rosa, undefined, { terms: '1' }));
        const address = `/users/student-edit/${child.id}/`;
        await rosa.get(address);
        assert.equal((await rosa.submit(address, { date_of_birth: bornYearsAgo(50) })).status, 422);
        assert.equal(shop.value(`SELECT date_of_birth FROM student WHERE id = ${child.id}`),
            bornYearsAgo(8));
    });
});
