'use strict';
// What belongs to one family does not exist for another, in both directions: every row of the table
// that names something by its id, with every id of the other family, in the path, the query and the
// form, asked with a session and a good token of one's own.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const {
    addStudent, addToCart, addWorkshop, bornYearsAgo, card, cartOf, mustRedirect, signUp, start,
    taller,
} = require('../lib/shop.js');
const { ROUTES, makeWorld } = require('./lib/routes.js');

let shop;
let world;
let strange; // the other family's world
let stranger;

before(async () => {
    shop = await start({ sandbox: true });
    world = await makeWorld(shop);
    strange = await makeWorld(shop);
    stranger = strange.family;
    stranger.child = strange.child;
});
after(() => shop.stop());

/** Everything that could be meant by an {id} of one family: of every table. */
function idsOf(account) {
    const orders = `SELECT id FROM orders WHERE account_id = ${account}`;
    return {
        student: shop.sql(`SELECT id FROM student WHERE parent_id = ${account}`),
        order: shop.sql(orders),
        inscription: shop.sql(`SELECT id FROM inscription WHERE order_id IN (${orders})`),
        credit: shop.sql(`SELECT number AS id FROM credit_note WHERE order_id IN (${orders})`),
    };
}

/** The other family's ids that are none of the own of that kind: those must not be found. */
function foreignIds(pattern, own, others) {
    const kind = /student-/.test(pattern) ? 'student'
        : /checkout|orders/.test(pattern) ? 'order' : 'inscription';
    const mine = new Set(idsOf(own.family.account)[kind].map((row) => row.id));
    const theirs = idsOf(others.family.account);
    assert.ok(theirs[kind].length >= 2 && !theirs[kind].some((row) => mine.has(row.id)));
    const all = Object.values(theirs).flat().map((row) => row.id);
    return [...new Set(all)].filter((id) => !mine.has(id));
}

for (const [way, sides] of Object.entries({
    'a family’s ids, asked by another': () => [strange, world],
    'the other’s, asked by the first': () => [world, strange],
})) {
    describe(`${way}, are 404 and change nothing:`, () => {
        for (const row of ROUTES.filter((r) => r.pattern.includes('{id}'))) {
            test(row.pattern, async () => {
                const [own, others] = sides();
                const before = shop.everything();
                const { family: browser } = own;
                const fields = {
                    ...card(), terms: '1', operation: '123456', student: own.child.slug,
                    first_name: 'Robada', last_name: 'Paz', date_of_birth: bornYearsAgo(8), next: '/',
                };
                const theirs = { ...fields, student: others.child.slug, parent_id: '1',
                    account_id: others.family.account, order_id: others.paid };
                const ids = foreignIds(row.pattern, own, others);
                for (const id of ids) {
                    const path = row.pattern.replace('{id}', id).replace('{id}', others.credit);
                    const answers = [row.get && await browser.get(path),
                        row.get && await browser.get(`${path}?student=${others.child.slug}`),
                        row.get && await browser.head(path),
                        row.post && await browser.post(path, fields),
                        row.post && await browser.post(path, theirs),
                        row.post && await browser.post(path, fields,
                            { multipart: true })].filter(Boolean);
                    for (const answer of answers) {
                        assert.equal(answer.status, 404, path);
                        assert.doesNotMatch(answer.body, new RegExp(others.family.email));
                        assert.doesNotMatch(answer.main, /Hija|Otra|Mayor|Rosa/);
                    }
                }
                // A paper of theirs is not found behind an order of one's own either.
                if (row.pattern.includes('/credit/'))
                    assert.equal((await browser.get(`/store/orders/${own.paid}/credit/`
                        + `${others.credit}/`)).status, 404);
                shop.untouched(before);
            });
        }
    });
}

