'use strict';
// Money from two sides at once: families in several windows, two people at the desk, the owner, and
// the clock, all at one order, one seat, one payment. Whoever comes first is served, the others are
// told; afterwards money, seats and papers agree. (There are no coupons: what is reduced is a
// workshop's price, which is raced here against those who pay it.)

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const {
    CARD, SLOW, addStudent, addToCart, addWorkshop, card, cartOf, checkoutCard, checkoutTransfer, mustRedirect,
    now, quote, signUp, start, unique,
} = require('../lib/shop.js');
const { hire } = require('../lib/staff.js');
const { assertBooks } = require('./lib/books.js');

const ROUNDS = SLOW > 1 ? 2 : 4;

let shop;
let desk;
let second; // another window at the desk
let owner;
const families = [];

before(async () => {
    shop = await start({ sandbox: true, settings: { pending_transfers_per_account: '100',
        live_holds_per_account: '100', declined_cards_per_hour: '1000', signups_per_address: '1000' } });
    [desk, second, owner] = [await hire(shop, 'desk'), await hire(shop, 'desk'), await hire(shop, 'owner')];
    for (let i = 0; i < 6; i++) {
        const family = await signUp(shop);
        families.push(Object.assign(family, { child: await addStudent(family), brother: await addStudent(family) }));
    }
});
after(() => shop.stop());

const value = (query) => shop.value(query);
const status = (order) => value(`SELECT status FROM orders WHERE id = ${order}`);
const idOf = (slug) => value(`SELECT id FROM workshop WHERE slug = ${quote(slug)}`);
const seatsOf = (order) => shop.sql(`SELECT id FROM inscription WHERE order_id = ${order} ORDER BY id`)
    .map((row) => row.id);
const net = (order) => value(`SELECT coalesce(sum(CASE status WHEN 'succeeded' THEN amount_cents
    WHEN 'refunded' THEN -amount_cents END), 0) FROM payment WHERE order_id = ${order}`);
const act = (who, order, name, values = {}) => who.post(`/admin/orders/${order}/${name}/`, values);

/** All of it at once, in an order that changes from round to round; no answer is an accident. */
async function race(deeds) {
    const sent = [...deeds].sort(() => Math.random() - 0.5).map((deed) => deed());
    const answers = await Promise.all(sent);
    for (const answer of answers)
        assert.ok([200, 303, 404, 409, 422].includes(answer.status), `${answer.path}: ${answer.status} ${answer.main}`);
    return answers;
}

/** An order of one family with some workshops, by transfer or card: {family, order, slugs}. */
async function ordered(pay, count = 1, family = families[0]) {
    const slugs = Array.from({ length: count }, () => addWorkshop(shop));
    for (const slug of slugs) mustRedirect(await addToCart(family, slug, family.child));
    const { order } = mustRedirect(await pay(family));
    return { family, order, slugs };
}

/** Runs a race several times, with the books looked through after each. */
function raced(what, run) {
    test(what, async () => {
        for (let round = 0; round < ROUNDS; round++) {
            await run(round);
            assertBooks(shop, `${what}, round ${round}`);
        }
    });
}

describe('the last seat', () => {
    raced('is sold once: carts, the desk, a move, a hold that ended', async () => {
        const slug = addWorkshop(shop, { capacity: 1 });
        const late = families[5];
        mustRedirect(await addToCart(late, slug, late.child));
        const held = value(`SELECT max(id) FROM inscription WHERE order_id = ${cartOf(late)}`);
        shop.sql(`UPDATE inscription SET hold_until = ${now() - 1} WHERE id = ${held}`);
        const moved = await ordered(checkoutCard, 1, families[4]);
        await Promise.all(families.map((family) => family.get(`/workshops/${slug}/`)));
        await late.get('/store/order-summary/');
        await race([
            ...families.slice(0, 3).map((family) => () =>
                family.post(`/store/add-to-cart/${slug}/`, { student: family.child.slug })),
            () => desk.post('/admin/orders/new/', { account: families[3].account, student: families[3].child.id,
                workshops: idOf(slug), method: 'cash' }),
            () => second.post(`/admin/inscriptions/${seatsOf(moved.order)[0]}/move/`,
                { workshop_id: idOf(slug), method: 'cash', reason: 'x' }),
            () => late.post(`/store/rehold/${held}/`),
        ]);
        assert.equal(value(`SELECT seats_taken FROM workshop WHERE slug = ${quote(slug)}`), 1);
        shop.sql(`UPDATE inscription SET hold_until = ${now() - 1} WHERE status = 'held'
            AND order_id IN (SELECT id FROM orders WHERE status = 'cart')`);
        for (const family of families) {
            await family.get('/store/order-summary/');
            for (const id of seatsOf(cartOf(family) ?? 0)) await family.post(`/store/remove-from-cart/${id}/`);
        }
    });
});

