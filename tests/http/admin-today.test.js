'use strict';
// The first page of the administration: what each role is shown, transfers to confirm in place, the
// set-up of a new school.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { addStudent, addToCart, addWorkshop, checkoutTransfer, day, mustRedirect, now, quote, signUp,
    start, unique } = require('../lib/shop.js');
const { ROLES, hireAll } = require('../lib/staff.js');

const EVIL = '<script>alert(1)</script>';
let shop;
let staff;
const today = async (role) => {
    const page = await staff[role].get('/admin/');
    assert.equal(page.status, 200, role);
    return page;
};

before(async () => {
    shop = await start({});
    staff = await hireAll(shop);
});
after(() => shop.stop());

describe('a new school', () => {
    test('is shown what to set up, those who may do it', async () => {
        for (const role of ['owner', 'manager']) {
            const page = await today(role);
            for (const address of ['/admin/settings/school/', '/admin/settings/contact/',
                '/admin/mail/delivery/', '/admin/settings/payment/', '/admin/workshops/new/'])
                assert.ok(page.body.includes(`<a href="${address}"`), `${role} ${address}`);
        }
        for (const role of ['desk', 'instructor']) {
            const page = await today(role);
            assert.doesNotMatch(page.body, /id="setup"/);
            assert.match(page.main, /Nada pendiente|¡Buen día!/);
        }
    });

    test('sees each step ticked off, and the list go', async () => {
        const done = async () => (await today('owner')).body.match(/chip-ok/g)?.length ?? 0;
        const before = await done();
        shop.setting('school_name', 'Academia Sol');
        assert.equal(await done(), before + 1);
        shop.setting('email', 'hola@sol.example');
        assert.equal(await done(), before + 2);
        shop.setting('bank_details', 'BCP 1');
        assert.equal(await done(), before + 3);
        addWorkshop(shop, { start_date: day(200), end_date: day(210) });
        assert.equal(await done(), before + 4);
        shop.insert('outbox', { recipient: 'a@b.example', subject: 'S', body_text: 'T', sent_at: 5 });
        const page = await today('owner');
        assert.doesNotMatch(page.body, /id="setup"/);
        assert.match(page.main, /¡Buen día!/);
    });
});

describe('what waits', () => {
    let family;
    let order;
    before(async () => {
        family = await signUp(shop, { last_name: `Quispe ${EVIL}` });
        const child = await addStudent(family);
        mustRedirect(await addToCart(family, addWorkshop(shop, { title: `Taller ${EVIL}` }), child));
        order = mustRedirect(await checkoutTransfer(family)).order;
        await family.get(`/store/orders/${order}/`);
        mustRedirect(await family.submit(`/store/orders/${order}/report-payment/`,
            { operation: 'OP-778899' }));
    });

    test('a reported transfer has a form with its number and amount', async () => {
        for (const role of ['owner', 'manager', 'desk']) {
            const page = await today(role);
            const form = Object.fromEntries(page.form(`/admin/orders/${order}/confirm/`).fields);
            assert.equal(form.reference, 'OP-778899');
            assert.equal(form.amount, '180.00');
            assert.equal(form.csrf_token, page.csrf);
            assert.ok(!page.body.includes(EVIL), 'names are text');
        }
        const page = await today('instructor');
        assert.doesNotMatch(page.body, /OP-778899|confirm\//);
        assert.equal((await staff.family.get('/admin/')).status, 404);
    });

    test('it is confirmed in place', async () => {
        await today('desk');
        const path = `/admin/orders/${order}/confirm/`;
        const part = mustRedirect(await staff.desk.submit(path, { amount: '80' }));
        assert.equal(part.location, '/admin/');
        assert.ok(!(await staff.desk.follow(part)).body.includes('value="OP-778899"'));
        assert.equal(shop.value(`SELECT status FROM orders WHERE id = ${order}`), 'pending');
        await family.get(`/store/orders/${order}/`);
        mustRedirect(await family.submit(`/store/orders/${order}/report-payment/`,
            { operation: 'OP-2' }));
        const page = await today('desk');
        assert.equal(Object.fromEntries(page.form(path).fields).amount, '100.00');
        mustRedirect(await staff.desk.submit(path));
        assert.equal(shop.value(`SELECT status FROM orders WHERE id = ${order}`), 'paid');
        assert.ok(!(await today('desk')).body.includes(path));
    });

    test('a forged way back leads nowhere else', async () => {
        await today('desk');
        const answer = await staff.desk.post(`/admin/orders/${order}/confirm/`,
            { reference: 'OP-2', amount: '100', next: '//evil.example/' });
        assert.equal(answer.location, `/admin/orders/${order}/`);
    });

    test('money without a seat and failed mail come first', async () => {
        const stuck = shop.insert('orders', { account_id: family.account, code: 'TAL-STUCK',
            status: 'review', review_reason: 'no_seat', total_cents: 100, created_at: now(),
            checkout_at: now() });
        shop.insert('outbox', { recipient: 'a@b.example', subject: 'S', body_text: 'T',
            created_at: now(), attempts: 9, last_error: '550 no' });
        for (const role of ['owner', 'manager', 'desk']) {
            const page = await today(role);
            assert.ok(page.body.includes(`/admin/orders/${stuck}/`), role);
            assert.ok(page.body.includes('/admin/mail/?state=failed'), role);
            assert.ok(page.body.indexOf('id="broken"') < page.body.indexOf('id="classes"'));
        }
        const page = await today('instructor');
        assert.doesNotMatch(page.body, /TAL-STUCK|\/admin\/mail\//);
        shop.sql("DELETE FROM orders WHERE code = 'TAL-STUCK'");
    });

    test('seats in carts are shown until they end', async () => {
        const other = await signUp(shop, { last_name: unique('Carrito ') });
        mustRedirect(await addToCart(other, addWorkshop(shop), await addStudent(other)));
        const name = shop.value(`SELECT last_name FROM account WHERE id = ${other.account}`);
        assert.ok((await today('desk')).main.includes(name));
        assert.ok(!(await today('instructor')).main.includes(name));
        shop.sql(`UPDATE inscription SET hold_until = 1 WHERE order_id IN
            (SELECT id FROM orders WHERE account_id = ${other.account})`);
        assert.ok(!(await today('desk')).main.includes(name));
    });
});

describe('what comes', () => {
    test('classes of the week lead to their rosters; an instructor sees the own ones', async () => {
        const slugs = [unique('propio-'), unique('ajeno-')];
        for (const slug of slugs)
            addWorkshop(shop, { slug, title: slug, start_date: day(-20), end_date: day(40),
                weekdays: 127, capacity: 10 });
        const [own, other] = slugs.map((slug) =>
            shop.value(`SELECT id FROM workshop WHERE slug = ${quote(slug)}`));
        shop.sql(`INSERT INTO workshop_instructor VALUES (${own}, ${staff.instructor.account})`);
        for (const role of ROLES) {
            const page = await today(role);
            assert.ok(page.body.includes(`/admin/workshops/${own}/roster/`), role);
            assert.equal(page.body.includes(`/admin/workshops/${other}/roster/`),
                role !== 'instructor', role);
        }
        assert.equal((await staff.instructor.get(`/admin/workshops/${own}/roster/`)).status, 200);
    });

    test('the week’s revenue is for those who see the reports', async () => {
        for (const role of ROLES)
            assert.equal((await today(role)).body.includes('id="week"'),
                ['owner', 'manager'].includes(role), role);
    });
});
