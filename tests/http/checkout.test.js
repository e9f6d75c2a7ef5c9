'use strict';
// Checkout: money moves once or not at all, and the books say what happened.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const {
    CARD, addStudent, addToCart, addWorkshop, card, cartOf, checkout, checkoutCard,
    checkoutTransfer, day, mustRedirect, now, quote, signUp, start, until,
} = require('../lib/shop.js');

let shop;
before(async () => {
    shop = await start({ sandbox: true });
});
after(async () => {
    audit();
    await shop.stop();
});

/** What must hold of the books whatever happened before. */
function audit() {
    assert.deepEqual(shop.sql(`SELECT w.slug FROM workshop w WHERE seats_taken <>
        (SELECT count(*) FROM inscription WHERE workshop_id = w.id
         AND status IN ('held', 'confirmed'))`), [], 'seats are counted right');
    assert.deepEqual(shop.sql(`SELECT o.id FROM orders o WHERE status = 'paid' AND total_cents <>
        (SELECT coalesce(sum(price_cents), 0) FROM inscription
         WHERE order_id = o.id AND status = 'confirmed')`), [], 'paid orders add up');
    assert.deepEqual(shop.sql(`SELECT o.id FROM orders o WHERE status = 'paid' AND total_cents > 0
        AND total_cents <> (SELECT sum(amount_cents) FROM payment
                            WHERE order_id = o.id AND status = 'succeeded')`), []);
    assert.deepEqual(shop.sql(`SELECT o.id FROM orders o WHERE status = 'paid'
        AND NOT EXISTS (SELECT 1 FROM receipt WHERE order_id = o.id)`), []);
    const { n, top } =
        shop.sql('SELECT count(*) AS n, coalesce(max(number), 0) AS top FROM receipt')[0];
    assert.equal(n, top, 'receipts have no gaps');
}

async function ready(row) {
    const rosa = await signUp(shop);
    rosa.child = await addStudent(rosa);
    rosa.slug = addWorkshop(shop, row);
    mustRedirect(await addToCart(rosa, rosa.slug, rosa.child));
    rosa.cart = cartOf(rosa);
    rosa.pay = `/store/checkout/${rosa.cart}/`;
    return rosa;
}

const payments = (order) => shop.sql(`SELECT status, amount_cents FROM payment
    WHERE order_id = ${order} ORDER BY id`);
const status = (order) => shop.value(`SELECT status FROM orders WHERE id = ${order}`);

