'use strict';
// Orders and payments as staff handle them: every action, its replay, its refusals, and every role
// that may and that may not. The books are added up after every step.

const assert = require('node:assert/strict');
const { after, afterEach, before, describe, test } = require('node:test');
const {
    PASSWORD, addStudent, addToCart, addWorkshop, checkoutCard, checkoutTransfer, logIn,
    mustRedirect, signUp, start, taller, unique, until,
} = require('../lib/shop.js');
const { wrongBooks } = require('./lib/books.js');

let shop;
const staff = {};

async function hire(role) {
    const email = `${unique(role)}@example.com`;
    const made = taller(['account', 'create', email, `--${role}`, '--data', shop.data],
        { input: `${PASSWORD}\n` });
    assert.equal(made.status, 0, made.stderr);
    const browser = shop.browser();
    mustRedirect(await logIn(browser, email, PASSWORD));
    await browser.get('/admin/');
    return browser;
}

before(async () => {
    shop = await start({ sandbox: true });
    for (const role of ['owner', 'manager', 'desk', 'instructor']) staff[role] = await hire(role);
});
after(() => shop.stop());

afterEach(() => assert.deepEqual(wrongBooks(shop), []));

const status = (order) => shop.value(`SELECT status FROM orders WHERE id = ${order}`);
const seat = (order) => shop.value(`SELECT min(id) FROM inscription WHERE order_id = ${order}`);
const workshopId = (slug) => shop.value(`SELECT id FROM workshop WHERE slug = '${slug}'`);
const net = (order) => shop.value(`SELECT coalesce(sum(CASE status WHEN 'succeeded' THEN amount_cents
    WHEN 'refunded' THEN -amount_cents END), 0) FROM payment WHERE order_id = ${order}`);
const mails = (order, words) => shop.value(`SELECT count(*) FROM outbox WHERE order_id = ${order}
    AND subject LIKE '%${words}%'`);

/** A family with an order of one workshop by transfer: {family, child, slug, order}. */
async function pending(row) {
    const family = await signUp(shop);
    const child = await addStudent(family);
    const slug = addWorkshop(shop, row);
    mustRedirect(await addToCart(family, slug, child));
    const { order } = mustRedirect(await checkoutTransfer(family));
    return { family, child, slug, order };
}

/** The same with some workshops, paid by card. */
async function paid(prices = [18000]) {
    const family = await signUp(shop);
    const child = await addStudent(family);
    const slugs = prices.map((price_cents) => addWorkshop(shop, { price_cents }));
    for (const slug of slugs) mustRedirect(await addToCart(family, slug, child));
    const { order } = mustRedirect(await checkoutCard(family));
    return { family, child, slug: slugs[0], slugs, order };
}

const act = (order, name, values, who = staff.desk) =>
    who.post(`/admin/orders/${order}/${name}/`, values);

/** Done, back on the order's page, which says so. */
async function done(answer, order) {
    mustRedirect(answer, new RegExp(`^/admin/orders/${order ?? '\\d+'}/$`));
    const page = await staff.desk.get(answer.location);
    assert.equal(page.status, 200);
    return page;
}

function refused(answer, words) {
    assert.equal(answer.status, 422, `${answer.path}: ${answer.status} ${answer.location ?? ''}`);
    assert.match(answer.main, words);
    return answer;
}

// ---- who may -------------------------------------------------------------------------------------