describe('one cart in two windows', () => {
    raced('paid here, changed there: what is paid is what was shown', async () => {
        const [family] = families;
        const slugs = [addWorkshop(shop), addWorkshop(shop), addWorkshop(shop)];
        for (const slug of slugs.slice(0, 2)) mustRedirect(await addToCart(family, slug, family.child));
        const cart = cartOf(family);
        const seats = seatsOf(cart);
        await family.get(`/store/checkout/${cart}/`);
        const { page } = family;
        await race([
            () => family.submit(`/store/checkout/${cart}/`, card(), { page }),
            () => family.submit(`/store/checkout/${cart}/`, card(), { page }),
            () => family.submit(`/store/checkout/${cart}/`, { method: 'transfer' }, { page }),
            () => family.post(`/store/add-to-cart/${slugs[2]}/`, { student: family.child.slug }),
            () => family.post(`/store/remove-from-cart/${seats[0]}/`),
            () => family.post(`/store/change-student/${seats[1]}/`, { student: family.brother.slug }),
            () => family.post(`/store/extend-hold/${seats[1]}/`),
        ]);
        if (status(cart) === 'paid') assert.equal(net(cart), 36000, 'the total that the page had shown');
        assert.ok(value(`SELECT count(*) FROM payment WHERE order_id = ${cart} AND status = 'succeeded'`) <= 1);
        const open = cartOf(family);
        for (const id of open ? seatsOf(open) : []) await family.post(`/store/remove-from-cart/${id}/`);
    });

    raced('a price that changes meanwhile is paid as it was shown, or not at all', async (round) => {
        const family = families[1];
        const slug = addWorkshop(shop, { discount_price_cents: 9000 });
        mustRedirect(await addToCart(family, slug, family.child));
        const cart = cartOf(family);
        await family.get(`/store/checkout/${cart}/`);
        const { page } = family;
        const id = idOf(slug);
        await owner.get(`/admin/workshops/${id}/`);
        const form = owner.page;
        await race([
            () => owner.submit(`/admin/workshops/${id}/`, { discount_price: round % 2 ? '' : '10.00' },
                { page: form }),
            () => family.submit(`/store/checkout/${cart}/`, card(), { page }),
            () => family.submit(`/store/checkout/${cart}/`, card(), { page }),
        ]);
        if (status(cart) === 'paid') assert.equal(net(cart), 9000);
        else assert.equal(net(cart), 0);
        for (const seat of cartOf(family) ? seatsOf(cart) : []) await family.post(`/store/remove-from-cart/${seat}/`);
    });

    raced('a card that is declined, one that does not answer and a good one', async () => {
        const family = families[2];
        mustRedirect(await addToCart(family, addWorkshop(shop), family.child));
        const cart = cartOf(family);
        await family.get(`/store/checkout/${cart}/`);
        const { page } = family;
        await race([CARD.declined, CARD.timeout, CARD.good, CARD.noFunds, CARD.good].map((number) => () =>
            family.submit(`/store/checkout/${cart}/`, card(number), { page })));
        assert.ok(['cart', 'paid'].includes(status(cart)), status(cart));
        assert.equal(net(cart), status(cart) === 'paid' ? 18000 : 0);
        for (const seat of cartOf(family) ? seatsOf(cart) : []) await family.post(`/store/remove-from-cart/${seat}/`);
    });
});

