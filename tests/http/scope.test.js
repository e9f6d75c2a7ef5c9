'use strict';
// How far the rights of staff reach: an instructor not beyond the own workshops, the desk not from one
// family's papers into another's, nobody above the own role. Every id a form or an address can carry
// is tried where it does not belong; every table is the same afterwards.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { addStudent, addToCart, addWorkshop, checkoutCard, day, mustRedirect, signUp, start } =
    require('../lib/shop.js');
const { addSubject, addressOf, makeSchool } = require('./lib/people.js');

let shop;
let school;
let people;
const foreign = {}; // a workshop that somebody else teaches: id, title, seat of a child in it
const own = {};     // the instructor's, with a child in it
let rival;          // another family that the staff deals with, as school.subject

/** A workshop that takes place today, with one paid seat. */
async function addClass(family, child, title) {
    const slug = addWorkshop(shop, { title, start_date: day(0), end_date: day(7), weekdays: 127,
        sales_close_at: Math.floor(Date.now() / 1000) + 86400 });
    mustRedirect(await addToCart(family, slug, child));
    mustRedirect(await checkoutCard(family, undefined, { terms: '1' }));
    const id = shop.value(`SELECT id FROM workshop WHERE slug = '${slug}'`);
    return { id, title, seat: shop.value(`SELECT id FROM inscription WHERE workshop_id = ${id}`) };
}

before(async () => {
    shop = await start({ sandbox: true });
    school = await makeSchool(shop);
    people = school.people;
    const family = await signUp(shop, { terms: '1', first_name: 'Zenobia' });
    const child = await addStudent(family, { first_name: 'Zacarías' });
    Object.assign(own, await addClass(family, child, 'Clase propia'));
    Object.assign(foreign, await addClass(family, child, 'Clase ajena'));
    shop.sql(`INSERT INTO workshop_instructor VALUES (${own.id}, ${people.instructor.account}),
        (${foreign.id}, ${people.owner.account})`);
    rival = await addSubject(shop);
});
after(() => shop.stop());

describe('an instructor', () => {
    test('finds no page of a workshop that is somebody else’s', async () => {
        const before = shop.everything();
        const table = fs.readFileSync(path.join(__dirname, 'access.txt'), 'utf8').split('\n')
            .map((line) => line.split(/ +/))
            .filter(([, pattern]) => pattern?.startsWith('/admin/workshops/{id}/'));
        assert.ok(table.length > 15);
        for (const [method, pattern, , , , , instructor] of table) {
            const at = pattern.replace('{id}', foreign.id);
            const answer = await people.instructor[method.toLowerCase()](at,
                method === 'POST' ? { day: day(0), [`mark-${foreign.seat}`]: 'present' } : undefined);
            assert.equal(answer.status, instructor === '403' ? 403 : 404, `${method} ${at}`);
            assert.doesNotMatch(answer.body, /Clase ajena|Zenobia|Zacar/);
        }
        shop.untouched(before);
    });

    test('takes no attendance of who sits elsewhere', async () => {
        const before = shop.everything();
        const at = `/admin/workshops/${own.id}/attendance/`;
        const page = await people.instructor.get(`${at}?day=${day(0)}`);
        const mark = page.body.match(/name="([a-z-]+)\d+"/)[1];
        assert.ok(page.body.includes(`name="${mark}${own.seat}"`));
        const answer = await people.instructor.post(at,
            { day: day(0), [`${mark}${foreign.seat}`]: 'present' });
        assert.equal(answer.status, 422);
        assert.doesNotMatch(answer.body, /Clase ajena/);
        shop.untouched(before);
        mustRedirect(await people.instructor.post(at,
            { day: day(0), [`${mark}${own.seat}`]: 'present' }));
        assert.equal(shop.value(`SELECT noted_by FROM attendance WHERE inscription_id = ${own.seat}`),
            people.instructor.account);
    });

    test('gets no other workshop out of a list, a search, a filter, a file', async () => {
        for (const query of ['', '?q=Clase', '?q=ajena', `?instructor=${people.owner.account}`,
            `?topic=${shop.topic}`, `?id=${foreign.id}`, '?sort=title&page=1', '?own=0',
            `?ids=${foreign.id}`]) {
            for (const at of ['/admin/workshops/', '/admin/workshops/file.csv']) {
                const answer = await people.instructor.get(at + query);
                assert.equal(answer.status, 200, at + query);
                assert.ok(!answer.body.includes('Clase ajena'), at + query);
            }
        }
        const file = await people.instructor.post('/admin/workshops/',
            { action: 'file', id: [foreign.id, own.id] });
        assert.equal(file.status, 200);
        assert.ok(file.body.includes('Clase propia') && !file.body.includes('Clase ajena'));
        assert.ok(!(await people.instructor.get('/admin/')).body.includes('Clase ajena'));
    });

    test('does nothing to a workshop, the own ones included', async () => {
        const before = shop.everything();
        for (const action of ['activate', 'deactivate', 'archive'])
            for (const id of [foreign.id, own.id])
                assert.equal((await people.instructor.post('/admin/workshops/',
                    { action, id })).status, 403);
        shop.untouched(before);
    });
});

