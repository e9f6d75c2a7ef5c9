'use strict';
// What families do from end to end, as a browser without JavaScript sends it: every form is taken
// from the page before, with its hidden fields, and every redirect is one.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const {
    PASSWORD, addStudent, addToCart, addTopic, addWorkshop, bornYearsAgo, cartOf, checkout,
    checkoutCard, checkoutTransfer, day, logIn, mustRedirect, now, quote, signUp, start, unique,
} = require('../lib/shop.js');

let shop;
before(async () => { shop = await start({ sandbox: true }); });
after(() => shop.stop());

describe('a visitor who taps «Inscribir»', () => {
    for (const language of ['es', 'en']) {
        for (const multipart of [false, true]) {
            test(`signs up, adds the child, pays by card (${language}, `
                + `${multipart ? 'multipart' : 'urlencoded'})`, async () => {
                const slug = addWorkshop(shop,
                    { title: 'Robótica <LEGO> & más', price_cents: 15000 });
                const rosa = shop.browser({ language });
                const send = (action, values) => rosa.submit(action, values, { multipart });

                const workshop = await rosa.get(`/workshops/${slug}/`);
                assert.equal(workshop.status, 200);
                assert.match(workshop.text, /Robótica <LEGO> & más/);
                assert.match(workshop.body, /<html lang="(es|en)"/);
                assert.ok(workshop.body.includes(`<html lang="${language}"`));
                assert.equal(workshop.csrf, '', 'a page for all visitors holds no token');
                const tap = workshop.body.match(/href="(\/accounts\/login\/\?next=[^"]*)"/)[1];

                // Log-in leads on to sign-up, and the workshop is not forgotten.
                const login = await rosa.get(tap);
                const toSignup = login.body.match(/href="(\/accounts\/signup\/\?next=[^"]*)"/)[1];
                await rosa.get(toSignup);
                const email = `${unique('rosa')}@example.com`;
                const signedUp = await send('/accounts/signup/', {
                    email, password1: PASSWORD, password2: PASSWORD, first_name: 'Rosa',
                    last_name: 'Ñahui Pérez', country: 'PE', role: '1', phone: '+51 987 654 321',
                });
                assert.equal(mustRedirect(signedUp).location, `/workshops/${slug}/`);

                // No child yet: the page asks for one in place and comes back with it chosen.
                await rosa.follow(signedUp);
                const added = await send('/users/student-create/', {
                    first_name: 'Sofía', last_name: 'Ñahui', date_of_birth: bornYearsAgo(9),
                    school: 'I. E. 1140',
                });
                assert.match(mustRedirect(added).location,
                    new RegExp(`^/workshops/${slug}/\\?student=[\\w-]+#enrol$`));
                const back = await rosa.get(added.location.replace('#enrol', ''));
                const chosen = Object.fromEntries(back.form(`/store/add-to-cart/${slug}/`).fields);
                assert.match(chosen.student, /^[\w-]{10,}$/, 'the new child is chosen');

                const held = await send(`/store/add-to-cart/${slug}/`);
                assert.equal(mustRedirect(held).location, '/store/order-summary/');
                const cart = await rosa.follow(held);
                assert.match(cart.main, /Sofía/);
                assert.match(cart.main, /S\/ 150\.00/);
                const address = cart.body.match(/\/store\/checkout\/\d+\//)[0];

                const pay = await rosa.get(address);
                assert.match(pay.main, /S\/ 150\.00/);
                const paid = await send(address, {
                    method: 'card', cc_number: '4242424242424242', cc_month: '01', cc_year: '2031',
                    cc_cvv: '987',
                });
                const order = Number(mustRedirect(paid).location.match(/^\/store\/orders\/(\d+)\/$/)[1]);
                const done = await rosa.follow(paid);
                assert.match(done.title, language === 'es' ? /^¡Listo! Sofía/ : /^Done! Sofía/);

                const receipt = await rosa.get(`/store/orders/${order}/receipt/`);
                assert.equal(receipt.status, 200);
                assert.match(receipt.main, /Sofía Ñahui/);
                assert.match(receipt.main, /Rosa Ñahui Pérez/);
                assert.match(receipt.main, /S\/ 150\.00/);
                assert.match(receipt.main, language === 'es'
                    ? /no es (un )?comprobante/i : /not a tax/i);

                const profile = await rosa.get('/users/profile/');
                assert.match(profile.main, /Robótica <LEGO> & más/);
                assert.ok(profile.body.includes(`/store/orders/${order}/receipt/`));

                assert.deepEqual(shop.sql(`SELECT o.status, o.total_cents, o.method,
                        i.status AS seat, i.price_cents, i.list_price_cents,
                        p.provider, p.amount_cents, p.status AS money
                    FROM orders o JOIN inscription i ON i.order_id = o.id
                    JOIN payment p ON p.order_id = o.id WHERE o.id = ${order}`), [{
                    status: 'paid', total_cents: 15000, method: 'card', seat: 'confirmed',
                    price_cents: 15000, list_price_cents: 15000, provider: 'card',
                    amount_cents: 15000, money: 'succeeded',
                }]);
                const mails = shop.sql(`SELECT subject, body_text, body_html FROM outbox
                    WHERE recipient = ${quote(email)}`);
                assert.equal(mails.length, 1, 'one mail: the receipt');
                assert.match(mails[0].body_text, /Robótica <LEGO> & más/);
                assert.match(mails[0].body_text, /S\/ 150\.00/);
                assert.match(mails[0].body_html, /Robótica &lt;LEGO&gt; &amp; más/);
                assert.doesNotMatch(JSON.stringify(mails), /4242|987/);
            });
        }
    }

    test('has an account already: log-in leads back to the workshop', async () => {
        const slug = addWorkshop(shop);
        const rosa = await signUp(shop);
        await addStudent(rosa);
        const again = shop.browser();
        const page = await again.get(`/workshops/${slug}/`);
        await again.get(page.body.match(/href="(\/accounts\/login\/\?next=[^"]*)"/)[1]);
        const entered = await again.submit('/accounts/login/',
            { login: rosa.email.toUpperCase(), password: PASSWORD });
        assert.equal(mustRedirect(entered).location, `/workshops/${slug}/`);
        const back = await again.follow(entered);
        assert.ok(back.form(`/store/add-to-cart/${slug}/`).fields.find(([n]) => n === 'student'));
    });

    test('keeps the workshop over wrong passwords and refused sign-ups', async () => {
        const slug = addWorkshop(shop);
        const rosa = await signUp(shop);
        const visitor = shop.browser();
        await visitor.get(`/accounts/login/?next=/workshops/${slug}/`);
        const wrong = await visitor.submit('/accounts/login/',
            { login: rosa.email, password: 'no' });
        assert.equal(wrong.status, 422);
        const right = await visitor.submit('/accounts/login/',
            { login: rosa.email, password: PASSWORD });
        assert.equal(mustRedirect(right).location, `/workshops/${slug}/`);

        const other = shop.browser();
        await other.get(`/accounts/signup/?next=/workshops/${slug}/`);
        const refused = await other.submit('/accounts/signup/', { email: 'not an address' });
        assert.equal(refused.status, 422);
        assert.equal(Object.fromEntries(refused.form('/accounts/signup/').fields).next,
            `/workshops/${slug}/`);
    });

    test('by a form that needs an account comes back to the page of the form', async () => {
        const slug = addWorkshop(shop);
        const visitor = shop.browser();
        const sent = await visitor.post(`/store/add-to-cart/${slug}/`, { student: 'x' });
        assert.equal(decodeURIComponent(mustRedirect(sent).location),
            `/accounts/login/?next=/workshops/${slug}/`);
    });
});