describe('who may', () => {
    const GETS = ['', 'receipt/', 'refund/', 'credit/1/', 'reject/', 'extend/', 'settle/',
        'cancel/'];
    const POSTS = ['confirm/', 'reject/', 'extend/', 'settle/', 'cancel/', 'refund/', 'resend/'];
    let order;
    let family;
    let inscription;

    before(async () => {
        ({ order, family } = await paid());
        inscription = seat(order);
        await family.get('/users/profile/');
    });

    const addresses = () => [
        ...GETS.map((name) => ['get', `/admin/orders/${order}/${name}`]),
        ...POSTS.map((name) => ['post', `/admin/orders/${order}/${name}`]),
        ['get', '/admin/orders/new/'], ['post', '/admin/orders/new/'],
        ['get', `/admin/inscriptions/${inscription}/move/`],
        ['post', `/admin/inscriptions/${inscription}/move/`],
    ];

    test('not an instructor: 403, a line in the trail, nothing changed', async () => {
        const lines = () => shop.value("SELECT count(*) FROM audit WHERE action = 'refused'");
        const before = shop.state();
        const told = lines();
        for (const [method, path] of addresses())
            assert.equal((await staff.instructor[method](path)).status, 403, `${method} ${path}`);
        shop.unchanged(before);
        await until(() => lines() - told === addresses().length); // noted, unawaited
    });

    test('not a family, and they do not learn that it exists', async () => {
        const before = shop.state();
        for (const [method, path] of addresses())
            assert.equal((await family[method](path)).status, 404, `${method} ${path}`);
        shop.unchanged(before);
    });

    test('not a visitor', async () => {
        const visitor = shop.browser();
        for (const [method, path] of addresses())
            mustRedirect(await visitor[method](path), /^\/accounts\/login\/\?next=/);
    });

    test('nobody without the token', async () => {
        const before = shop.state();
        for (const [method, path] of addresses().filter(([m]) => m === 'post'))
            assert.equal((await staff.owner[method](path, {}, { token: null })).status, 403, path);
        shop.unchanged(before);
    });

    for (const role of ['owner', 'manager', 'desk'])
        test(`${role} may`, async () => {
            const one = await pending();
            mustRedirect(await act(one.order, 'confirm', { reference: unique('op') }, staff[role]),
                /orders/);
            assert.equal(status(one.order), 'paid');
            mustRedirect(await act(one.order, 'refund',
                { inscriptions: seat(one.order), method: 'cash' }, staff[role]), /orders/);
            assert.equal(status(one.order), 'refunded');
        });

    test('what there is not is 404', async () => {
        for (const name of ['', ...GETS])
            assert.equal((await staff.desk.get(`/admin/orders/99999999/${name}`)).status, 404, name);
        for (const name of POSTS.filter((n) => !['confirm/', 'resend/'].includes(n)))
            assert.equal((await act(99999999, name.slice(0, -1), {})).status, 404, name);
        assert.equal((await act(99999999, 'confirm', { reference: '1' })).status, 404);
        assert.equal((await act(99999999, 'resend')).status, 404);
        assert.equal((await staff.desk.get('/admin/inscriptions/99999999/move/')).status, 404);
        assert.equal((await staff.desk.get('/admin/orders/new/?account=99999999')).status, 404);
        const cart = await signUp(shop);
        mustRedirect(await addToCart(cart, addWorkshop(shop), await addStudent(cart)));
        const id = shop.value("SELECT max(id) FROM orders WHERE status = 'cart'");
        assert.equal((await staff.desk.get(`/admin/orders/${id}/`)).status, 404);
    });
});

// ---- money that comes ----------------------------------------------------------------------------

describe('confirming a transfer', () => {
    test('takes what is due, once, whoever clicks how often', async () => {
        const { order, family } = await pending();
        mustRedirect(await family.post(`/store/orders/${order}/report-payment/`,
            { operation: '00998877' }));
        const page = await staff.desk.get(`/admin/orders/${order}/`);
        assert.match(page.body, /name="reference" value="00998877"/);
        assert.match(page.body, /name="amount" value="180.00"/);
        const reference = unique('op');
        const answers = await Promise.all(Array.from({ length: 6 }, (_, i) =>
            act(order, 'confirm', { reference }, [staff.desk, staff.owner][i % 2])));
        for (const answer of answers) mustRedirect(answer, new RegExp(`/admin/orders/${order}/`));
        assert.equal(status(order), 'paid');
        assert.equal(net(order), 18000);
        assert.equal(shop.value(`SELECT count(*) FROM receipt WHERE order_id = ${order}`), 1);
        assert.equal(shop.value(`SELECT count(*) FROM audit WHERE entity = 'orders'
            AND entity_id = ${order} AND action = 'confirm_payment'`), 1);
    });

    test('in parts that add up', async () => {
        const { order } = await pending();
        const page = await done(await act(order, 'confirm', { reference: unique(), amount: '80' }),
            order);
        assert.match(page.main, /100\.00/);
        assert.equal(status(order), 'pending');
        await done(await act(order, 'confirm', { reference: unique(), amount: '100.00' }), order);
        assert.equal(status(order), 'paid');
    });

    test('is checked, and what was typed stays', async () => {
        const { order } = await pending();
        const other = await pending();
        const used = unique('op');
        mustRedirect(await act(other.order, 'confirm', { reference: used }));
        const before = shop.state();
        refused(await act(order, 'confirm', {}), /operación|operation/i);
        refused(await act(order, 'confirm', { reference: used }), /otro pago|another payment/);
        for (const amount of ['0', '-5', 'x', '99999999999'])
            assert.match(refused(await act(order, 'confirm', { reference: 'kept77', amount }),
                /./).body, /value="kept77"/, amount);
        refused(await act(order, 'confirm', { reference: 'x'.repeat(65) }), /./);
        refused(await act(other.order, 'confirm', { reference: unique() }),
            /no espera|does not wait/);
        shop.unchanged(before);
    });
});