describe('a card', () => {
    test('that is declined charges nothing and keeps the seat; another one then pays', async () => {
        const rosa = await ready();
        const refused = await checkoutCard(rosa, CARD.declined);
        assert.equal(refused.status, 422);
        assert.match(refused.main, /Tu banco no aprobó el pago\. No se cobró nada/);
        assert.equal(status(rosa.cart), 'cart');
        assert.deepEqual(payments(rosa.cart), [{ status: 'declined', amount_cents: 18000 }]);
        assert.equal(shop.value(`SELECT status FROM inscription WHERE order_id = ${rosa.cart}`),
            'held');
        assert.equal(shop.value(`SELECT count(*) FROM outbox WHERE order_id = ${rosa.cart}`), 0);
        mustRedirect(await rosa.submit(rosa.pay, card()));
        assert.equal(status(rosa.cart), 'paid');
    });

    test('without funds says so', async () => {
        const rosa = await ready();
        const refused = await checkoutCard(rosa, CARD.noFunds);
        assert.equal(refused.status, 422);
        assert.match(refused.main, /fondos/);
        assert.equal(status(rosa.cart), 'cart');
    });

    test('whose company does not answer fails once, then pays, once', async () => {
        const rosa = await ready();
        const first = await checkoutCard(rosa, CARD.timeout);
        assert.equal(first.status, 422);
        assert.equal(status(rosa.cart), 'cart');
        mustRedirect(await rosa.submit(rosa.pay, card(CARD.timeout)));
        assert.equal(status(rosa.cart), 'paid');
        assert.equal(payments(rosa.cart).filter((p) => p.status === 'succeeded').length, 1);
    });

    const bad = {
        'an empty form': { cc_number: '', cc_month: '', cc_year: '', cc_cvv: '' },
        'no card fields at all': {
            cc_number: undefined, cc_month: undefined, cc_year: undefined, cc_cvv: undefined,
        },
        'a number failing Luhn': { cc_number: '4242424242424241' },
        'zeros': { cc_number: '0000 0000 0000' },
        'letters': { cc_number: '4242abcd42424242' },
        'too few digits': { cc_number: '42' },
        'too many digits': { cc_number: '42424242424242424242424242424242' },
        'Arabic digits': { cc_number: '٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢' },
        'month 0': { cc_month: '0' },
        'month 13': { cc_month: '13' },
        'last year': { cc_year: String(new Date().getUTCFullYear() - 1) },
        'the year 9999': { cc_year: '9999' },
        'a year of one digit': { cc_year: '7' },
        'a CVV of two digits': { cc_cvv: '12' },
        'a CVV of letters': { cc_cvv: 'abc' },
        'a CVV of five digits': { cc_cvv: '12345' },
        'a negative month': { cc_month: '-1' },
        'a number twice': { cc_number: ['4242424242424242', '4000000000000002'] },
    };
    for (const [what, values] of Object.entries(bad)) {
        test(`with ${what} is refused in its field and nothing happens`, async () => {
            const rosa = await ready();
            const before = shop.state();
            await rosa.get(rosa.pay);
            const sent = await rosa.submit(rosa.pay, card(CARD.good, values));
            if (what === 'zeros') { // Luhn holds; it is no test number, so it is declined
                assert.equal(sent.status, 422);
                assert.equal(status(rosa.cart), 'cart');
                return;
            }
            assert.equal(sent.status, 422);
            assert.match(sent.body, /class="field-error/);
            shop.unchanged(before);
            for (const secret of ['4242424242424242', '4242 4242', '4242abcd', 'value="123"'])
                assert.ok(!sent.body.replaceAll('4242 4242 4242 4242 ', '').includes(secret),
                    secret);
        });
    }

    test('leaves no trace of its number anywhere', async () => {
        const rosa = await ready();
        const rest = { cc_month: '11', cc_year: '2032', cc_cvv: '739' };
        for (const number of ['4242424242424242', '4000 0000 0000 0002'])
            await checkoutCard(rosa, number, rest).catch(() => {});
        const dump = shop.sql('SELECT * FROM payment').concat(shop.sql('SELECT * FROM orders'),
            shop.sql('SELECT * FROM outbox'), shop.sql('SELECT * FROM audit'));
        const said = JSON.stringify(dump) + JSON.stringify(shop.log) + shop.strange.join('\n');
        for (const secret of ['424242424242', '4242 4242', '400000000000', '4000 0000', '739"'])
            assert.ok(!said.includes(secret), secret);
        const fs = require('node:fs');
        for (const file of [shop.db, `${shop.db}-wal`]) {
            const bytes = fs.readFileSync(file);
            for (const secret of ['4242424242424242', '4000000000000002', '4000 0000 0000 0002'])
                assert.equal(bytes.indexOf(secret), -1, `${secret} in ${file}`);
        }
    });

    test('declined ten times in an hour has to wait: 429 with Retry-After', async () => {
        const rosa = await ready();
        await rosa.get(rosa.pay);
        for (let i = 0; i < 10; i++)
            assert.equal((await rosa.submit(rosa.pay, card(CARD.declined))).status, 422,
                `try ${i}`);
        const waits = await rosa.submit(rosa.pay, card());
        assert.equal(waits.status, 429);
        assert.ok(Number(waits.headers['retry-after']) > 0);
        assert.equal(status(rosa.cart), 'cart');
        mustRedirect(await rosa.submit(rosa.pay, { method: 'transfer' }));
        assert.equal(status(rosa.cart), 'pending');
    });

    test('does not exist in a school that is no demonstration', async () => {
        const real = await start();
        try {
            const rosa = await signUp(real);
            const child = await addStudent(rosa);
            mustRedirect(await addToCart(rosa, addWorkshop(real), child));
            const pay = `/store/checkout/${cartOf(rosa)}/`;
            const page = await rosa.get(pay);
            assert.doesNotMatch(page.body, /cc_number|value="card"/);
            const sent = await rosa.post(pay, { ...card(), total: '18000' });
            assert.equal(sent.status, 422);
            assert.equal(real.value('SELECT count(*) FROM payment'), 0);
            assert.equal(real.value("SELECT count(*) FROM orders WHERE status <> 'cart'"), 0);
        } finally {
            await real.stop();
        }
    });
});

describe('one payment and one receipt', () => {
    const once = (order) => {
        assert.equal(status(order), 'paid');
        assert.equal(payments(order).filter((p) => p.status === 'succeeded').length, 1);
        assert.equal(shop.value(`SELECT count(*) FROM receipt WHERE order_id = ${order}`), 1);
        assert.equal(shop.value(`SELECT count(*) FROM outbox WHERE order_id = ${order}`), 1);
    };

    test('whatever is replayed', async () => {
        const rosa = await ready();
        await rosa.get(rosa.pay);
        const paid = mustRedirect(await rosa.submit(rosa.pay, card()));
        const before = shop.state();
        for (let i = 0; i < 3; i++) {
            const replay = mustRedirect(await rosa.post(rosa.pay, { ...card(), total: '18000' }));
            assert.equal(replay.location, paid.location);
        }
        mustRedirect(await rosa.post(rosa.pay, { method: 'transfer', total: '18000' }));
        assert.equal(mustRedirect(await rosa.get(rosa.pay)).location, paid.location);
        shop.unchanged(before);
        once(rosa.cart);
    });

    test('when the button is pressed twice', async () => {
        const rosa = await ready();
        await rosa.get(rosa.pay);
        const page = rosa.page;
        const both = await Promise.all([1, 2].map(() => rosa.submit(rosa.pay, card(), { page })));
        for (const sent of both) mustRedirect(sent, new RegExp(`^/store/orders/${rosa.cart}/$`));
        once(rosa.cart);
    });

    for (let round = 1; round <= 3; round++) {
        test(`of six parallel checkouts (round ${round})`, async () => {
            const rosa = await ready();
            await rosa.get(rosa.pay);
            const page = rosa.page;
            const all = await Promise.all(Array.from({ length: 6 },
                () => rosa.submit(rosa.pay, card(), { page })));
            for (const sent of all) mustRedirect(sent, new RegExp(`^/store/orders/${rosa.cart}/$`));
            await until(() => status(rosa.cart) === 'paid');
            once(rosa.cart);
        });
    }

    test('of card and transfer at once', async () => {
        const rosa = await ready();
        await rosa.get(rosa.pay);
        const page = rosa.page;
        await Promise.all([card(), { method: 'transfer' }, card(), { method: 'transfer' }]
            .map((values) => rosa.submit(rosa.pay, values, { page })));
        assert.ok(['paid', 'pending'].includes(status(rosa.cart)));
        assert.ok(payments(rosa.cart).length <= 1);
        assert.ok(shop.value(`SELECT count(*) FROM outbox WHERE order_id = ${rosa.cart}`) === 1);
    });

    test('of two carts views at once: one cart', async () => {
        const rosa = await signUp(shop);
        const child = await addStudent(rosa);
        const slugs = Array.from({ length: 6 }, () => addWorkshop(shop));
        await rosa.get('/users/profile/');
        const all = await Promise.all(slugs.flatMap((slug) => [
            rosa.post(`/store/add-to-cart/${slug}/`, { student: child.slug }),
            rosa.get('/store/order-summary/'),
        ]));
        assert.ok(all.every((r) => [200, 303].includes(r.status)));
        assert.equal(shop.value(`SELECT count(*) FROM orders WHERE account_id = ${rosa.account}`),
            1);
        assert.equal(shop.value(`SELECT count(*) FROM inscription i JOIN orders o ON o.id = i.order_id
            WHERE o.account_id = ${rosa.account}`), 6);
    });
});

describe('what changed meanwhile is said and nothing is charged:', () => {
    test('the price went up', async () => {
        const rosa = await ready();
        await rosa.get(rosa.pay);
        shop.sql(`UPDATE workshop SET price_cents = 20000 WHERE slug = ${quote(rosa.slug)}`);
        const sent = await rosa.submit(rosa.pay, card());
        assert.equal(sent.status, 422);
        assert.match(sent.main, /de S\/ 180\.00 a S\/ 200\.00/);
        assert.match(sent.main, /No cobramos nada/);
        assert.deepEqual(payments(rosa.cart), []);
        mustRedirect(await rosa.submit(rosa.pay, card()));
        assert.equal(shop.value(`SELECT total_cents FROM orders WHERE id = ${rosa.cart}`), 20000);
    });

    test('the price went down', async () => {
        const rosa = await ready();
        await rosa.get(rosa.pay);
        shop.sql(`UPDATE workshop SET discount_price_cents = 9000 WHERE slug = ${quote(rosa.slug)}`);
        assert.equal((await rosa.submit(rosa.pay, card())).status, 422);
        mustRedirect(await rosa.submit(rosa.pay, card()));
        assert.deepEqual(payments(rosa.cart), [{ status: 'succeeded', amount_cents: 9000 }]);
    });

    test('a seat was added in another window', async () => {
        const rosa = await ready();
        await rosa.get(rosa.pay);
        const page = rosa.page;
        mustRedirect(await addToCart(rosa, addWorkshop(shop), rosa.child));
        const sent = await rosa.submit(rosa.pay, card(), { page });
        assert.equal(sent.status, 422);
        assert.match(sent.main, /S\/ 360\.00/);
        assert.deepEqual(payments(rosa.cart), []);
    });

    test('the workshop was closed', async () => {
        const rosa = await ready();
        await rosa.get(rosa.pay);
        shop.sql(`UPDATE workshop SET active = 0 WHERE slug = ${quote(rosa.slug)}`);
        const sent = await rosa.submit(rosa.pay, card());
        assert.equal(sent.status, 422);
        assert.match(sent.main, /ya no está en venta/);
        assert.deepEqual(payments(rosa.cart), []);
    });

    test('everything was removed', async () => {
        const rosa = await ready();
        await rosa.get(rosa.pay);
        const page = rosa.page;
        const id = shop.value(`SELECT id FROM inscription WHERE order_id = ${rosa.cart}`);
        mustRedirect(await rosa.post(`/store/remove-from-cart/${id}/`));
        const sent = await rosa.submit(rosa.pay, card(), { page });
        assert.equal(mustRedirect(sent).location, '/store/order-summary/');
        assert.deepEqual(payments(rosa.cart), []);
    });

    test('a forged total', async () => {
        const rosa = await ready();
        await rosa.get(rosa.pay);
        for (const total of ['1', '0', '-18000', '18000.00', '', '99999999999999999999', 'abc']) {
            const sent = await rosa.submit(rosa.pay, { ...card(), total });
            if (total === '') { // nothing said: today's price is what was in the cart
                assert.ok([303, 422].includes(sent.status));
                break;
            }
            assert.equal(sent.status, 422, total);
            assert.deepEqual(payments(rosa.cart), [], total);
        }
    });

    test('a forged method', async () => {
        const rosa = await ready();
        await rosa.get(rosa.pay);
        for (const method of ['', 'cash', 'free', 'CARD', 'none', 'x'.repeat(500)]) {
            const sent = await rosa.submit(rosa.pay, { ...card(), method });
            assert.equal(sent.status, 422, method);
            assert.equal(status(rosa.cart), 'cart');
        }
        assert.deepEqual(payments(rosa.cart), []);
    });
});

describe('a transfer', () => {
    test('whose deadline passes frees its seats and the family is told', async () => {
        const rosa = await ready({ capacity: 1 });
        const placed = mustRedirect(await checkoutTransfer(rosa));
        shop.sql(`UPDATE orders SET due_at = ${now() - 5} WHERE id = ${placed.order}`);
        shop.sql(`UPDATE inscription SET hold_until = ${now() - 5} WHERE order_id = ${placed.order}`);
        await until(() => status(placed.order) === 'cancelled');
        assert.equal(shop.value(`SELECT seats_taken FROM workshop WHERE slug = ${quote(rosa.slug)}`), 0);
        const mails = shop.sql(`SELECT subject FROM outbox WHERE recipient = ${quote(rosa.email)}`);
        assert.equal(mails.length, 2, JSON.stringify(mails));
        const page = await rosa.get(`/store/orders/${placed.order}/`);
        assert.match(page.title, /cancel/);
        const other = await signUp(shop);
        mustRedirect(await addToCart(other, rosa.slug, await addStudent(other)));
        // Late money is reported and looked at; the order does not come back by itself.
        await rosa.get(`/store/orders/${placed.order}/`);
        mustRedirect(await rosa.submit(`/store/orders/${placed.order}/report-payment/`,
            { operation: '777888' }));
        assert.notEqual(status(placed.order), 'paid');
        const late = await rosa.post(`/store/checkout/${placed.order}/`, card());
        assert.equal(mustRedirect(late).location, `/store/orders/${placed.order}/`);
        assert.deepEqual(payments(placed.order), []);
    });

    test('does not keep a seat into the workshop’s first day', async () => {
        const rosa = await ready({ start_date: day(1), end_date: day(5) });
        const placed = mustRedirect(await checkoutTransfer(rosa));
        const due = shop.value(`SELECT due_at FROM orders WHERE id = ${placed.order}`);
        const begins = Date.parse(`${day(1)}T00:00:00-05:00`) / 1000;
        assert.ok(due <= Math.max(begins, now() + 1800), `${due} ${begins}`);
    });

    test('three wait at most', async () => {
        const rosa = await signUp(shop);
        const child = await addStudent(rosa);
        for (let i = 0; i < 3; i++) {
            mustRedirect(await addToCart(rosa, addWorkshop(shop), child));
            mustRedirect(await checkoutTransfer(rosa));
        }
        mustRedirect(await addToCart(rosa, addWorkshop(shop), child));
        const fourth = await checkoutTransfer(rosa);
        assert.equal(fourth.status, 422);
        assert.match(fourth.main, /3/);
        assert.equal(status(fourth.order), 'cart');
        mustRedirect(await rosa.submit(`/store/checkout/${fourth.order}/`, card()));
    });

    test('placed twice is one order and one mail', async () => {
        const rosa = await ready();
        await rosa.get(rosa.pay);
        const page = rosa.page;
        await Promise.all(Array.from({ length: 6 },
            () => rosa.submit(rosa.pay, { method: 'transfer' }, { page })));
        assert.equal(status(rosa.cart), 'pending');
        assert.equal(shop.value(`SELECT count(*) FROM outbox WHERE order_id = ${rosa.cart}`), 1);
        assert.deepEqual(payments(rosa.cart), []);
    });

    test('is not offered where the school has switched it off', async () => {
        const rosa = await ready();
        shop.setting('transfer_enabled', '0');
        const page = await rosa.get(rosa.pay);
        assert.doesNotMatch(page.body, /value="transfer"/);
        assert.equal((await rosa.submit(rosa.pay, { method: 'transfer' })).status, 422);
        shop.setting('transfer_enabled', null);
    });

    test('is reported with a number that is one, and not without end', async () => {
        const rosa = await ready();
        const placed = mustRedirect(await checkoutTransfer(rosa));
        const report = `/store/orders/${placed.order}/report-payment/`;
        for (const operation of ['', '   ', 'x'.repeat(41), '\u0001'])
            assert.equal((await rosa.post(report, { operation })).status, 422, operation);
        let last;
        for (let i = 0; i < 30; i++) last = await rosa.post(report, { operation: `12345${i}` });
        assert.equal(last.status, 422);
        assert.ok(shop.value(`SELECT count(*) FROM payment_report
            WHERE order_id = ${placed.order}`) <= 10);
    });
});

describe('the school’s own conditions', () => {
    test('a document is asked for and printed on the receipt', async () => {
        shop.setting('ask_document', '1');
        const rosa = await ready();
        assert.equal((await checkoutCard(rosa)).status, 422);
        const paid = mustRedirect(await rosa.submit(rosa.pay, { ...card(), document: 'DNI 4455' }));
        assert.match((await rosa.get(`/store/orders/${rosa.cart}/receipt/`)).main, /DNI 4455/);
        assert.ok(paid);
        shop.setting('ask_document', null);
    });

    test('an included tax is shown on the receipt, and the receipt never changes', async () => {
        for (const [key, value] of [['tax_rate_bp', '1800'], ['legal_name', 'Academia Sol S.A.C.'],
            ['tax_number', '20123456789']]) shop.setting(key, value);
        const rosa = await ready({ price_cents: 11800 });
        const paid = mustRedirect(await checkoutCard(rosa));
        const address = `/store/orders/${paid.order}/receipt/`;
        const before = (await rosa.get(address)).main;
        assert.match(before, /IGV/);
        assert.match(before, /S\/ 18\.00/);
        assert.match(before, /20123456789/);
        for (const key of ['tax_rate_bp', 'legal_name', 'tax_number']) shop.setting(key, null);
        shop.sql(`UPDATE workshop SET title = 'Otro', price_cents = 1 WHERE slug = ${quote(rosa.slug)}`);
        await rosa.get('/users/edit-profile/');
        mustRedirect(await rosa.submit('/users/edit-profile/', { first_name: 'Otra' }));
        assert.equal((await rosa.get(address)).main, before);
    });
});