describe('a family', () => {
    test('enrols two children in one order and gets one receipt', async () => {
        const rosa = await signUp(shop);
        const [a, b] = [await addStudent(rosa, { first_name: 'Ana' }),
            await addStudent(rosa, { first_name: 'Beto' })];
        const slug = addWorkshop(shop, { price_cents: 20000, discount_price_cents: 17550 });
        mustRedirect(await addToCart(rosa, slug, a));
        mustRedirect(await addToCart(rosa, slug, b));
        const paid = mustRedirect(await checkoutCard(rosa));
        assert.deepEqual(shop.sql(`SELECT count(*) AS seats, sum(price_cents) AS price,
            sum(list_price_cents) AS list FROM inscription
            WHERE order_id = ${paid.order} AND status = 'confirmed'`),
        [{ seats: 2, price: 35100, list: 40000 }]);
        assert.equal(shop.value(`SELECT total_cents FROM orders WHERE id = ${paid.order}`), 35100);
        assert.equal(shop.value(`SELECT count(*) FROM receipt WHERE order_id = ${paid.order}`), 1);
        assert.match((await rosa.follow(paid)).title, /2 inscripciones/);
        const receipt = await rosa.get(`/store/orders/${paid.order}/receipt/`);
        assert.match(receipt.main, /Ana/);
        assert.match(receipt.main, /Beto/);
        assert.match(receipt.main, /S\/ 351\.00/);
    });

    test('transfers: code, deadline, a reported operation, and a new cart meanwhile', async () => {
        shop.setting('bank_details', 'BCP 191-123\nAcademia Sol');
        shop.setting('wallet_name', 'Yape');
        const rosa = await signUp(shop);
        const child = await addStudent(rosa);
        mustRedirect(await addToCart(rosa, addWorkshop(shop), child));
        const placed = mustRedirect(await checkoutTransfer(rosa));
        const order = shop.sql(`SELECT * FROM orders WHERE id = ${placed.order}`)[0];
        assert.equal(order.status, 'pending');
        assert.match(order.code, /^TAL-[2-9A-Z]{4}$/);
        assert.ok(Math.abs(order.due_at - now() - 48 * 3600) < 120);
        assert.equal(shop.value(`SELECT hold_until FROM inscription
            WHERE order_id = ${placed.order}`), order.due_at, 'the seat is kept until the deadline');
        const page = await rosa.follow(placed);
        for (const said of [order.code, 'S/ 180.00', 'Yape', 'BCP 191-123'])
            assert.ok(page.main.includes(said), said);
        assert.equal(shop.value(`SELECT count(*) FROM receipt WHERE order_id = ${placed.order}`),
            0);
        assert.equal((await rosa.get(`/store/orders/${placed.order}/receipt/`)).status, 404);

        const report = `/store/orders/${placed.order}/report-payment/`;
        await rosa.get(`/store/orders/${placed.order}/`);
        const told = mustRedirect(await rosa.submit(report, { operation: ' 00 123456 ' }));
        assert.match((await rosa.follow(told)).main, /00 123456/);
        await rosa.get(`/store/orders/${placed.order}/`);
        mustRedirect(await rosa.submit(report, { operation: '00 123456' }));
        assert.equal(shop.value(`SELECT count(*) FROM payment_report
            WHERE order_id = ${placed.order}`), 1, 'the same number twice is one report');
        assert.equal(shop.value(`SELECT status FROM orders WHERE id = ${placed.order}`), 'pending',
            'a family cannot confirm its own payment');

        // A second order while the first waits.
        mustRedirect(await addToCart(rosa, addWorkshop(shop), child));
        const paid = mustRedirect(await checkoutCard(rosa));
        assert.notEqual(paid.order, placed.order);
        const profile = await rosa.get('/users/profile/');
        assert.ok(profile.main.includes(order.code));
        shop.setting('bank_details', null);
        shop.setting('wallet_name', null);
    });

    test('confirms a free workshop without any method', async () => {
        const rosa = await signUp(shop);
        const child = await addStudent(rosa);
        const slug = addWorkshop(shop, { price_cents: 12000, discount_price_cents: 0 });
        mustRedirect(await addToCart(rosa, slug, child));
        const done = mustRedirect(await checkout(rosa));
        assert.deepEqual(shop.sql(`SELECT status, total_cents, method FROM orders
            WHERE id = ${done.order}`), [{ status: 'paid', total_cents: 0, method: null }]);
        assert.equal(shop.value(`SELECT count(*) FROM receipt WHERE order_id = ${done.order}`), 1);
        assert.equal(shop.value(`SELECT count(*) FROM payment WHERE order_id = ${done.order}
            AND amount_cents > 0`), 0);
        assert.equal((await rosa.get(`/store/orders/${done.order}/receipt/`)).status, 200);
    });

    test('of an adult student: their own record is made at sign-up', async () => {
        const julia = await signUp(shop, {
            role: '3', school: 'PUCP', date_of_birth: bornYearsAgo(30), first_name: 'Julia',
        });
        const slug = addWorkshop(shop, { min_age: 18, max_age: null });
        const page = await julia.get(`/workshops/${slug}/`);
        assert.match(page.main, /Julia/);
        mustRedirect(await julia.submit(`/store/add-to-cart/${slug}/`));
        mustRedirect(await checkoutCard(julia));
        assert.equal(shop.value(`SELECT is_self FROM student WHERE parent_id = ${julia.account}`),
            1);
    });

    test('of a parent who joins in: added in one tap, once', async () => {
        const rosa = await signUp(shop, { date_of_birth: bornYearsAgo(35) });
        await rosa.get('/users/student-create/');
        mustRedirect(await rosa.submit('/users/add-self/'));
        assert.equal(shop.value(`SELECT count(*) FROM student WHERE parent_id = ${rosa.account}
            AND is_self = 1`), 1);
        await rosa.post('/users/add-self/', {});
        assert.equal(shop.value(`SELECT count(*) FROM student WHERE parent_id = ${rosa.account}`),
            1);
    });

    test('whose birth date is not known yet is asked for it, not refused', async () => {
        const rosa = await signUp(shop);
        await rosa.get('/users/student-create/');
        const asked = await rosa.submit('/users/add-self/');
        assert.equal(asked.status, 422);
        assert.match(asked.body, /name="date_of_birth"/);
        assert.equal(shop.value(`SELECT count(*) FROM student WHERE parent_id = ${rosa.account}`),
            0);
    });

    test('edits, puts away, brings back and deletes a child', async () => {
        const rosa = await signUp(shop);
        const child = await addStudent(rosa, { first_name: 'Sofia' });
        const edit = `/users/student-edit/${child.id}/`;
        await rosa.get(edit);
        mustRedirect(await rosa.submit(edit, { first_name: 'Sofía', school: '' }));
        assert.equal(shop.value(`SELECT first_name FROM student WHERE id = ${child.id}`), 'Sofía');

        const slug = addWorkshop(shop);
        mustRedirect(await addToCart(rosa, slug, child));
        mustRedirect(await checkoutCard(rosa));
        await rosa.get(edit);
        assert.ok(!rosa.page.body.includes(`/users/student-delete/${child.id}/`),
            'nothing offers to delete who has inscriptions');
        mustRedirect(await rosa.post(`/users/student-delete/${child.id}/`));
        assert.equal(shop.value(`SELECT count(*) FROM student WHERE id = ${child.id}`), 1);

        await rosa.get(edit);
        mustRedirect(await rosa.submit(`/users/student-archive/${child.id}/`));
        assert.ok(shop.value(`SELECT archived_at FROM student WHERE id = ${child.id}`));
        assert.doesNotMatch((await rosa.get(`/workshops/${addWorkshop(shop)}/`)).main, /Sofía/);
        await rosa.get(edit);
        mustRedirect(await rosa.submit(`/users/student-restore/${child.id}/`));
        assert.equal(shop.value(`SELECT archived_at FROM student WHERE id = ${child.id}`), null);

        const other = await addStudent(rosa);
        await rosa.get(`/users/student-edit/${other.id}/`);
        mustRedirect(await rosa.submit(`/users/student-delete/${other.id}/`));
        assert.equal(shop.value(`SELECT count(*) FROM student WHERE id = ${other.id}`), 0);
    });
});

