'use strict';
// Fields that no form has: every form of the table is sent as its page fills it in, with the name of
// every column of every table added, and others that frameworks take. None of them arrives anywhere.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { addStudent, addToCart, addWorkshop, signUp, start } = require('../lib/shop.js');
const { EXTRA_FIELDS, ROUTES, STAFF_ROUTES } = require('./lib/routes.js');
const { addressOf, makeSchool } = require('./lib/people.js');

/** What does not occur by itself: where it is found, a field was taken that is none. */
const NUMBER = '987654321987';
const WORD = 'arrived-from-outside';

/** Columns whose values are few: what somebody would like them to be. */
const WISHES = {
    staff_role: 'owner', status: 'paid', is_active: '0', role: '3', awaits_code: '0', remember: '1',
    private: '1', active: '0', is_self: '1', granted: '1', currency: 'USD', language: 'en', country: 'AQ',
    review_reason: 'late', personal: '0', redacted: '1', state: 'present',
};
const MORE = ['is_staff', 'is_admin', 'is_superuser', 'admin', 'user', 'user_id', 'owner_id', 'amount',
    'discount', 'coupon', 'quantity', 'price', 'total', 'paid', 'confirmed', 'user[role]', 'account[staff_role]',
    'account.staff_role', '__proto__', 'constructor', '_method', 'permissions', 'groups', 'data'];

/** Forms whose pages do away with the account, the order or the session that the rest needs. */
const LAST = ['/accounts/logout/', '/users/close/'];

let shop;
let school;
let columns;

before(async () => {
    shop = await start({ sandbox: true });
    school = await makeSchool(shop);
    columns = [...new Set(shop.sql(`SELECT c.name FROM sqlite_schema t, pragma_table_info(t.name) c
        WHERE t.type = 'table' AND t.name NOT LIKE '%fts%' AND t.name NOT LIKE 'sqlite%'`)
        .map((row) => row.name))];
    assert.ok(columns.length > 100 && Object.keys(WISHES).every((name) => columns.includes(name)));
});
after(() => shop.stop());

/** The fields to add to a form that reads these. */
function extras(known) {
    const value = (name) => WISHES[name]
        ?? (/_id$|_at$|_cents$|^id$|count|number|size|limit|seats|capacity|amount|quantity/.test(name)
            ? NUMBER : WORD);
    return columns.concat(MORE).filter((name) => !known.includes(name) && name !== 'csrf_token').map((name) => [name, value(name)]);
}

/** What of people, rights and money must not follow from a field: as text. */
function standing() {
    return shop.shell(`SELECT id, staff_role, is_active, role, country, password_hash IS NULL, created_at,
            email_confirmed_at, closed_at, erased_at FROM account ORDER BY id;
        SELECT id, parent_id, slug, is_self FROM student ORDER BY id;
        SELECT id, account_id, total_cents, currency, paid_at FROM orders WHERE status <> 'cart' ORDER BY id;
        SELECT id, order_id, workshop_id, list_price_cents, price_cents FROM inscription ORDER BY id;
        SELECT * FROM payment ORDER BY id; SELECT * FROM receipt ORDER BY number;
        SELECT id, price_cents, discount_price_cents, capacity, private, private_key FROM workshop ORDER BY id;
        SELECT account_id, count(*) FROM session WHERE awaits_code = 0 GROUP BY 1 ORDER BY 1`);
}

/** Sends the form of a page, or nothing where there is no page, with the extra fields. */
async function send(row, who) {
    const at = addressOf(school, row.pattern);
    const known = row.fields.map((field) => field.name).concat(EXTRA_FIELDS[row.pattern] ?? [], 'csrf_token',
        'version', 'step', 'next', 'token', 'action', 'day', 'confirmed');
    const page = row.get ? await who.get(at) : null;
    const form = page?.forms.find((f) => f.method === 'POST' && f.action?.split('?')[0] === at.split('?')[0]);
    const fields = form ? form.fields : [];
    const all = fields.concat(extras(known.concat(fields.map(([name]) => name))));
    const answer = await who.post(at, all, form ? { token: null } : {});
    // A seat is offered to nobody's child: that page names none.
    const expected = row.pattern === '/store/change-student/{id}/' ? [404] : [200, 303, 400, 422];
    assert.ok(expected.includes(answer.status), `${at}: ${answer.status} ${answer.main}`);
}

