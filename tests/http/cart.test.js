'use strict';
// The cart: seats held for a while, extended, lost, held again, given to another child, given back.
// What time brings about is made by setting the moment back in the database.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const {
    addStudent, addToCart, addWorkshop, bornYearsAgo, cartOf, checkoutCard, checkoutTransfer, day,
    mustRedirect, now, quote, signUp, start, until,
} = require('../lib/shop.js');

let shop;
before(async () => { shop = await start({ sandbox: true }); });
after(() => shop.stop());

const held = (family) => shop.sql(`SELECT i.* FROM inscription i JOIN orders o ON o.id = i.order_id
    WHERE o.account_id = ${family.account} ORDER BY i.id`);
const seats = (slug) => shop.value(`SELECT seats_taken FROM workshop WHERE slug = ${quote(slug)}`);
const expire = (id) =>
    shop.sql(`UPDATE inscription SET hold_until = ${now() - 1} WHERE id = ${id}`);

/** A family with one child and one seat held. */
async function holding(row, child) {
    const rosa = await signUp(shop);
    rosa.child = await addStudent(rosa, child);
    rosa.slug = addWorkshop(shop, row);
    mustRedirect(await addToCart(rosa, rosa.slug, rosa.child));
    rosa.seat = held(rosa)[0];
    return rosa;
}