describe('the catalogue', () => {
    test('filters, sorts and pages; what is not set is not printed', async () => {
        const visitor = shop.browser();
        const topic = addTopic(shop, { name: 'Astronomía & cía' });
        const bare = addWorkshop(shop, {
            topic_id: topic, title: 'Cielo abierto', description: null, min_age: null,
                max_age: null,
            place: null, start_date: null, end_date: null, weekdays: 0, start_minute: null,
            end_minute: null, weeks: null, level: null, capacity: null,
        });
        addWorkshop(shop, { topic_id: topic, title: 'Cielo de adultos', min_age: 18,
            max_age: null });
        addWorkshop(shop, { topic_id: topic, title: 'Cielo hasta 14', min_age: null, max_age: 14 });
        const titles = async (query) => {
            const page = await visitor.get(`/workshops/?topic=${topic}&${query}`);
            assert.equal(page.status, 200);
            assert.doesNotMatch(page.text, /None|null|undefined|NaN|\(nil\)|-1/);
            return [...page.main.matchAll(/Cielo (abierto|de adultos|hasta 14)/g)].map((m) => m[1]);
        };
        const has = async (query, ...wanted) =>
            assert.deepEqual([...new Set(await titles(query))].sort(), wanted.sort(), query);
        await has('', 'abierto', 'de adultos', 'hasta 14');
        await has('q=ADULTOS', 'de adultos');
        await has('q=CIELO+h%C3%A1sta', 'hasta 14');
        await has('age=10', 'abierto', 'hasta 14');
        await has('age=40', 'abierto', 'de adultos');
        await has('level=1', 'de adultos', 'hasta 14');
        await has('level=3');
        await has(`from=${day(10)}`, 'de adultos', 'hasta 14');
        await has(`from=${day(60)}`);
        await has('sort=title&page=1', 'abierto', 'de adultos', 'hasta 14');
        // Nonsense counts as not set.
        for (const nonsense of ['age=abc', 'age=-1', 'age=999999999999999999999', 'level=9',
            'page=0', 'page=-1', 'page=99999', 'from=31/12/2026', 'from=2026-02-30', 'sort=DROP',
            'q=%27%22%3C'])
            assert.equal((await visitor.get(`/workshops/?${nonsense}`)).status, 200, nonsense);
        const page = await visitor.get(`/workshops/${bare}/`);
        assert.doesNotMatch(page.text, /None|null|undefined|NaN|\(nil\)/);
    });

    test('has many pages when there are many workshops', async () => {
        const topic = addTopic(shop);
        for (let i = 0; i < 30; i++)
            addWorkshop(shop, { topic_id: topic, title: `Serie ${String(i).padStart(2, '0')}` });
        const visitor = shop.browser();
        const seen = new Set();
        let address = `/workshops/?topic=${topic}&sort=title`;
        for (let pages = 0; address && pages < 10; pages++) {
            const page = await visitor.get(address);
            for (const [title] of page.main.matchAll(/Serie \d\d/g)) seen.add(title);
            const next = page.body.match(/<a\b[^>]*rel="next"[^>]*>/)?.[0].match(/href="([^"]*)"/)[1];
            address = next?.replaceAll('&amp;', '&');
        }
        assert.equal(seen.size, 30);
    });
});

test('an order is found again after logging out and in', async () => {
    const rosa = await signUp(shop);
    const child = await addStudent(rosa);
    const slug = addWorkshop(shop);
    mustRedirect(await addToCart(rosa, slug, child));
    const cart = cartOf(rosa);
    await rosa.get('/accounts/logout/');
    mustRedirect(await rosa.submit('/accounts/logout/'));
    assert.equal((await rosa.get('/store/order-summary/')).status, 303);
    mustRedirect(await logIn(rosa));
    const paid = mustRedirect(await checkoutCard(rosa));
    assert.equal(paid.order, cart);
});
