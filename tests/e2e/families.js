'use strict';
// Families and workshops in every state a page can show, made the way families make them where that
// is possible, by hand in the database where time or staff would have to pass.

const {
    addStudent, addToCart, addWorkshop, bornYearsAgo, cartOf, checkout, checkoutCard,
    checkoutTransfer, day, mustRedirect, now, quote, signUp,
} = require('../lib/shop.js');
const { hire } = require('../lib/staff.js');

function update(shop, slug, set) {
    shop.sql(`UPDATE workshop SET ${set} WHERE slug = ${quote(slug)}`);
}

/** A workshop with nothing but a title and a price. */
function addBare(shop, row) {
    return addWorkshop(shop, {
        description: null, min_age: null, max_age: null, place: null, start_date: null,
        end_date: null, weekdays: 0, start_minute: null, end_minute: null, weeks: null, level: null,
        capacity: null, ...row,
    });
}

/** Workshops in every state, all of one topic; {open, full, …} give their slugs. */
function makeWorkshops(shop) {
    shop.topic ??= shop.value('SELECT min(id) FROM topic');
    const add = (title, row) => addWorkshop(shop, {
        title, description: 'Aprendemos haciendo.\n\nCada clase termina con algo propio.', ...row,
    });
    return {
        open: add('Origami', { discount_price_cents: 15000, bring: 'Tijeras\nPapel', capacity: 40 }),
        clashing: add('Ajedrez', { capacity: 40 }), // on the same day at the same hours
        other: add('Cocina peruana', { weekdays: 8, capacity: 40 }),
        more: ['Títeres', 'Circo', 'Yoga', 'Judo', 'Tambores', 'Mosaico', 'Telar', 'Mimo', 'Bordado']
            .map((title, i) => add(title, { weekdays: 1 << (i % 7), capacity: 40 })),
        full: add('Coro de niños', { capacity: 0 }),
        free: add('Cuentacuentos', { price_cents: 0, capacity: 40, weekdays: 32 }),
        later: add('Surf para empezar', { sales_open_at: now() + 5 * 86400 }),
        running: add('Natación', { start_date: day(-10), end_date: day(20), capacity: 3 }),
        past: add('Danza de verano', { start_date: day(-90), end_date: day(-60), capacity: 3 }),
        adults: add('Vino y pintura', { min_age: 18, max_age: null }),
        private: add('Grupo del colegio', { private: 1, private_key: 'llave1234' }),
        bare: addBare(shop, { title: 'Charla abierta' }),
        long: add('Introducción a la programación de videojuegos tridimensionales multijugador', {
            place: 'Centro Cultural Municipal de Santiago de Surco, segundo piso, sala de cómputo',
            schedule: 'Dos sábados y un domingo con salida de campo incluida', weekdays: 0,
            capacity: 2, price_cents: 123456,
        }),
    };
}

/** A family with children whom a workshop takes, refuses for their age, and has already. */
async function makeParent(shop, workshops) {
    const parent = await signUp(shop);
    const luz = await addStudent(parent, { first_name: 'Luz', school: 'I. E. 1140' });
    await addStudent(parent, { first_name: 'Nico', date_of_birth: bornYearsAgo(3) });
    await addStudent(parent, { first_name: 'Beto', date_of_birth: bornYearsAgo(9) });
    const gone = await addStudent(parent, { first_name: 'Abel' });
    await parent.get(`/users/student-edit/${gone.id}/`);
    mustRedirect(await parent.submit(`/users/student-archive/${gone.id}/`));
    mustRedirect(await addToCart(parent, workshops.open, luz));
    mustRedirect(await checkoutCard(parent));
    parent.student = luz;
    return parent;
}