describe('at the desk', () => {
    const { assign } = Object;
    /** Sends what does not fit together; says so, changes nothing. */
    async function refused(at, fields, statuses = [404, 422]) {
        const before = shop.everything();
        const answer = await people.owner.post(at, fields);
        assert.ok(statuses.includes(answer.status), `${at}: ${answer.status} ${answer.location}`);
        shop.untouched(before, at);
        return answer;
    }
    const mine = () => school.subject;
    const operation = (order) => shop.value(
        `SELECT operation FROM payment_report WHERE order_id = ${order}`);

    test('a seat of one order is not refunded through another', async () => {
        for (const inscriptions of [rival.seat, `${mine().seat} ${rival.seat}`,
            [mine().seat, rival.seat], '0', '-1', '999999'])
            await refused(`/admin/orders/${mine().paid}/refund/`,
                { inscriptions, method: 'transfer', reason: 'x' });
    });

    test('a number reported for one order is not rejected in another', async () => {
        await refused(`/admin/orders/${mine().pending}/reject/`,
            { operation: operation(rival.pending), reason: 'x', cancel: '1' });
    });

    test('papers of one order are not found behind another', async () => {
        for (const who of [people.desk, people.owner]) {
            const at = `/admin/orders/${mine().receipt}/credit/${rival.credit}/`;
            assert.equal((await who.get(at)).status, 404);
        }
    });

    test('a student is not enrolled on the account of another family', async () => {
        const fields = { account: mine().family, student: rival.student, workshops: school.workshop,
            method: 'cash' };
        await refused('/admin/orders/new/', fields);
        await refused('/admin/orders/new/', assign({ step: 'do' }, fields));
    });

    test('a student stays with the family', async () => {
        const at = `/admin/students/${mine().student}/`;
        await people.owner.get(at);
        const form = people.owner.page.form(at);
        const fields = Object.fromEntries(form.fields);
        await refused(at, { ...fields, parent_id: rival.family });
        await refused(at, { ...fields, parent_id: people.owner.account });
    });

    test('a workshop is called off for those who sit in it, whatever else is named', async () => {
        const before = shop.value(`SELECT status FROM inscription WHERE id = ${rival.seat}`);
        const answer = await people.owner.post(`/admin/workshops/${school.workshop}/cancel/`,
            { method: 'cash', [`choice-${rival.seat}`]: 'refund' });
        mustRedirect(answer);
        assert.equal(shop.value(`SELECT status FROM inscription WHERE id = ${rival.seat}`), before);
        assert.equal(shop.value(`SELECT status FROM orders WHERE id = ${rival.paid}`), 'paid');
    });

    test('an id of another kind is another row, or none', async () => {
        const big = shop.value('SELECT max(id) + 1 FROM inscription');
        for (const at of [`/admin/orders/${big}/`, `/admin/payments/${big + 999}/`,
            `/admin/accounts/${big + 999}/`, `/admin/students/${big + 999}/`])
            assert.equal((await people.owner.get(at)).status, 404, at);
    });
});

describe('above the own role', () => {
    test('a manager edits no child of an owner’s', async () => {
        const child = shop.insert('student', { slug: 'hija-del-duenyo', first_name: 'Hija',
            parent_id: people.owner.account, last_name: 'Paz', date_of_birth: '2018-01-01' });
        const at = `/admin/students/${child}/`;
        const page = await people.owner.get(at);
        const fields = Object.fromEntries(page.form(at).fields);
        const before = shop.everything();
        const answer = await people.manager.post(at, { ...fields, csrf_token: people.manager.token,
            first_name: 'Otra' });
        assert.equal(answer.status, 403, answer.main);
        assert.ok(!(await people.manager.get(at)).forms.some((form) => form.action === at));
        shop.untouched(before);
    });

    test('a desk reaches no account of staff', async () => {
        const before = shop.everything();
        const { desk, owner, manager } = people;
        for (const { account } of [owner, manager])
            for (const act of ['enable', 'disable', 'reset', 'role', 'second-factor', 'erase', ''])
                assert.equal((await desk.post(`/admin/accounts/${account}/${act ? `${act}/` : ''}`,
                    { staff_role: 'family', email: 'x@example.com' })).status, 403, act);
        shop.untouched(before);
    });

    test('a member of staff is a stranger in the shop of families', async () => {
        const before = shop.everything();
        for (const who of [people.instructor, people.desk, people.manager, people.owner])
            for (const pattern of ['/store/orders/{id}/', '/store/orders/{id}/receipt/',
                '/store/checkout/{id}/', '/users/student-edit/{id}/'])
                assert.equal((await who.get(addressOf(school, pattern))).status, 404, pattern);
        shop.untouched(before);
    });
});