describe('a transfer', () => {
    raced('is booked once by two people at the desk who see one number', async () => {
        const { order } = await ordered(checkoutTransfer);
        const reference = unique('op');
        const answers = await race(Array.from({ length: 6 }, (_, i) => () =>
            act(i % 2 ? desk : second, order, 'confirm', { reference, amount: '180.00' })));
        assert.ok(answers.every((answer) => answer.status === 303));
        assert.deepEqual([status(order), net(order)], ['paid', 18000]);
        assert.equal(value(`SELECT count(*) FROM payment WHERE order_id = ${order}`), 1);
    });

    raced('of one number is booked for one of two orders', async () => {
        const [one, other] = [await ordered(checkoutTransfer), await ordered(checkoutTransfer, 1, families[1])];
        const reference = unique('op');
        await race([() => act(desk, one.order, 'confirm', { reference, amount: '180.00' }),
            () => act(second, other.order, 'confirm', { reference, amount: '180.00' })]);
        assert.equal(net(one.order) + net(other.order), 18000);
        assert.deepEqual([status(one.order), status(other.order)].sort(), ['paid', 'pending']);
    });

    raced('that came twice, by two numbers, is all noted, and somebody decides', async () => {
        const { order } = await ordered(checkoutTransfer);
        await race([desk, second].map((who) => () =>
            act(who, order, 'confirm', { reference: unique('op'), amount: '180.00' })));
        const came = net(order);
        assert.ok(came === 36000 ? status(order) === 'review' : came === 18000 && status(order) === 'paid');
        if (status(order) !== 'review') return;
        await race([
            () => act(desk, order, 'settle', { decision: 'seat', method: 'cash', reason: 'x' }),
            () => act(second, order, 'settle', { decision: 'give_back', method: 'cash', reason: 'x' }),
            () => act(owner, order, 'settle', { decision: 'seat', method: 'transfer', reason: 'x' }),
        ]);
        assert.deepEqual({ paid: 18000, refunded: 0 }[status(order)], net(order));
    });

    raced('is confirmed, cancelled, rejected, extended and over, all at once', async (round) => {
        const { family, order } = await ordered(checkoutTransfer, 1, families[3]);
        await family.get(`/store/orders/${order}/`);
        const operation = unique('op');
        mustRedirect(await family.post(`/store/orders/${order}/report-payment/`, { operation }));
        await race([
            () => act(desk, order, 'confirm', { reference: operation, amount: '180.00' }),
            () => act(second, order, 'cancel', { reason: 'x', method: 'cash' }),
            () => act(owner, order, 'reject', { operation, reason: 'x', cancel: '1' }),
            () => act(second, order, 'extend', { due_at: `${new Date(Date.now() + 5 * 86400e3).toISOString()
                .slice(0, 10)}T23:59` }),
            () => family.post(`/store/orders/${order}/report-payment/`, { operation: `${operation}b` }),
            () => family.get(`/store/orders/${order}/`),
        ]);
        const ended = status(order);
        // Money that came after the cancellation is never dropped: the order then is paid, or looked at.
        assert.ok(['paid', 'cancelled', 'review'].includes(ended), `${round}: ${ended}`);
        assert.equal(net(order), ended === 'cancelled' ? 0 : 18000);
    });
});

