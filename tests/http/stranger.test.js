'use strict';
// What belongs to one family does not exist for another: every row of the table that names
// something by its id, asked by a stranger with a session and a good token of their own.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const {
    addStudent, addToCart, addWorkshop, bornYearsAgo, card, cartOf, mustRedirect, signUp, start,
    taller,
} = require('../lib/shop.js');
const { ROUTES, makeWorld } = require('./lib/routes.js');

let shop;
let world;
let stranger;

before(async () => {
    shop = await start({ sandbox: true });
    world = await makeWorld(shop);
    stranger = await signUp(shop, { terms: '1', first_name: 'Extraña' });
    stranger.child = await addStudent(stranger, { first_name: 'Ajeno' });
    mustRedirect(await addToCart(stranger, addWorkshop(shop), stranger.child));
    await stranger.get('/users/profile/');
});
after(() => shop.stop());

/** Everything that could be meant by an {id} of one family: of every table. */
function idsOf(account) {
    return {
        student: shop.sql(`SELECT id FROM student WHERE parent_id = ${account}`),
        order: shop.sql(`SELECT id FROM orders WHERE account_id = ${account}`),
        inscription: shop.sql(`SELECT i.id FROM inscription i JOIN orders o ON o.id = i.order_id
            WHERE o.account_id = ${account}`),
    };
}

describe('another family’s id is 404 and changes nothing:', () => {
    for (const row of ROUTES.filter((r) => r.pattern.includes('{id}'))) {
        test(row.pattern, async () => {
            const before = shop.state();
            const kind = /student-/.test(row.pattern) ? 'student'
                : /checkout|orders/.test(row.pattern) ? 'order' : 'inscription';
            const fields = {
                ...card(), terms: '1', operation: '123456', student: stranger.child.slug,
                first_name: 'Robada', last_name: 'Paz', date_of_birth: bornYearsAgo(8), next: '/',
            };
            const ids = idsOf(world.family.account)[kind];
            assert.ok(ids.length >= 2);
            for (const { id } of ids) {
                const path = row.pattern.replace('{id}', id).replace('{id}', world.credit);
                const answers = [row.get && await stranger.get(path),
                    row.get && await stranger.head(path),
                    row.post && await stranger.post(path, fields),
                    row.post && await stranger.post(path, { ...fields, student: world.child.slug }),
                    row.post && await stranger.post(path, fields,
                        { multipart: true })].filter(Boolean);
                for (const answer of answers) {
                    assert.equal(answer.status, 404, path);
                    assert.doesNotMatch(answer.body, /Hija|Rosa/);
                }
            }
            shop.unchanged(before);
        });
    }
});

describe('another family’s child', () => {
    test('is not put into a workshop by its slug', async () => {
        const before = shop.state();
        const slug = world.slug;
        for (const { slug: student } of shop.sql(`SELECT slug FROM student
            WHERE parent_id = ${world.family.account}`)) {
            const answer = await stranger.post(`/store/add-to-cart/${slug}/`, { student });
            assert.equal(answer.status, 404);
            assert.doesNotMatch(answer.body, /Hija|Otra|Mayor/);
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
            assert.doesNotMatch((await stranger.get(path)).body, /Hija|Rosa/, path);
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
