'use strict';
// The faults of the earlier shop, each seen there by trying it: none is possible here. One test a
// fault, named after it. (Those of its administration belong to the tests of the administration.)

const assert = require('node:assert/strict');
const net = require('node:net');
const { after, before, test } = require('node:test');
const {
    PASSWORD, SLOW, addStudent, addToCart, addWorkshop, bornYearsAgo, card, cartOf, checkout,
    checkoutCard, checkoutTransfer, freePort, mustRedirect, quote, request, signUp, start, taller,
    unique, until,
} = require('../lib/shop.js');
const { askReset } = require('./lib/routes.js');

let shop;
before(async () => { shop = await start({ sandbox: true }); });
after(() => shop.stop());

const seats = (slug) => shop.value(`SELECT seats_taken FROM workshop WHERE slug = ${quote(slug)}`);

async function paidFamily(row) {
    const rosa = await signUp(shop);
    rosa.child = await addStudent(rosa, { first_name: 'Sofía', school: 'Colegio Secreto' });
    rosa.slug = addWorkshop(shop, row);
    mustRedirect(await addToCart(rosa, rosa.slug, rosa.child));
    rosa.seat = shop.value(`SELECT id FROM inscription WHERE order_id = ${cartOf(rosa)}`);
    rosa.order = mustRedirect(await checkoutCard(rosa)).order;
    return rosa;
}

test('Anyone deletes another family’s paid inscription with a GET', async () => {
    const rosa = await paidFamily();
    const stranger = await signUp(shop);
    const before = shop.state();
    const address = `/store/remove-from-cart/${rosa.seat}/`;
    for (const who of [stranger, rosa, shop.browser()]) {
        const got = await who.get(address);
        assert.equal(got.status, 405, 'a GET changes nothing, for nobody');
        await who.head(address);
    }
    await stranger.get('/users/profile/');
    await rosa.get('/users/profile/');
    assert.equal((await stranger.post(address)).status, 404);
    assert.ok([404, 422].includes((await rosa.post(address)).status),
        'not even its own, once paid');
    shop.unchanged(before);
});

test('Anyone views and «pays» another’s order', async () => {
    const rosa = await signUp(shop);
    mustRedirect(await addToCart(rosa, addWorkshop(shop), await addStudent(rosa)));
    const cart = cartOf(rosa);
    const stranger = await signUp(shop);
    const before = shop.state();
    for (const address of [`/store/checkout/${cart}/`, `/store/orders/${cart}/`,
        `/store/orders/${cart}/receipt/`])
        assert.equal((await stranger.get(address)).status, 404, address);
    assert.equal((await stranger.post(`/store/checkout/${cart}/`,
        { ...card(), total: '18000' })).status,
        404);
    shop.unchanged(before);
});

test('Anyone enrols another’s child by guessing its slug', async () => {
    const rosa = await signUp(shop);
    const child = await addStudent(rosa);
    assert.match(child.slug, /^[\w-]{16,}$/, 'it cannot be guessed either');
    const stranger = await signUp(shop);
    const slug = addWorkshop(shop);
    await stranger.get(`/workshops/${slug}/`);
    assert.equal((await stranger.post(`/store/add-to-cart/${slug}/`,
        { student: child.slug })).status, 404);
    assert.equal(seats(slug), 0);
});

test('A visitor reads a child’s name, birth date and school, and by posting becomes its parent',
    async () => {
        const rosa = await signUp(shop);
        const child = await addStudent(rosa, { first_name: 'Sofía', school: 'Colegio Secreto' });
        const before = shop.state();
        const address = `/users/student-edit/${child.id}/`;
        const fields = { first_name: 'Mía', last_name: 'Ahora', date_of_birth: bornYearsAgo(8) };
        const visitor = shop.browser();
        await visitor.get('/accounts/login/');
        for (const answer of [await visitor.get(address), await visitor.post(address, fields)]) {
            assert.equal(answer.status, 303);
            assert.doesNotMatch(answer.body, /Sofía|Secreto/);
        }
        const stranger = await signUp(shop);
        const after = shop.state();
        for (const answer of [await stranger.get(address), await stranger.post(address, fields)]) {
            assert.equal(answer.status, 404);
            assert.doesNotMatch(answer.body, /Sofía|Secreto/);
        }
        shop.unchanged(after);
        assert.notEqual(after, before);
        assert.equal(shop.value(`SELECT parent_id FROM student WHERE id = ${child.id}`),
            rosa.account);
    });