describe('a reported transfer that is not there', () => {
    test('is rejected with a reason; the family sees it and may report another', async () => {
        const { order, family } = await pending();
        mustRedirect(await family.post(`/store/orders/${order}/report-payment/`,
            { operation: '111222' }));
        assert.match((await staff.desk.get(`/admin/orders/${order}/reject/`)).body, /111222/);
        refused(await act(order, 'reject', { operation: '111222' }), /./);
        refused(await act(order, 'reject', { operation: '999', reason: 'No' }), /./);
        const values = { operation: '111222', reason: 'No figura en el banco' };
        await done(await act(order, 'reject', values), order);
        assert.equal(status(order), 'pending');
        const seen = await family.get(`/store/orders/${order}/`);
        assert.match(seen.main, /111222/);
        assert.match(seen.main, /No figura en el banco/);
        await done(await act(order, 'reject', values), order); // again: nothing new
        assert.equal(mails(order, 'No encontramos'), 1);
    });

    test('is rejected and the order cancelled', async () => {
        const { order, family, slug } = await pending();
        mustRedirect(await family.post(`/store/orders/${order}/report-payment/`,
            { operation: '111333' }));
        await done(await act(order, 'reject',
            { operation: '111333', reason: 'Falso', cancel: '1' }), order);
        assert.equal(status(order), 'cancelled');
        assert.equal(shop.value(`SELECT seats_taken FROM workshop WHERE slug = '${slug}'`), 0);
    });
});

describe('a deadline', () => {
    test('is extended, with the seats; never shortened', async () => {
        const { order } = await pending();
        const local = (days) => new Date(Date.now() + days * 86400e3).toISOString().slice(0, 16);
        assert.equal((await staff.desk.get(`/admin/orders/${order}/extend/`)).status, 200);
        const old = shop.value(`SELECT due_at FROM orders WHERE id = ${order}`);
        refused(await act(order, 'extend', { due_at: local(-1) }), /./);
        refused(await act(order, 'extend', { due_at: local(90) }), /60/);
        refused(await act(order, 'extend', { due_at: 'mañana' }), /./);
        refused(await act(order, 'extend', {}), /./);
        assert.equal(shop.value(`SELECT due_at FROM orders WHERE id = ${order}`), old);
        const due_at = local(5);
        await done(await act(order, 'extend', { due_at }), order);
        await done(await act(order, 'extend', { due_at }), order);
        const due = shop.value(`SELECT due_at FROM orders WHERE id = ${order}`);
        assert.ok(due > old);
        assert.equal(shop.value(`SELECT hold_until FROM inscription WHERE order_id = ${order}`), due);
        assert.equal(mails(order, 'más tiempo'), 1);
    });
});

describe('a pending order', () => {
    test('is cancelled once; its seats are free', async () => {
        const { order, slug } = await pending();
        assert.equal((await staff.desk.get(`/admin/orders/${order}/cancel/`)).status, 200);
        await done(await act(order, 'cancel', { reason: 'No hay profesor' }), order);
        await done(await act(order, 'cancel', { reason: 'No hay profesor' }), order);
        assert.equal(status(order), 'cancelled');
        assert.equal(shop.value(`SELECT seats_taken FROM workshop WHERE slug = '${slug}'`), 0);
        assert.equal(mails(order, 'anulado'), 1);
    });

    test('with a part of its money gives that back first', async () => {
        const { order } = await pending();
        mustRedirect(await act(order, 'confirm', { reference: unique(), amount: '50' }));
        refused(await act(order, 'cancel', {}), /./);
        assert.equal(status(order), 'pending');
        await done(await act(order, 'cancel', { method: 'transfer', reference: unique() }), order);
        assert.equal(net(order), 0);
    });
});

// ---- reviews -------------------------------------------------------------------------------------