describe('a hold', () => {
    test('lasts 30 minutes, is shown with its end, and counts as a seat', async () => {
        const rosa = await holding({ capacity: 3 });
        assert.ok(Math.abs(rosa.seat.hold_until - now() - 1800) < 60);
        assert.equal(seats(rosa.slug), 1);
        const cart = await rosa.get('/store/order-summary/');
        const clock = new Date(rosa.seat.hold_until * 1000).toLocaleTimeString('en-US',
            { timeZone: 'America/Lima', hour: 'numeric', minute: '2-digit' })
            .replace(/\s?[AP]M/, '');
        assert.ok(cart.main.includes(clock), `${clock} in ${cart.main}`);
        assert.match(cart.body, /data-hold-seconds="1[78]\d\d"/);
        assert.match((await rosa.get(`/workshops/${rosa.slug}/`)).main, /[Qq]uedan 2 vacantes/);
    });

    test('asked for twice stays one, and is not prolonged', async () => {
        const rosa = await holding();
        await rosa.get(`/workshops/${rosa.slug}/`);
        mustRedirect(await rosa.post(`/store/add-to-cart/${rosa.slug}/`,
            { student: rosa.child.slug }));
        assert.deepEqual(held(rosa), [rosa.seat]);
        assert.equal(seats(rosa.slug), 1);
    });

    test('is extended ten times and not an eleventh', async () => {
        const rosa = await holding();
        const address = `/store/extend-hold/${rosa.seat.id}/`;
        for (let i = 1; i <= 10; i++) {
            await rosa.get('/store/order-summary/');
            mustRedirect(await rosa.submit(address), /order-summary/);
            assert.equal(held(rosa)[0].extensions, i);
        }
        assert.ok(held(rosa)[0].hold_until >= rosa.seat.hold_until + 10 * 15 * 60 - 60);
        const last = held(rosa)[0];
        assert.ok(!(await rosa.get('/store/order-summary/')).body.includes(address));
        const refused = await rosa.post(address);
        assert.equal(refused.status, 422);
        assert.match(refused.main, /10 veces/);
        assert.deepEqual(held(rosa)[0], last);
    });

    test('that ended frees the seat for others at once, and says so', async () => {
        const rosa = await holding({ capacity: 1 });
        const other = await signUp(shop);
        const child = await addStudent(other);
        const page = await other.get(`/workshops/${rosa.slug}/`);
        assert.match(page.main, /Vacantes agotadas/);
        assert.equal((await other.post(`/store/add-to-cart/${rosa.slug}/`,
            { student: child.slug })).status, 422);

        expire(rosa.seat.id);
        const cart = await rosa.get('/store/order-summary/');
        assert.match(cart.main, /[Tt]u reserva venció/);
        assert.ok(!/\/store\/checkout\//.test(cart.body), 'an ended hold cannot be paid');
        mustRedirect(await addToCart(other, rosa.slug, child));
        assert.equal(seats(rosa.slug), 1);

        const again = await rosa.post(`/store/rehold/${rosa.seat.id}/`);
        assert.equal(again.status, 422);
        assert.match(again.main, /Vacantes agotadas/);
        assert.equal(seats(rosa.slug), 1);
    });

    test('that ended is held again by one button, at the price of today', async () => {
        const rosa = await holding({ capacity: 1, price_cents: 10000 });
        expire(rosa.seat.id);
        shop.sql(`UPDATE workshop SET price_cents = 11000 WHERE slug = ${quote(rosa.slug)}`);
        await rosa.get('/store/order-summary/');
        mustRedirect(await rosa.submit(`/store/rehold/${rosa.seat.id}/`));
        const cart = await rosa.get('/store/order-summary/');
        assert.match(cart.main, /S\/ 110\.00/);
        assert.doesNotMatch(cart.main, /S\/ 100\.00/);
        assert.ok(held(rosa).some((i) => i.status === 'held' && i.hold_until > now() + 1700));
        mustRedirect(await checkoutCard(rosa));
        assert.equal(seats(rosa.slug), 1);
    });

    test('that ended is swept by the clockwork even when nobody looks', async () => {
        const rosa = await holding();
        expire(rosa.seat.id);
        await until(() => held(rosa)[0].status === 'expired');
        assert.equal(seats(rosa.slug), 0);
    });

    test('that ended while the checkout page was open charges nothing', async () => {
        const rosa = await holding();
        const address = `/store/checkout/${cartOf(rosa)}/`;
        await rosa.get(address);
        expire(rosa.seat.id);
        const sent = await rosa.submit(address, {
            method: 'card', cc_number: '4242424242424242', cc_month: '12', cc_year: '2030',
            cc_cvv: '123',
        });
        assert.equal(sent.status, 422);
        assert.match(sent.main, /No cobramos nada/);
        assert.equal(shop.value(`SELECT count(*) FROM payment WHERE order_id = ${cartOf(rosa)}`),
            0);
    });

    test('goes to another own child', async () => {
        const rosa = await holding();
        const beto = await addStudent(rosa, { first_name: 'Beto' });
        await rosa.get('/store/order-summary/');
        mustRedirect(await rosa.submit(`/store/change-student/${rosa.seat.id}/`,
            { student: beto.slug }));
        assert.deepEqual(held(rosa), [{ ...rosa.seat, student_id: beto.id }]);
        assert.equal(seats(rosa.slug), 1);
    });

    test('does not go to a child who is too young, enrolled already, or nobody', async () => {
        const rosa = await holding();
        const baby = await addStudent(rosa, { date_of_birth: bornYearsAgo(2) });
        const address = `/store/change-student/${rosa.seat.id}/`;
        await rosa.get('/store/order-summary/');
        const young = await rosa.post(address, { student: baby.slug });
        assert.equal(young.status, 422);
        assert.match(young.main, /este taller es de 6 a 12/);
        assert.equal((await rosa.post(address, { student: 'nobody' })).status, 404);
        assert.equal((await rosa.post(address, {})).status, 404);
        assert.deepEqual(held(rosa), [rosa.seat]);
    });

    test('is given back by removing it, and removing again changes nothing', async () => {
        const rosa = await holding();
        await rosa.get('/store/order-summary/');
        const address = `/store/remove-from-cart/${rosa.seat.id}/`;
        mustRedirect(await rosa.submit(address));
        assert.equal(seats(rosa.slug), 0);
        const replay = await rosa.post(address);
        assert.ok([303, 404, 422].includes(replay.status), `${replay.status}`);
        assert.equal(seats(rosa.slug), 0);
        assert.match((await rosa.get('/store/order-summary/')).main, /Aún no eliges un taller/);
    });

    test('that is paid for cannot be removed, moved or extended', async () => {
        const rosa = await holding();
        const beto = await addStudent(rosa);
        mustRedirect(await checkoutCard(rosa));
        const before = shop.state();
        for (const [action, fields] of [['remove-from-cart'], ['extend-hold'], ['rehold'],
            ['change-student', { student: beto.slug }]]) {
            const sent = await rosa.post(`/store/${action}/${rosa.seat.id}/`, fields);
            assert.ok([404, 422].includes(sent.status), `${action}: ${sent.status}`);
        }
        shop.unchanged(before);
    });

    test('in an order that waits for a transfer cannot be removed either', async () => {
        const rosa = await holding();
        mustRedirect(await checkoutTransfer(rosa));
        const before = shop.state();
        for (const action of ['remove-from-cart', 'extend-hold', 'rehold', 'change-student']) {
            const sent = await rosa.post(`/store/${action}/${rosa.seat.id}/`,
                { student: rosa.child.slug });
            assert.ok([404, 422].includes(sent.status), `${action}: ${sent.status}`);
        }
        shop.unchanged(before);
    });
});

describe('the workshop’s page says why a child cannot be enrolled', () => {
    test('age counts on the day the workshop starts', async () => {
        const rosa = await signUp(shop);
        const startDate = day(40);
        const turnsSix = `${Number(startDate.slice(0, 4)) - 6}${startDate.slice(4)}`;
        const child = await addStudent(rosa, { first_name: 'Sofía', date_of_birth: turnsSix });
        const slug = addWorkshop(shop, { min_age: 6, max_age: 9, start_date: startDate });
        mustRedirect(await addToCart(rosa, slug, child));

        const later = new Date(Date.parse(startDate) + 86400e3).toISOString().slice(0, 10);
        const young = await addStudent(rosa,
            { first_name: 'Teo',
                date_of_birth: `${Number(later.slice(0, 4)) - 6}${later.slice(4)}` });
        const page = await rosa.get(`/workshops/${slug}/`);
        assert.match(page.main, /Teo tendrá 5 años .*; este taller es de 6 a 9/);
        const sent = await rosa.post(`/store/add-to-cart/${slug}/`, { student: young.slug });
        assert.equal(sent.status, 422);
        assert.match(sent.main, /Teo tendrá 5 años/);
        assert.equal(seats(slug), 1);
    });

    test('already enrolled, already in the cart, no child chosen', async () => {
        const rosa = await holding();
        const twice = await rosa.get(`/workshops/${rosa.slug}/`);
        assert.match(twice.main, /ya está en tu carrito/);
        mustRedirect(await checkoutCard(rosa));
        assert.match((await rosa.get(`/workshops/${rosa.slug}/`)).main, /ya está inscrit/);
        const sent = await rosa.post(`/store/add-to-cart/${rosa.slug}/`,
            { student: rosa.child.slug });
        assert.equal(sent.status, 422);
        assert.match(sent.main, /ya está inscrit/);
        assert.equal((await rosa.post(`/store/add-to-cart/${rosa.slug}/`, {})).status, 422);
        assert.equal(seats(rosa.slug), 1);
    });

    test('sales that have not opened, have closed, or a workshop that began', async () => {
        const rosa = await signUp(shop);
        const child = await addStudent(rosa);
        for (const row of [{ sales_open_at: now() + 3600 }, { sales_close_at: now() - 10 },
            { start_date: day(-2), end_date: day(20) }]) {
            const slug = addWorkshop(shop, row);
            const page = await rosa.get(`/workshops/${slug}/`);
            assert.equal(page.status, 200);
            assert.ok(!page.forms.some((f) => f.action === `/store/add-to-cart/${slug}/`));
            const sent = await rosa.post(`/store/add-to-cart/${slug}/`, { student: child.slug });
            assert.equal(sent.status, 422, JSON.stringify(row));
            assert.equal(seats(slug), 0);
        }
        const late = addWorkshop(shop, { start_date: day(-2), end_date: day(20),
            sales_close_at: now() + 3600 });
        mustRedirect(await addToCart(rosa, late, child));
    });
});

test('a clash of hours is said, between carts and what is paid, and does not forbid', async () => {
    const rosa = await holding({ title: 'Ajedrez', weekdays: 2, start_minute: 960,
        end_minute: 1050 });
    const same = addWorkshop(shop,
        { title: 'Teatro', weekdays: 6, start_minute: 1000, end_minute: 1100 });
    const other = addWorkshop(shop,
        { title: 'Coro', weekdays: 2, start_minute: 1050, end_minute: 1100 });
    mustRedirect(await addToCart(rosa, other, rosa.child));
    assert.doesNotMatch((await rosa.get('/store/order-summary/')).main, /se cruza/i);
    mustRedirect(await addToCart(rosa, same, rosa.child));
    assert.match((await rosa.get('/store/order-summary/')).main, /cruza/i);
    mustRedirect(await checkoutCard(rosa));
    const third = addWorkshop(shop,
        { title: 'Judo', weekdays: 2, start_minute: 970, end_minute: 980 });
    mustRedirect(await addToCart(rosa, third, rosa.child));
    assert.match((await rosa.get('/store/order-summary/')).main, /cruza/i);
});

test('an account holds twelve seats at most', async () => {
    const rosa = await signUp(shop);
    const child = await addStudent(rosa);
    for (let i = 0; i < 12; i++) mustRedirect(await addToCart(rosa, addWorkshop(shop), child));
    const slug = addWorkshop(shop);
    const refused = await addToCart(rosa, slug, child);
    assert.equal(refused.status, 422);
    assert.match(refused.main, /12/);
    assert.equal(seats(slug), 0);
    expire(held(rosa)[0].id);
    mustRedirect(await addToCart(rosa, slug, child));
});

test('a private workshop opens with its key alone, for its page and for the cart', async () => {
    const slug = addWorkshop(shop, { private: 1, private_key: 'llave-secreta', title: 'Privado' });
    const keyless = addWorkshop(shop, { private: 1, private_key: null, title: 'Privado' });
    const rosa = await signUp(shop);
    const child = await addStudent(rosa);
    const visitor = shop.browser();
    for (const path of [`/workshops/${slug}/`, `/workshops/${slug}/?key=`,
        `/workshops/${slug}/?key=wrong`, `/workshops/${keyless}/`, `/workshops/${keyless}/?key=`]) {
        assert.equal((await visitor.get(path)).status, 404, path);
        assert.equal((await rosa.get(path)).status, 404, path);
    }
    assert.doesNotMatch((await visitor.get('/workshops/?q=privado')).main, /Privado/);
    assert.doesNotMatch((await visitor.get('/')).main, /Privado/);
    assert.equal((await visitor.get(`/workshops/${slug}/?key=llave-secreta`)).status, 200);
    await rosa.get('/users/profile/');
    for (const fields of [{}, { key: '' }, { key: 'wrong' }])
        assert.equal((await rosa.post(`/store/add-to-cart/${slug}/`,
            { student: child.slug, ...fields })).status, 404);
    assert.equal((await rosa.post(`/store/add-to-cart/${keyless}/`,
        { student: child.slug, key: '' })).status, 404);
    assert.equal(seats(slug), 0);

    // The key survives the way through log-in.
    const tap = (await visitor.get(`/workshops/${slug}/?key=llave-secreta`)).body
        .match(/href="(\/accounts\/login\/\?next=[^"]*)"/)[1].replaceAll('&amp;', '&');
    await visitor.get(tap);
    const entered = mustRedirect(await visitor.submit('/accounts/login/',
        { login: rosa.email, password: rosa.password }));
    assert.equal(entered.location, `/workshops/${slug}/?key=llave-secreta`);
    const anonymous = await shop.browser().post(`/store/add-to-cart/${slug}/`,
        { student: 'x', key: 'llave-secreta' });
    assert.equal(decodeURIComponent(anonymous.location),
        `/accounts/login/?next=/workshops/${slug}/?key=llave-secreta`);

    mustRedirect(await addToCart(rosa, slug, child, { key: 'llave-secreta' }));
    mustRedirect(await checkoutCard(rosa));
    assert.equal(seats(slug), 1);
});