/** A cart with a line of every kind; each line's workshop is its own. */
async function makeFullCart(shop, workshops) {
    const parent = await signUp(shop);
    const luz = await addStudent(parent, { first_name: 'Luz' });
    await addStudent(parent, { first_name: 'Beto' });
    const [gone, soldOut, closed] = workshops.more;
    for (const slug of [workshops.open, workshops.clashing, workshops.other, gone, soldOut, closed])
        mustRedirect(await addToCart(parent, slug, luz));
    const line = (slug) => `order_id = ${cartOf(parent)}
        AND workshop_id = (SELECT id FROM workshop WHERE slug = ${quote(slug)})`;
    shop.sql(`UPDATE inscription SET hold_until = ${now() + 270} WHERE ${line(workshops.other)};
        UPDATE inscription SET hold_until = ${now() - 60} WHERE ${line(gone)};
        UPDATE inscription SET hold_until = ${now() - 60}, status = 'expired' WHERE ${line(soldOut)}`);
    update(shop, workshops.clashing, 'price_cents = 20000');
    update(shop, soldOut, 'capacity = 0');
    update(shop, closed, 'active = 0');
    return parent;
}

/** A cart that can be paid: one workshop, or the given ones. */
async function makeCart(shop, slugs) {
    const parent = await signUp(shop);
    const luz = await addStudent(parent, { first_name: 'Luz' });
    for (const slug of slugs) mustRedirect(await addToCart(parent, slug, luz));
    parent.cart = cartOf(parent);
    return parent;
}

/** Orders in every state; {pending, reported, paid, …} give their ids. */
async function makeOrders(shop, workshops) {
    const parent = await signUp(shop);
    const orders = {};
    const order = async (name, slug, pay) => {
        const child = await addStudent(parent, { first_name: 'Luz' });
        mustRedirect(await addToCart(parent, slug, child));
        orders[name] = mustRedirect(await pay(parent)).order;
    };
    shop.setting('pending_transfers_per_account', '10');
    await order('pending', workshops.open, checkoutTransfer);
    await order('reported', workshops.open, checkoutTransfer);
    await parent.get(`/store/orders/${orders.reported}/`);
    mustRedirect(await parent.submit(`/store/orders/${orders.reported}/report-payment/`,
        { operation: '00123456' }));
    await order('paid', workshops.open, checkoutCard);
    await order('free', workshops.free, checkout);
    await order('review', workshops.other, checkoutTransfer);
    await order('cancelled', workshops.other, checkoutTransfer);
    await order('refunded', workshops.other, checkoutCard);
    await order('charging', workshops.clashing, checkoutTransfer);
    shop.sql(`UPDATE orders SET status = 'review', review_reason = 'late' WHERE id = ${orders.review};
        UPDATE orders SET status = 'cancelled' WHERE id = ${orders.cancelled};
        UPDATE inscription SET status = 'cancelled' WHERE order_id = ${orders.cancelled};
        UPDATE orders SET method = 'card' WHERE id = ${orders.charging};
        INSERT INTO payment (order_id, provider, reference, amount_cents, status, created_at)
        VALUES (${orders.charging}, 'card', 'charging', 18000, 'pending',
            ${now() + 3600})`); // so late that nobody asks what became of it meanwhile
    const owner = await hire(shop, 'owner');
    const refund = `/admin/orders/${orders.refunded}/refund/`;
    await owner.get(refund);
    mustRedirect(await owner.submit(refund, { method: 'card', reason: 'Se mudan' }));
    parent.credit = shop.value(`SELECT number FROM credit_note WHERE order_id = ${orders.refunded}`);
    parent.orders = orders;
    return parent;
}

/** The newest link of a kind mailed to an address: the path of its page. */
function mailedLink(shop, email, kind) {
    const text = shop.value(`SELECT body_text FROM outbox WHERE recipient = ${quote(email)}
        AND body_text LIKE '%${kind}%' ORDER BY id DESC LIMIT 1`);
    return new URL(text.match(/https:\S+/)[0]).pathname;
}

module.exports = {
    addBare, makeWorkshops, makeParent, makeFullCart, makeCart, makeOrders, mailedLink, update,
};