describe('an order to look at', () => {
    test('paid too much: accepted, the rest goes back', async () => {
        const { order, family } = await pending();
        mustRedirect(await act(order, 'confirm', { reference: unique(), amount: '200' }));
        assert.equal(status(order), 'review');
        const page = await staff.desk.get(`/admin/orders/${order}/settle/`);
        assert.match(page.main, /20\.00/);
        refused(await act(order, 'settle', {}), /./);
        refused(await act(order, 'settle', { decision: 'nonsense' }), /./);
        refused(await act(order, 'settle', { decision: 'seat' }), /./); // how does it go back?
        await done(await act(order, 'settle', { decision: 'seat', method: 'cash' }), order);
        await done(await act(order, 'settle', { decision: 'seat', method: 'cash' }), order);
        assert.equal(status(order), 'paid');
        assert.equal(net(order), 18000);
        assert.match((await family.get(`/store/orders/${order}/`)).main, /20\.00/);
    });

    test('late and without a seat: all goes back', async () => {
        const { order, slug } = await pending({ capacity: 1 });
        mustRedirect(await act(order, 'cancel', {}));
        const luz = await signUp(shop);
        mustRedirect(await addToCart(luz, slug, await addStudent(luz)));
        mustRedirect(await act(order, 'confirm', { reference: unique() }));
        assert.equal(status(order), 'review');
        refused(await act(order, 'settle', { decision: 'seat' }), /vacante|seat/);
        await done(await act(order, 'settle', { decision: 'give_back', method: 'cash' }), order);
        assert.equal(status(order), 'refunded');
    });

    test('late, and the seat is there again', async () => {
        const { order } = await pending({ capacity: 1 });
        mustRedirect(await act(order, 'cancel', {}));
        mustRedirect(await act(order, 'confirm', { reference: unique() }));
        assert.equal(status(order), 'review');
        await done(await act(order, 'settle', { decision: 'seat' }), order);
        assert.equal(status(order), 'paid');
    });
});

// ---- refunds -------------------------------------------------------------------------------------

describe('a refund', () => {
    test('by inscription, then of the rest, with credit notes to print', async () => {
        const { order, family } = await paid([18000, 10000]);
        const ids = shop.sql(`SELECT id FROM inscription WHERE order_id = ${order} ORDER BY id`)
            .map((row) => row.id);
        assert.match((await staff.desk.get(`/admin/orders/${order}/refund/`)).main, /180\.00/);
        const reason = 'Se mudan <de> ciudad';
        const values = { inscriptions: ids[1], method: 'transfer', reference: unique('dev'), reason };
        await done(await act(order, 'refund', values), order);
        assert.equal(status(order), 'paid');
        assert.equal(shop.value(`SELECT total_cents FROM orders WHERE id = ${order}`), 18000);
        await done(await act(order, 'refund', values), order);
        assert.equal(shop.value(`SELECT count(*) FROM credit_note WHERE order_id = ${order}`), 1);
        const number = shop.value(`SELECT number FROM credit_note WHERE order_id = ${order}`);
        for (const [who, path] of [[staff.desk, `/admin/orders/${order}/credit/${number}/`],
            [family, `/store/orders/${order}/credit/${number}/`]]) {
            const paper = await who.get(path);
            assert.equal(paper.status, 200, path);
            assert.match(paper.main, /100\.00/);
            assert.match(paper.body, /Se mudan &lt;de&gt; ciudad/);
        }
        const stranger = await signUp(shop);
        assert.equal((await stranger.get(`/store/orders/${order}/credit/${number}/`)).status, 404);
        const others = await paid();
        assert.equal((await others.family.get(
            `/store/orders/${others.order}/credit/${number}/`)).status, 404);
        assert.match((await family.get(`/store/orders/${order}/`)).body,
            new RegExp(`/store/orders/${order}/credit/${number}/`));
        await done(await act(order, 'refund', { inscriptions: ids[0], method: 'card' }), order);
        assert.equal(status(order), 'refunded');
        assert.equal((await family.get(`/store/orders/${order}/`)).status, 200);
        const mail = shop.sql(`SELECT body_text FROM outbox WHERE order_id = ${order}
            AND dedupe_key LIKE 'credit:%' ORDER BY id DESC LIMIT 1`)[0];
        assert.match(mail.body_text, /180\.00/);
    });

    test('whole, by six clicks at once', async () => {
        const { order } = await paid([18000, 10000]);
        const ids = shop.sql(`SELECT id FROM inscription WHERE order_id = ${order}`)
            .map((row) => ['inscriptions', row.id]);
        const answers = await Promise.all(Array.from({ length: 6 }, () =>
            act(order, 'refund', [...ids, ['method', 'cash']])));
        for (const answer of answers) mustRedirect(answer, /orders/);
        assert.equal(status(order), 'refunded');
        assert.equal(shop.value(`SELECT count(*) FROM credit_note WHERE order_id = ${order}`), 1);
    });

    test('is checked', async () => {
        const { order } = await paid();
        const other = await paid();
        const reference = unique('dev');
        mustRedirect(await act(other.order, 'refund',
            { inscriptions: seat(other.order), method: 'transfer', reference }));
        const before = shop.state();
        const inscriptions = seat(order);
        refused(await act(order, 'refund', {}), /./);
        refused(await act(order, 'refund', { method: 'cash' }), /./);
        refused(await act(order, 'refund', { inscriptions }), /./);
        refused(await act(order, 'refund', { inscriptions, method: 'gold' }), /./);
        refused(await act(order, 'refund', { inscriptions, method: 'credit' }), /./);
        refused(await act(order, 'refund', { inscriptions: seat(other.order), method: 'cash' }), /./);
        refused(await act(order, 'refund', { inscriptions, method: 'transfer', reference }), /./);
        shop.unchanged(before);
    });

    test('what is not possible any more leads back', async () => {
        const { order } = await pending();
        for (const name of ['refund', 'settle', 'reject'])
            mustRedirect(await staff.desk.get(`/admin/orders/${order}/${name}/`),
                new RegExp(`/admin/orders/${order}/$`));
        refused(await act(order, 'refund', { inscriptions: seat(order), method: 'cash' }), /./);
        refused(await act(order, 'settle', { decision: 'seat' }), /./);
    });
});