test('A password set by staff is stored in clear', async () => {
    const email = `${unique('staff')}@example.com`;
    for (const [action, password] of [['create', PASSWORD],
        ['password', 'seis faros en la costa']]) {
        const done = taller(['account', action, email, '--data', shop.data],
            { input: `${password}\n` });
        assert.equal(done.status, 0, done.stderr);
        const stored = shop.value(`SELECT password_hash FROM account WHERE email = ${quote(email)}`);
        assert.match(stored, /^\$argon2id\$/);
        assert.ok(!stored.includes(password));
    }
});

test('Card fields are never read: checkout succeeds empty', async () => {
    const rosa = await signUp(shop);
    mustRedirect(await addToCart(rosa, addWorkshop(shop), await addStudent(rosa)));
    for (const values of [{}, { cc_number: '', cc_month: '', cc_year: '', cc_cvv: '' },
        { cc_number: '4242424242424242' }, { cc_number: 'abc', cc_month: 'x', cc_year: 'x',
            cc_cvv: 'x' }]) {
        const answer = await checkout(rosa, { method: 'card', ...values });
        assert.equal(answer.status, 422);
    }
    assert.equal(shop.value(`SELECT count(*) FROM payment WHERE order_id = ${cartOf(rosa)}`), 0);
});

test('Private and inactive workshops are reachable and for sale', async () => {
    const rosa = await signUp(shop);
    const child = await addStudent(rosa);
    for (const row of [{ private: 1, private_key: 'llave' }, { active: 0 },
        { active: 0, private: 1, private_key: 'llave' }]) {
        const slug = addWorkshop(shop, { ...row, title: 'Escondido' });
        await rosa.get('/users/profile/');
        for (const who of [rosa, shop.browser()]) {
            assert.equal((await who.get(`/workshops/${slug}/`)).status, 404);
            assert.doesNotMatch((await who.get('/workshops/?q=escondido')).main, /Escondido/);
        }
        assert.equal((await rosa.post(`/store/add-to-cart/${slug}/`,
            { student: child.slug })).status, 404);
        assert.equal(seats(slug), 0);
    }
    const off = addWorkshop(shop, { active: 0, private: 1, private_key: 'llave' });
    assert.equal((await rosa.get(`/workshops/${off}/?key=llave`)).status, 404);
});

test('Sign-up takes the teacher role without the fields it demands', async () => {
    for (const role of ['2', '3']) {
        const visitor = shop.browser();
        const email = `${unique('x')}@example.com`;
        await visitor.get('/accounts/signup/');
        const answer = await visitor.submit('/accounts/signup/', {
            email, password1: PASSWORD, password2: PASSWORD, first_name: 'A', last_name: 'B',
            country: 'PE', phone: '987654321', role,
        });
        assert.equal(answer.status, 422);
        assert.equal(shop.value(`SELECT count(*) FROM account WHERE email = ${quote(email)}`), 0);
    }
});