describe('money that goes back', () => {
    raced('goes back once, whole or in parts, whoever asks', async () => {
        const { order } = await ordered(checkoutCard, 2);
        const [one, other] = seatsOf(order);
        await race([
            () => act(desk, order, 'refund', { inscriptions: [one, other], method: 'card', reason: 'x' }),
            () => act(second, order, 'refund', { inscriptions: one, method: 'card', reason: 'x' }),
            () => act(owner, order, 'refund', { inscriptions: other, method: 'cash', reason: 'x' }),
            () => act(desk, order, 'refund', { inscriptions: one, method: 'transfer', reason: 'x' }),
        ]);
        assert.ok(net(order) >= 0);
        assert.equal(status(order) === 'refunded', net(order) === 0);
        const given = value(`SELECT coalesce(sum(total_cents), 0) FROM credit_note WHERE order_id = ${order}`);
        assert.equal(given, 36000 - net(order));
    });

    raced('once by one number', async () => {
        const [one, other] = [await ordered(checkoutCard), await ordered(checkoutCard, 1, families[1])];
        const reference = unique('back');
        await race([[desk, one], [second, other], [owner, one]].map(([who, { order }]) => () =>
            act(who, order, 'refund', { inscriptions: seatsOf(order), method: 'cash', reference, reason: 'x' })));
        assert.equal(net(one.order) + net(other.order), 18000);
    });

    raced('is not given for a seat that moves away, nor is that moved twice', async () => {
        const { family, order } = await ordered(checkoutCard, 1, families[4]);
        const [seat] = seatsOf(order);
        const [cheap, dear] = [addWorkshop(shop, { price_cents: 9000 }), addWorkshop(shop, { price_cents: 25000 })];
        await race([
            () => act(desk, order, 'refund', { inscriptions: seat, method: 'card', reason: 'x' }),
            () => second.post(`/admin/inscriptions/${seat}/move/`,
                { workshop_id: idOf(dear), method: 'cash', reason: 'x' }),
            () => owner.post(`/admin/inscriptions/${seat}/move/`,
                { workshop_id: idOf(cheap), method: 'transfer', reference: unique('m'), reason: 'x' }),
        ]);
        const live = shop.sql(`SELECT i.price_cents FROM inscription i JOIN orders o ON o.id = i.order_id
            WHERE o.account_id = ${family.account} AND i.status = 'confirmed'
            AND i.workshop_id IN (${idOf(cheap)}, ${idOf(dear)})`);
        assert.ok(live.length <= 1, 'one child, one seat out of one');
        assert.equal(status(order), 'refunded');
    });

    raced('when a workshop is called off while it is sold, refunded and moved out of', async () => {
        const slug = addWorkshop(shop);
        const orders = [];
        for (const family of families.slice(0, 3)) {
            mustRedirect(await addToCart(family, slug, family.child));
            orders.push(mustRedirect(await checkoutCard(family)).order);
        }
        const waiting = families[3];
        mustRedirect(await addToCart(waiting, slug, waiting.child));
        const pending = mustRedirect(await checkoutTransfer(waiting)).order;
        const buyer = families[5];
        mustRedirect(await addToCart(buyer, slug, buyer.child));
        const cart = cartOf(buyer);
        await buyer.get(`/store/checkout/${cart}/`);
        const { page } = buyer;
        const id = idOf(slug);
        const choices = Object.fromEntries([...orders, pending].flatMap(seatsOf)
            .map((seat) => [`choice-${seat}`, 'refund']));
        await race([
            () => owner.post(`/admin/workshops/${id}/cancel/`, { method: 'cash', reason: 'x', ...choices }),
            () => owner.post(`/admin/workshops/${id}/cancel/`, { method: 'transfer', reason: 'y', ...choices }),
            () => act(desk, orders[0], 'refund', { inscriptions: seatsOf(orders[0]), method: 'card', reason: 'x' }),
            () => second.post(`/admin/inscriptions/${seatsOf(orders[1])[0]}/move/`,
                { workshop_id: idOf(addWorkshop(shop)), method: 'cash', reason: 'x' }),
            () => act(desk, pending, 'confirm', { reference: unique('op'), amount: '180.00' }),
            () => act(second, pending, 'cancel', { reason: 'x', method: 'cash' }),
            () => buyer.submit(`/store/checkout/${cart}/`, card(), { page }),
            () => families[0].post(`/store/add-to-cart/${slug}/`, { student: families[0].brother.slug }),
        ]);
        // Whoever is still in it was not seen by who called it off; then it is not called off at all.
        const off = value(`SELECT cancelled_at FROM workshop WHERE id = ${id}`);
        const inside = value(`SELECT count(*) FROM inscription WHERE workshop_id = ${id} AND status = 'confirmed'`);
        if (off) assert.equal(inside, 0);
        for (const order of orders) assert.ok(net(order) === 0 || (net(order) === 18000 && !off));
        for (const family of [families[0], buyer])
            for (const seat of cartOf(family) ? seatsOf(cartOf(family)) : [])
                await family.post(`/store/remove-from-cart/${seat}/`);
    });
});

describe('an account', () => {
    raced('that is closed while it pays leaves with an order, or stays', async () => {
        const family = await signUp(shop);
        family.child = await addStudent(family);
        mustRedirect(await addToCart(family, addWorkshop(shop), family.child));
        const cart = cartOf(family);
        await family.get(`/store/checkout/${cart}/`);
        const { page } = family;
        const { token } = family;
        const cookies = family.cookieHeader();
        await race([
            () => family.submit(`/store/checkout/${cart}/`, card(), { page, headers: { Cookie: cookies } }),
            () => family.post('/users/close/', { password: family.password },
                { token, headers: { Cookie: cookies } }),
        ]);
        const closed = value(`SELECT closed_at FROM account WHERE id = ${family.account}`);
        assert.ok(net(cart) === 18000 ? status(cart) === 'paid' : closed && net(cart) === 0);
    });
});