test('a receipt is sent again, and can be printed by staff', async () => {
    const { order } = await paid();
    await done(await act(order, 'resend'), order);
    await done(await act(order, 'resend'), order);
    assert.ok([2, 3].includes(shop.value(`SELECT count(*) FROM outbox WHERE order_id = ${order}
        AND dedupe_key LIKE 'receipt:%'`))); // a minute may have passed between the two
    assert.equal((await staff.desk.get(`/admin/orders/${order}/receipt/`)).status, 200);
    const without = await pending();
    await done(await act(without.order, 'resend'), without.order);
    assert.equal((await staff.desk.get(`/admin/orders/${without.order}/receipt/`)).status, 404);
});

// ---- at the desk ---------------------------------------------------------------------------------

describe('an order at the desk', () => {
    const order = (values) => staff.desk.post('/admin/orders/new/', values);

    async function household() {
        const family = await signUp(shop, { last_name: unique('Mamani') });
        const child = await addStudent(family);
        return { family, child };
    }

    test('finds the family, the student, the workshops, and is paid in cash', async () => {
        const { family, child } = await household();
        const second = await addStudent(family, { first_name: 'Luz' });
        const slug = addWorkshop(shop);
        const found = await staff.desk.get(`/admin/orders/new/?q=${family.email}`);
        assert.match(found.body, new RegExp(`account=${family.account}"`));
        const students = await staff.desk.get(`/admin/orders/new/?account=${family.account}`);
        assert.match(students.body, new RegExp(`student=${second.id}"`));
        const page = await staff.desk.get(
            `/admin/orders/new/?account=${family.account}&student=${child.id}`);
        assert.match(page.body, new RegExp(`name="workshops" value="${workshopId(slug)}"`));
        const values = { account: family.account, student: child.id, workshops: workshopId(slug),
            method: 'cash' };
        const made = await order(values);
        await done(made);
        const id = Number(made.location.match(/\d+/)[0]);
        assert.equal(status(id), 'paid');
        assert.equal((await order(values)).location, made.location); // a double click
        assert.equal(shop.value(`SELECT count(*) FROM orders WHERE account_id = ${family.account}`),
            1);
        assert.equal((await family.get(`/store/orders/${id}/receipt/`)).status, 200);
    });

    test('by transfer waits, and the family is told how to pay', async () => {
        const { family, child } = await household();
        const made = await order({ account: family.account, student: child.id,
            workshops: workshopId(addWorkshop(shop)), method: 'transfer' });
        await done(made);
        const id = Number(made.location.match(/\d+/)[0]);
        assert.equal(status(id), 'pending');
        assert.equal((await family.get(`/store/orders/${id}/`)).status, 200);
        await done(await act(id, 'confirm', { reference: unique() }), id);
        assert.equal(status(id), 'paid');
    });

    test('warns of ages, never oversells', async () => {
        const { family, child } = await household();
        const slug = addWorkshop(shop, { min_age: 14, max_age: 17, capacity: 1 });
        const values = { account: family.account, student: child.id, workshops: workshopId(slug),
            method: 'free' };
        const page = refused(await order(values), /edad|age/);
        assert.match(page.body, /value="free" selected/);
        await done(await order({ ...values, age_ok: '1' }));
        const other = await household();
        refused(await order({ ...values, account: other.family.account, student: other.child.id,
            age_ok: '1' }), /vacante|seat/);
    });

    test('is checked', async () => {
        const { family, child } = await household();
        const other = await household();
        const workshops = workshopId(addWorkshop(shop));
        const good = { account: family.account, student: child.id, workshops, method: 'cash' };
        const before = shop.state();
        refused(await order({ ...good, workshops: undefined }), /./);
        refused(await order({ ...good, method: undefined }), /./);
        refused(await order({ ...good, method: 'gold' }), /./);
        refused(await order({ ...good, workshops: '99999999' }), /./);
        refused(await order({ ...good, workshops: 'x' }), /./);
        assert.equal((await order({ ...good, student: other.child.id })).status, 404);
        assert.equal((await order({ ...good, account: '99999999' })).status, 404);
        shop.unchanged(before);
    });
});