test('an inactive workshop is nowhere and not for sale', async () => {
    const slug = addWorkshop(shop, { active: 0, title: 'Apagado' });
    const rosa = await signUp(shop);
    const child = await addStudent(rosa);
    for (const browser of [shop.browser(), rosa]) {
        assert.equal((await browser.get(`/workshops/${slug}/`)).status, 404);
        assert.equal((await browser.get(`/workshops/${slug}/?key=x`)).status, 404);
        assert.doesNotMatch((await browser.get('/workshops/?q=apagado')).main, /Apagado/);
    }
    await rosa.get('/users/profile/');
    assert.equal((await rosa.post(`/store/add-to-cart/${slug}/`,
        { student: child.slug })).status, 404);
    assert.equal(seats(slug), 0);
});

test('a workshop that closed while in the cart cannot be paid; removed, the rest can', async () => {
    const rosa = await holding();
    const other = addWorkshop(shop, { price_cents: 5000 });
    mustRedirect(await addToCart(rosa, other, rosa.child));
    shop.sql(`UPDATE workshop SET active = 0 WHERE slug = ${quote(rosa.slug)}`);
    const cart = await rosa.get('/store/order-summary/');
    assert.match(cart.main, /ya no está en venta/);
    mustRedirect(await rosa.submit(`/store/remove-from-cart/${rosa.seat.id}/`));
    const paid = mustRedirect(await checkoutCard(rosa));
    assert.equal(shop.value(`SELECT total_cents FROM orders WHERE id = ${paid.order}`), 5000);
});

test('what somebody else writes to the database is seen by the next request', async () => {
    const visitor = shop.browser();
    const slug = addWorkshop(shop, { title: 'Primero' });
    assert.match((await visitor.get(`/workshops/${slug}/`)).main, /Primero/);
    for (let i = 0; i < 20; i++) {
        shop.sql(`UPDATE workshop SET title = 'Cambio ${i}', capacity = ${i + 2}
            WHERE slug = ${quote(slug)}`);
        assert.match((await visitor.get(`/workshops/${slug}/`)).main, new RegExp(`Cambio ${i}\\b`));
        assert.match((await visitor.get('/workshops/?q=cambio')).main,
            new RegExp(`Cambio ${i}\\b`));
    }
    shop.setting('school_name', 'Escuela Nueva');
    assert.match((await visitor.get('/')).body, /Escuela Nueva/);
    shop.setting('school_name', null);
});
