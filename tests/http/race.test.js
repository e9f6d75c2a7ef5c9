'use strict';
// Crowds: whoever comes at once, seats are sold once, and every family is told the truth.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const {
    SLOW, addStudent, addWorkshop, bornYearsAgo, card, cartOf, checkoutCard, logIn, mustRedirect,
    now, quote, signUp, start, unique,
} = require('../lib/shop.js');

const FAMILIES = SLOW > 1 ? 24 : 64;
const ROUNDS = SLOW > 1 ? 2 : 5;
const SEATS = 5;

let shop;
const families = [];

before(async () => {
    shop = await start({ sandbox: true, settings: { signups_per_address: '1000' } });
    while (families.length < FAMILIES) {
        families.push(...await Promise.all(Array.from({ length: 8 }, async () => {
            const family = await signUp(shop);
            family.child = await addStudent(family);
            return family;
        })));
    }
});
after(() => shop.stop());

const count = (slug, condition = '1') => shop.value(`SELECT count(*) FROM inscription i
    JOIN workshop w ON w.id = i.workshop_id WHERE w.slug = ${quote(slug)} AND ${condition}`);

for (let round = 1; round <= ROUNDS; round++) {
    test(`${FAMILIES} families race for ${SEATS} seats and pay (round ${round})`, async () => {
        const slug = addWorkshop(shop, { capacity: SEATS });
        await Promise.all(families.map((family) => family.get(`/workshops/${slug}/`)));
        const answers = await Promise.all(families.map((family) =>
            family.submit(`/store/add-to-cart/${slug}/`, { student: family.child.slug })));
        const lucky = families.filter((_, i) => answers[i].status === 303);
        assert.equal(lucky.length, SEATS);
        for (const answer of answers.filter((a) => a.status !== 303)) {
            assert.equal(answer.status, 422);
            assert.match(answer.main, /Vacantes agotadas/);
        }
        assert.equal(shop.value(`SELECT seats_taken FROM workshop WHERE slug = ${quote(slug)}`),
            SEATS);

        // One gives its seat back, one lets it expire, and the rest race for the two.
        const [first, second, ...paying] = lucky;
        const seat = (family) => shop.value(`SELECT i.id FROM inscription i JOIN orders o
            ON o.id = i.order_id WHERE o.account_id = ${family.account} AND i.status = 'held'`);
        const gone = seat(second);
        shop.sql(`UPDATE inscription SET hold_until = ${now() - 1} WHERE id = ${gone}`);
        mustRedirect(await first.post(`/store/remove-from-cart/${seat(first)}/`));
        const unlucky = families.filter((family) => !lucky.includes(family));
        const second_try = await Promise.all(unlucky.map((family) =>
            family.post(`/store/add-to-cart/${slug}/`, { student: family.child.slug })));
        const late = unlucky.filter((_, i) => second_try[i].status === 303);
        assert.equal(late.length, 2);

        const buyers = [...paying, ...late];
        const paid = await Promise.all(buyers.map((family) => checkoutCard(family)));
        for (const answer of paid) mustRedirect(answer);
        assert.equal(count(slug, "i.status = 'confirmed'"), SEATS);
        assert.equal(count(slug, "i.status = 'held'"), 0);
        assert.equal(shop.value(`SELECT seats_taken FROM workshop WHERE slug = ${quote(slug)}`),
            SEATS);
        await second.get('/store/order-summary/');
        mustRedirect(await second.post(`/store/remove-from-cart/${gone}/`));
    });
}

test('receipts of a crowd are numbered without gaps', () => {
    assert.deepEqual(shop.sql('SELECT count(*) AS n, max(number) AS top FROM receipt'),
        [{ n: ROUNDS * SEATS, top: ROUNDS * SEATS }]);
    assert.equal(shop.value(`SELECT count(*) FROM payment WHERE status = 'succeeded'`),
        ROUNDS * SEATS);
    assert.equal(shop.value(`SELECT count(DISTINCT order_id) FROM payment`), ROUNDS * SEATS);
});