describe('another family’s child', () => {
    test('is not put into a workshop by its slug', async () => {
        const before = shop.state();
        const slug = world.slug;
        for (const { slug: student } of shop.sql(`SELECT slug FROM student
            WHERE parent_id = ${world.family.account}`)) {
            const answer = await stranger.post(`/store/add-to-cart/${slug}/`, { student });
            assert.equal(answer.status, 404);
            assert.doesNotMatch(answer.main, /Hija|Otra|Mayor/);
        }
        shop.unchanged(before);
    });

    test('is not put into an own seat', async () => {
        const before = shop.state();
        const seat = shop.value(`SELECT id FROM inscription WHERE order_id = ${cartOf(stranger)}`);
        const answer = await stranger.post(`/store/change-student/${seat}/`,
            { student: world.child.slug });
        assert.equal(answer.status, 404);
        shop.unchanged(before);
    });

    test('is not named, chosen or offered on any page', async () => {
        for (const path of [`/workshops/${world.slug}/?student=${world.child.slug}`,
            '/users/profile/', '/store/order-summary/', '/users/student-create/', '/users/export/'])
            for (const theirs of shop.sql(`SELECT slug, last_name FROM student
                WHERE parent_id = ${world.family.account}`))
                for (const word of [theirs.slug, theirs.last_name, world.family.email])
                    assert.ok(!(await stranger.get(path)).main.includes(word), path);
    });
});

test('one’s own id of another kind is 404 too, never somebody else’s row', async () => {
    const seats = idsOf(world.family.account).inscription.map((row) => row.id);
    const orders = idsOf(world.family.account).order.map((row) => row.id);
    const mine = new Set(orders);
    for (const id of seats.filter((seat) => !mine.has(seat)))
        assert.equal((await world.family.get(`/store/orders/${id}/`)).status, 404);
});

test('an order in the cart has no order page, and a placed one no checkout', async () => {
    const { family } = world;
    assert.equal(mustRedirect(await family.get(`/store/orders/${world.cart}/`)).location,
        '/store/order-summary/');
    assert.equal(mustRedirect(await family.get(`/store/checkout/${world.paid}/`)).location,
        `/store/orders/${world.paid}/`);
    assert.notEqual((await family.get(`/store/orders/${world.cart}/receipt/`)).status, 200);
    const before = shop.state();
    const sent = await family.post(`/store/orders/${world.cart}/report-payment/`,
        { operation: '123456' });
    assert.ok([303, 404, 422].includes(sent.status));
    const paid = await family.post(`/store/orders/${world.paid}/report-payment/`,
        { operation: '123456' });
    assert.ok([303, 404, 422].includes(paid.status));
    shop.unchanged(before);
});

describe('the administration', () => {
    const paths = ['/admin/', '/admin/orders/', '/admin/orders/1/', '/admin/workshops/new/',
        '/admin/settings/', '/admin/nothing/'];

    test('does not exist for a family', async () => {
        const before = shop.state();
        for (const path of paths) {
            assert.equal((await stranger.get(path)).status, 404, path);
            assert.equal((await stranger.post(path, { title: 'x' })).status, 404, path);
        }
        assert.equal((await stranger.post('/admin/orders/1/confirm/',
            { reference: '1', amount: '1' })).status, 404);
        shop.unchanged(before);
        assert.doesNotMatch((await stranger.get('/users/profile/')).body, /\/admin\//);
    });

    test('shows nothing to a visitor', async () => {
        const visitor = shop.browser();
        for (const path of paths) {
            const answer = await visitor.get(path);
            assert.ok([303, 404].includes(answer.status), `${path}: ${answer.status}`);
        }
    });
});

describe('an account that is switched off', () => {
    test('is out at once, everywhere, and does not come back in', async () => {
        const rosa = await signUp(shop, { terms: '1' });
        assert.equal((await rosa.get('/users/profile/')).status, 200);
        const off = taller(['account', 'disable', rosa.email, '--data', shop.data]);
        assert.equal(off.status, 0, off.stderr);
        assert.equal((await rosa.get('/users/profile/')).status, 303);
        assert.equal((await rosa.post('/users/student-create/', {})).status, 303);
        const visitor = shop.browser();
        await visitor.get('/accounts/login/');
        assert.equal((await visitor.submit('/accounts/login/',
            { login: rosa.email, password: rosa.password })).status, 422);
    });

    test('also when somebody does it by hand in the database', async () => {
        const rosa = await signUp(shop, { terms: '1' });
        shop.sql(`UPDATE account SET is_active = 0 WHERE id = ${rosa.account}`);
        assert.equal((await rosa.get('/users/profile/')).status, 303);
        assert.equal((await rosa.get('/users/export/')).status, 303);
    });
});