test('/metrics is public', async () => {
    for (const who of [shop.browser(), await signUp(shop)]) {
        for (const path of ['/metrics', '/metrics/', '/metrics?x=1']) {
            const answer = await who.get(path);
            assert.equal(answer.status, 404, path);
            assert.doesNotMatch(answer.body, /# TYPE/);
        }
    }
});

test('Password-reset links use the Host header', async () => {
    const rosa = await signUp(shop);
    rosa.headers.Host = 'evil.example';
    await askReset(shop, rosa.email);
    const visitor = shop.browser({ headers: { Host: 'evil.example' } });
    await visitor.get('/accounts/password/reset/');
    mustRedirect(await visitor.submit('/accounts/password/reset/', { email: rosa.email }));
    await until(() => shop.value(`SELECT count(*) FROM outbox
        WHERE recipient = ${quote(rosa.email)}`) === 2);
    for (const mail of shop.sql(`SELECT body_text, body_html FROM outbox
        WHERE recipient = ${quote(rosa.email)}`)) {
        assert.ok(mail.body_text.includes(shop.url));
        assert.ok(!(mail.body_text + mail.body_html).includes('evil.example'));
    }
});

test('A paid order is paid again', async () => {
    const rosa = await paidFamily();
    const before = shop.state();
    for (const values of [card(), { method: 'transfer' }, {}])
        mustRedirect(await rosa.post(`/store/checkout/${rosa.order}/`,
            { ...values, total: '18000' }),
            new RegExp(`^/store/orders/${rosa.order}/$`));
    shop.unchanged(before);
});

test('An empty order is paid', async () => {
    const rosa = await signUp(shop);
    mustRedirect(await addToCart(rosa, addWorkshop(shop), await addStudent(rosa)));
    const cart = cartOf(rosa);
    const seat = shop.value(`SELECT id FROM inscription WHERE order_id = ${cart}`);
    mustRedirect(await rosa.post(`/store/remove-from-cart/${seat}/`));
    for (const values of [card(), { method: 'transfer' }, {}, { total: '0' }]) {
        const answer = await rosa.post(`/store/checkout/${cart}/`, values);
        assert.equal(mustRedirect(answer).location, '/store/order-summary/');
    }
    assert.equal(shop.value(`SELECT status FROM orders WHERE id = ${cart}`), 'cart');
    assert.equal(shop.value(`SELECT count(*) FROM receipt WHERE order_id = ${cart}`), 0);
});

test('Six parallel checkouts all succeed', async () => {
    const rosa = await signUp(shop);
    mustRedirect(await addToCart(rosa, addWorkshop(shop), await addStudent(rosa)));
    const cart = cartOf(rosa);
    await rosa.get(`/store/checkout/${cart}/`);
    const { page } = rosa;
    const answers = await Promise.all(Array.from({ length: 6 },
        () => rosa.submit(`/store/checkout/${cart}/`, card(), { page })));
    for (const answer of answers) mustRedirect(answer, new RegExp(`^/store/orders/${cart}/$`));
    assert.equal(shop.value(`SELECT count(*) FROM payment WHERE order_id = ${cart}`), 1);
    assert.equal(shop.value(`SELECT count(*) FROM receipt WHERE order_id = ${cart}`), 1);
    assert.equal(shop.value(`SELECT count(*) FROM outbox WHERE order_id = ${cart}`), 1);
});

test('Parallel cart views make two open orders', async () => {
    const rosa = await signUp(shop);
    const child = await addStudent(rosa);
    await Promise.all(Array.from({ length: 10 }, () => rosa.get('/store/order-summary/')));
    assert.equal(shop.value(`SELECT count(*) FROM orders WHERE account_id = ${rosa.account}`), 0,
        'looking at a cart writes nothing');
    const slugs = Array.from({ length: 5 }, () => addWorkshop(shop));
    await rosa.get('/users/profile/');
    await Promise.all(slugs.map((slug) =>
        rosa.post(`/store/add-to-cart/${slug}/`, { student: child.slug })));
    assert.equal(shop.value(`SELECT count(*) FROM orders WHERE account_id = ${rosa.account}`), 1);
    assert.throws(() => shop.insert('orders',
        { account_id: rosa.account, status: 'cart', created_at: 1 }), /UNIQUE/);
});

test('The same child twice in one workshop', async () => {
    const rosa = await paidFamily();
    const answer = await rosa.post(`/store/add-to-cart/${rosa.slug}/`,
        { student: rosa.child.slug });
    assert.equal(answer.status, 422);
    assert.equal(seats(rosa.slug), 1);
    assert.throws(() => shop.sql(`INSERT INTO inscription (order_id, workshop_id, student_id,
        list_price_cents, price_cents, status, hold_until) SELECT order_id, workshop_id, student_id,
        1, 1, 'held', 9999999999 FROM inscription WHERE id = ${rosa.seat}`), /UNIQUE/);
});

test('A 50-year-old in a workshop for 6–14', async () => {
    const rosa = await signUp(shop);
    const old = await addStudent(rosa, { first_name: 'Abuelo', date_of_birth: bornYearsAgo(50) });
    const slug = addWorkshop(shop, { min_age: 6, max_age: 14 });
    const page = await rosa.get(`/workshops/${slug}/`);
    assert.match(page.main, /Abuelo tendrá (49|50) años .*de 6 a 14/);
    assert.equal((await rosa.post(`/store/add-to-cart/${slug}/`, { student: old.slug })).status,
        422);
    assert.equal(seats(slug), 0);
});

test('A later price change rewrites paid orders', async () => {
    const rosa = await paidFamily({ price_cents: 15000, discount_price_cents: 12000 });
    const receipt = (await rosa.get(`/store/orders/${rosa.order}/receipt/`)).main;
    shop.sql(`UPDATE workshop SET price_cents = 99900, discount_price_cents = NULL, title = 'Otro nombre'
        WHERE slug = ${quote(rosa.slug)}`);
    assert.equal((await rosa.get(`/store/orders/${rosa.order}/receipt/`)).main, receipt);
    assert.match((await rosa.get(`/store/orders/${rosa.order}/`)).main, /S\/ 120\.00/);
    assert.match((await rosa.get('/users/profile/')).main, /S\/ 120\.00/);
    assert.deepEqual(shop.sql(`SELECT o.total_cents, i.price_cents, i.list_price_cents FROM orders o
        JOIN inscription i ON i.order_id = o.id WHERE o.id = ${rosa.order}`),
    [{ total_cents: 12000, price_cents: 12000, list_price_cents: 15000 }]);
    assert.throws(() => shop.sql('UPDATE receipt SET total_cents = 1'), /never changed/);
});

test('A discount of 0 shows full price', async () => {
    const slug = addWorkshop(shop, { price_cents: 15000, discount_price_cents: 0 });
    const page = await shop.browser().get(`/workshops/${slug}/`);
    assert.match(page.main, /Gratis/);
    const rosa = await signUp(shop);
    mustRedirect(await addToCart(rosa, slug, await addStudent(rosa)));
    assert.match((await rosa.get('/store/order-summary/')).main, /Total Gratis/);
    const done = mustRedirect(await checkout(rosa));
    assert.equal(shop.value(`SELECT total_cents FROM orders WHERE id = ${done.order}`), 0);
});

test('A duplicate slug: 500', async () => {
    const slug = addWorkshop(shop);
    assert.throws(() => addWorkshop(shop, { slug }), /UNIQUE/);
    assert.equal((await shop.browser().get(`/workshops/${slug}/`)).status, 200);
});

test('A word where an id stands: 500', async () => {
    const rosa = await signUp(shop);
    for (const address of ['/users/student-edit/abc/', '/store/checkout/abc/', '/store/orders/abc/',
        '/store/orders/abc/receipt/'])
        assert.equal((await rosa.get(address)).status, 404, address);
    for (const address of ['/store/remove-from-cart/abc/', '/store/extend-hold/abc/',
        '/store/checkout/abc/', '/store/orders/abc/report-payment/'])
        assert.equal((await rosa.post(address, card())).status, 404, address);
});

test('An anonymous POST: 500', async () => {
    const visitor = shop.browser();
    for (const address of ['/store/add-to-cart/x/', '/store/checkout/1/', '/users/student-create/',
        '/users/edit-profile/', '/store/orders/1/report-payment/', '/accounts/logout/'])
        assert.match(mustRedirect(await visitor.post(address, { a: '1' })).location,
            /^\/accounts\/login\/\?next=/, address);
});

test('Dates parsed day/month swapped', async () => {
    const rosa = await signUp(shop);
    const child = await addStudent(rosa, { date_of_birth: '2018-03-04' });
    assert.equal(shop.value(`SELECT date_of_birth FROM student WHERE id = ${child.id}`),
        '2018-03-04');
    const form = (await rosa.get(`/users/student-edit/${child.id}/`)).form(/student-edit/);
    assert.equal(Object.fromEntries(form.fields).date_of_birth, '2018-03-04');
    for (const swapped of ['04/03/2018', '03/04/2018', '4.3.2018', '2018/03/04']) {
        await rosa.get('/users/student-create/');
        assert.equal((await rosa.submit('/users/student-create/',
            { first_name: 'X', last_name: 'Y', date_of_birth: swapped })).status, 422, swapped);
    }
    const slug = addWorkshop(shop, { start_date: '2027-03-04', end_date: '2027-05-06' });
    assert.match((await shop.browser().get(`/workshops/${slug}/`)).main, /4 mar/);
    assert.match((await shop.browser({ language: 'en' }).get(`/workshops/${slug}/`)).main,
        /4 Mar|Mar 4/);
});

test('«None to 14 y/o»', async () => {
    for (const [row, wanted] of [[{ min_age: null, max_age: 14 }, /hasta 14/i],
        [{ min_age: 6, max_age: null }, /(desde|a partir de) (los )?6/i],
        [{ min_age: 6, max_age: 14 }, /6 a 14/], [{ min_age: null, max_age: null }, /./],
        [{ min_age: 18, max_age: null }, /adult|18/i], [{ min_age: 7, max_age: 7 }, /7/]]) {
        const slug = addWorkshop(shop, { ...row, title: `Edades ${unique()}` });
        for (const language of ['es', 'en']) {
            const page = await shop.browser({ language }).get(`/workshops/${slug}/`);
            assert.doesNotMatch(page.text, /None|null|undefined|-1/);
            if (language === 'es') assert.match(page.main, wanted, JSON.stringify(row));
        }
    }
});

test('Queries grow with the cart', async () => {
    const queries = async () => Number((await request(shop.ops, { path: '/metrics' })).body
        .match(/^taller_db_queries_total (\d+)$/m)[1]);
    const cost = async (family, address) => {
        const before = await queries();
        assert.equal((await family.get(address)).status, 200);
        // The page's connection comes back a moment after its answer left.
        let after = await queries();
        for (let last = before; after !== last || after === before;) {
            last = after;
            await new Promise((resolve) => { setTimeout(resolve, 30); });
            after = await queries();
        }
        return after - before;
    };
    const addresses = (family) => ['/store/order-summary/', `/store/checkout/${cartOf(family)}/`,
        '/users/profile/'];
    const filled = async (children, workshops) => {
        const family = await signUp(shop);
        const list = [];
        for (let i = 0; i < children; i++) list.push(await addStudent(family));
        for (let i = 0; i < workshops; i++)
            mustRedirect(await addToCart(family, addWorkshop(shop), list[i % children]));
        return family;
    };
    const [small, large] = [await filled(1, 1), await filled(4, 12)];
    for (let i = 0; i < 3; i++) {
        const [of, than] = [addresses(large)[i], addresses(small)[i]];
        // The clockwork asks something too now and then: the least of some tries is the page's own.
        const least = async (family, address) => Math.min(...[await cost(family, address),
            await cost(family, address), await cost(family, address)]);
        const [many, few] = [await least(large, of), await least(small, than)];
        assert.ok(few > 0 && few <= 12, `${few} queries for ${than}`);
        assert.ok(many <= few, `${many} queries for 12 seats, ${few} for 1: ${of}`);
    }
});

test('Prices are floats; totals drift', async () => {
    const rosa = await signUp(shop);
    const child = await addStudent(rosa);
    const cents = [10, 20, 30, 1, 99, 1999, 12345, 100000000 - 1];
    for (const price of cents)
        mustRedirect(await addToCart(rosa, addWorkshop(shop, { price_cents: price }), child));
    const total = cents.reduce((a, b) => a + b);
    assert.match((await rosa.get('/store/order-summary/')).main, /Total S\/ 1,000,145\.03/);
    const paid = mustRedirect(await checkoutCard(rosa));
    assert.deepEqual(shop.sql(`SELECT total_cents, typeof(total_cents) AS kind FROM orders
        WHERE id = ${paid.order}`), [{ total_cents: total, kind: 'integer' }]);
    assert.throws(() => addWorkshop(shop, { price_cents: 10.5 }), /cannot store REAL/);
});

test('No seats: workshops oversell', async () => {
    const slug = addWorkshop(shop, { capacity: 1 });
    const families = [await signUp(shop), await signUp(shop)];
    const answers = [];
    for (const family of families) {
        const child = await addStudent(family);
        await family.get(`/workshops/${slug}/`);
        answers.push((await family.post(`/store/add-to-cart/${slug}/`,
            { student: child.slug })).status);
    }
    assert.deepEqual(answers, [303, 422]);
    assert.throws(() => shop.sql(`UPDATE workshop SET seats_taken = 2 WHERE slug = ${quote(slug)}`),
        /CHECK/);
});

test('Mail is sent inside the request; a mail failure loses the page', async () => {
    // A mail server that takes connections and never says a word, and one that is not there.
    const silent = net.createServer((socket) => socket.unref()).listen(0, '127.0.0.1').unref();
    await new Promise((resolve) => { silent.once('listening', resolve); });
    for (const port of [silent.address().port, await freePort()]) {
        const own = await start({ sandbox: true, args: ['--smtp', `smtp://user@127.0.0.1:${port}`],
            env: { TALLER_SMTP_PASSWORD: 'secret' } });
        own.setting('mail_from', 'escuela@example.com');
        const rosa = await signUp(own);
        const child = await addStudent(rosa);
        mustRedirect(await addToCart(rosa, addWorkshop(own), child));
        const begin = Date.now();
        const paid = mustRedirect(await checkoutCard(rosa));
        assert.equal((await rosa.follow(paid)).status, 200);
        mustRedirect(await addToCart(rosa, addWorkshop(own), child));
        mustRedirect(await checkoutTransfer(rosa));
        assert.ok(Date.now() - begin < 8000 * SLOW, 'no page waits for the mail server');
        assert.equal(own.value('SELECT count(*) FROM outbox WHERE sent_at IS NULL'), 2);
        const asked = Date.now();
        await own.stop();
        assert.ok(Date.now() - asked < 8000 * SLOW, 'nor does the end of the server');
    }
});

test('The metrics job cannot start as shipped, and fires 60 times', async () => {
    const own = await start(); // nothing configured
    try {
        for (let i = 0; i < 3; i++) {
            const answer = await request(own.ops, { path: '/metrics' });
            assert.equal(answer.status, 200);
            const names = [...answer.body.matchAll(/^# TYPE (\S+)/gm)].map((m) => m[1]);
            assert.equal(new Set(names).size, names.length, 'each figure once');
        }
    } finally {
        await own.stop();
    }
});