test('one child is put into one workshop by twenty windows once', async () => {
    const [family] = families;
    const slug = addWorkshop(shop, { capacity: 20 });
    await family.get('/users/profile/');
    const answers = await Promise.all(Array.from({ length: 20 }, () =>
        family.post(`/store/add-to-cart/${slug}/`, { student: family.child.slug })));
    assert.ok(answers.every((a) => a.status === 303));
    assert.equal(count(slug), 1);
    assert.equal(shop.value(`SELECT seats_taken FROM workshop WHERE slug = ${quote(slug)}`), 1);
    mustRedirect(await checkoutCard(family));
    await family.get('/users/profile/');
    const again = await Promise.all(Array.from({ length: 10 }, () =>
        family.post(`/store/add-to-cart/${slug}/`, { student: family.child.slug })));
    assert.ok(again.every((a) => a.status === 422));
    assert.equal(count(slug), 1);
});

test('one seat is removed and paid at the same moment: one of the two', async () => {
    for (let i = 0; i < 10; i++) {
        const family = families[i];
        const slug = addWorkshop(shop, { capacity: 1 });
        await family.get(`/workshops/${slug}/`);
        mustRedirect(await family.submit(`/store/add-to-cart/${slug}/`,
            { student: family.child.slug }));
        const cart = cartOf(family);
        const id = shop.value(`SELECT id FROM inscription WHERE order_id = ${cart} AND status = 'held'`);
        await family.get(`/store/checkout/${cart}/`);
        const page = family.page;
        await Promise.all([family.submit(`/store/checkout/${cart}/`, card(), { page }),
            family.post(`/store/remove-from-cart/${id}/`)]);
        const { status } = shop.sql(`SELECT status FROM inscription WHERE id = ${id}`)[0];
        const order = shop.value(`SELECT status FROM orders WHERE id = ${cart}`);
        const taken = shop.value(`SELECT seats_taken FROM workshop WHERE slug = ${quote(slug)}`);
        if (order === 'paid') assert.deepEqual([status, taken], ['confirmed', 1]);
        else assert.deepEqual([order, status, taken], ['cart', 'cancelled', 0]);
    }
});

test('the same e-mail signs up from many windows once', async () => {
    const email = `${unique('prisa')}@example.com`;
    const browsers = Array.from({ length: 8 }, () => shop.browser());
    await Promise.all(browsers.map((b) => b.get('/accounts/signup/')));
    const answers = await Promise.all(browsers.map((b, i) => b.submit('/accounts/signup/', {
        email: i % 2 ? email : email.toUpperCase(), password1: `otra frase larga ${i}`,
        password2: `otra frase larga ${i}`, first_name: 'Ana', last_name: 'Paz', country: 'PE',
        role: '1', phone: '987654321',
    })));
    assert.equal(answers.filter((a) => a.status === 303).length, 1);
    assert.equal(answers.filter((a) => a.status === 422).length, 7);
    assert.equal(shop.value(`SELECT count(*) FROM account WHERE lower(email) = ${quote(email)}`),
        1);
});

test('the same child is added by many taps once', async () => {
    const [family] = families;
    await family.get('/users/student-create/');
    const { page } = family;
    const child = { first_name: 'Repetida', last_name: 'Paz', date_of_birth: bornYearsAgo(7) };
    await Promise.all(Array.from({ length: 10 }, () =>
        family.submit('/users/student-create/', child, { page })));
    assert.equal(shop.value(`SELECT count(*) FROM student WHERE first_name = 'Repetida'`), 1);
});

test('a family that logs in from many places has a session in each', async () => {
    const [family] = families;
    const browsers = Array.from({ length: 6 }, () => shop.browser());
    const answers = await Promise.all(browsers.map((b) => logIn(b, family.email, family.password)));
    for (const answer of answers) mustRedirect(answer);
    const pages = await Promise.all(browsers.map((b) => b.get('/users/profile/')));
    assert.ok(pages.every((p) => p.status === 200));
});