// ---- another workshop ----------------------------------------------------------------------------

describe('a change of workshop', () => {
    const move = (inscription, values) =>
        staff.desk.post(`/admin/inscriptions/${inscription}/move/`, values);

    test('to a dearer one, the rest in cash', async () => {
        const { order, family } = await paid();
        const slug = addWorkshop(shop, { price_cents: 25000 });
        const page = await staff.desk.get(`/admin/inscriptions/${seat(order)}/move/`);
        assert.match(page.main, /70\.00/);
        const values = { workshop_id: workshopId(slug), method: 'cash', reason: 'Horario' };
        const made = await move(seat(order), values);
        await done(made);
        const fresh = Number(made.location.match(/\d+/)[0]);
        assert.equal(status(order), 'refunded');
        assert.equal(status(fresh), 'paid');
        assert.equal(net(fresh), 25000);
        assert.equal((await move(seat(order), values)).location, made.location); // again
        assert.equal(mails(fresh, 'pasa a'), 1);
        assert.match((await family.get('/users/profile/')).main, new RegExp(`Taller ${slug}`));
    });

    test('to a cheaper one, the rest goes back', async () => {
        const { order } = await paid();
        const values = { workshop_id: workshopId(addWorkshop(shop, { price_cents: 10000 })) };
        refused(await move(seat(order), values), /./);
        const made = await move(seat(order), { ...values, method: 'transfer',
            reference: unique('dev') });
        await done(made);
        assert.equal(net(Number(made.location.match(/\d+/)[0])), 10000);
    });

    test('is checked', async () => {
        const { order, slug } = await paid();
        const full = addWorkshop(shop, { capacity: 0 });
        const before = shop.state();
        refused(await move(seat(order), {}), /./);
        refused(await move(seat(order), { workshop_id: workshopId(slug) }), /./);
        refused(await move(seat(order), { workshop_id: workshopId(full) }), /./);
        refused(await move(seat(order), { workshop_id: '99999999' }), /./);
        shop.unchanged(before);
        const waiting = await pending();
        mustRedirect(await staff.desk.get(`/admin/inscriptions/${seat(waiting.order)}/move/`),
            new RegExp(`/admin/orders/${waiting.order}/`));
        refused(await move(seat(waiting.order), { workshop_id: workshopId(slug) }), /./);
    });
});

test('the history of an order tells what was done, with its values', async () => {
    const { order } = await paid();
    await done(await act(order, 'refund', { inscriptions: seat(order), method: 'cash',
        reason: 'Enfermedad' }), order);
    const page = await staff.desk.get(`/admin/orders/${order}/`);
    assert.match(page.main, /Enfermedad/);
    assert.match(page.main, /180\.00/);
});