/** Rows whose own purpose is in what standing() tells, sent untouched. */
const MAY_CHANGE = ['/accounts/confirm-email/{name}/', '/store/checkout/{id}/', '/admin/orders/{id}/refund/',
    '/users/student-delete/{id}/', '/admin/workshops/{id}/renew/',
    '/admin/workshops/{id}/duplicate/', '/admin/accounts/{id}/disable/', '/admin/accounts/{id}/enable/',
    '/admin/workshops/{id}/archive/', '/admin/orders/{id}/cancel/'];

const rows = [...ROUTES, ...STAFF_ROUTES].filter((row) => row.post && !LAST.includes(row.pattern));

describe('what is added to a form goes nowhere:', () => {
    for (const row of rows) {
        test(row.pattern, async () => {
            const { people, world } = school;
            const who = { CODE: people.half, STAFF: people.manager, ANYONE: people.visitor }[row.access]
                ?? world.family;
            // What an owner alone may do is sent by the owner.
            const sender = ['/admin/accounts/{id}/second-factor/', '/admin/accounts/{id}/erase/',
                '/admin/import/{id}/'].includes(row.pattern) ? people.owner : who;
            if (row.access !== 'ANYONE' && row.access !== 'CODE' && !row.get)
                await sender.get(row.access === 'STAFF' ? '/admin/' : '/users/profile/');
            const before = standing();
            await send(row, sender);
            const whole = shop.everything();
            assert.ok(!whole.includes(NUMBER), `a number arrived: ${whole.split('\n')
                .find((line) => line.includes(NUMBER))?.slice(0, 400)}`);
            assert.ok(!whole.includes(WORD), `a word arrived: ${whole.split('\n')
                .find((line) => line.includes(WORD))?.slice(0, 400)}`);
            if (!MAY_CHANGE.includes(row.pattern)) assert.equal(standing(), before);
        });
    }
});

test('a purchase costs what the school says, whatever is sent along', async () => {
    const family = await signUp(shop, { terms: '1', ...Object.fromEntries(extras(
        ['email', 'first_name', 'last_name', 'country', 'phone', 'role', 'school', 'date_of_birth', 'terms',
            'marketing', 'photo', 'language', 'next'])) });
    const child = await addStudent(family, Object.fromEntries(extras(['first_name', 'last_name',
        'date_of_birth', 'school', 'emergency_contact', 'notes', 'next'])));
    const slug = addWorkshop(shop, { price_cents: 18000 });
    await family.get(`/workshops/${slug}/`);
    await family.submit(`/store/add-to-cart/${slug}/`, Object.fromEntries(extras(['student', 'key'])));
    const { order, status } = await (async () => {
        await addToCart(family, slug, child);
        const cart = shop.value(`SELECT id FROM orders WHERE account_id = ${family.account} AND status = 'cart'`);
        await family.get(`/store/checkout/${cart}/`);
        const answer = await family.submit(`/store/checkout/${cart}/`, {
            ...Object.fromEntries(extras(['method', 'total', 'document', 'terms'])), method: 'card',
            cc_number: '4242 4242 4242 4242', cc_month: '12', cc_cvv: '123', terms: '1',
            cc_year: String(new Date().getUTCFullYear() + 3) });
        return { order: cart, status: answer.status };
    })();
    assert.equal(status, 303);
    assert.deepEqual(shop.sql(`SELECT a.staff_role, a.is_active, a.role, o.status, o.total_cents, o.currency,
            p.amount_cents, i.price_cents FROM account a JOIN orders o ON o.account_id = a.id
            JOIN payment p ON p.order_id = o.id JOIN inscription i ON i.order_id = o.id WHERE o.id = ${order}`),
    [{ staff_role: null, is_active: 1, role: 1, status: 'paid', total_cents: 18000, currency: 'PEN',
        amount_cents: 18000, price_cents: 18000 }]);
    const whole = shop.everything();
    assert.ok(!whole.includes(NUMBER) && !whole.includes(WORD));
});
