'use strict';
// The trail: who sees it, what each kind of entry says in words, its filters, and that nobody can
// change it.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { mustRedirect, quote, start, taller, unique, until } = require('../lib/shop.js');
const { forbidden, hireAll } = require('../lib/staff.js');

let shop;
let staff;
before(async () => {
    shop = await start({});
    staff = await hireAll(shop);
});
after(() => shop.stop());

const newest = (where) => shop.value(`SELECT max(id) FROM audit WHERE ${where}`);
const entry = async (id) => {
    const page = await staff.owner.get(`/admin/audit/${id}/`);
    assert.equal(page.status, 200);
    return page;
};

/** Saves a section of the settings. */
async function save(who, section, values) {
    await who.get(`/admin/settings/${section}/`);
    mustRedirect(await who.submit(`/admin/settings/${section}/`, values));
    return newest("entity = 'setting'");
}

describe('who may', () => {
    test('owners and managers', async () => {
        const id = newest('1');
        for (const role of ['owner', 'manager'])
            for (const path of ['/admin/audit/', `/admin/audit/${id}/`, '/admin/audit/file.csv'])
                assert.equal((await staff[role].get(path)).status, 200, `${role} ${path}`);
    });
    for (const role of ['desk', 'instructor']) {
        test(`not ${role}`, async () => {
            const id = newest('1');
            for (const path of ['/admin/audit/', `/admin/audit/${id}/`, '/admin/audit/file.csv'])
                await forbidden(shop, staff[role], (b) => b.get(path));
        });
    }
    test('a family does not learn of it', async () => {
        assert.equal((await staff.family.get('/admin/audit/')).status, 404);
        assert.equal((await staff.owner.get('/admin/audit/999999/')).status, 404);
    });
    test('and nobody changes it', async () => {
        const id = newest('1');
        const state = () => JSON.stringify(shop.sql(`SELECT * FROM audit WHERE id = ${id}`));
        const before = state();
        assert.equal((await staff.owner.post(`/admin/audit/${id}/`, { action: 'x' })).status, 405);
        assert.equal((await staff.owner.post('/admin/audit/', { action: 'delete', id })).status, 400);
        for (const sql of ["UPDATE audit SET action = 'x'", 'DELETE FROM audit',
            'DELETE FROM audit_value', "UPDATE audit_value SET after = 'x'"])
            assert.throws(() => shop.sql(sql), /never changed/);
        assert.equal(state(), before);
    });
});

describe('an entry says in words', () => {
    test('what a setting was and is: money, percent, yes and no', async () => {
        const id = await save(staff.manager, 'money', { tax_rate_bp: '18', ask_document: '1' });
        const page = await entry(id);
        assert.match(page.main, /Impuesto incluido en los precios, en porcentaje 0\s*% 18\s*%/);
        assert.match(page.main, /Pedir un documento de identidad a quien paga No Sí/);
        assert.ok(page.body.includes(`href="/admin/accounts/${staff.manager.account}/"`));
        assert.ok(page.body.includes('href="/admin/settings/"'));
        assert.doesNotMatch(page.main, /tax_rate_bp|ask_document/);
    });

    test('what a topic was and is, with the way to it', async () => {
        const name = unique('Tema ');
        await staff.owner.get('/admin/topics/new/');
        const made = mustRedirect(
            await staff.owner.submit('/admin/topics/new/', { name, color: '2' }));
        await staff.owner.follow(made);
        mustRedirect(await staff.owner.submit(made.location, { name: `${name} <b>` }));
        const page = await entry(newest("entity = 'topic' AND action = 'edit'"));
        assert.ok(page.main.includes(`${name} <b>`));
        assert.ok(!page.body.includes('<b>'), 'markup is text');
        assert.ok(page.body.includes(`href="${made.location}"`));
    });

    test('what the shell did', async () => {
        const email = unique('persona') + '@example.com';
        taller(['account', 'create', email, '--desk', '--data', shop.data],
            { input: 'una frase muy larga\n' });
        const account = shop.value(`SELECT id FROM account WHERE email = ${quote(email)}`);
        taller(['account', 'role', email, '--instructor', '--data', shop.data]);
        taller(['account', 'disable', email, '--data', shop.data]);
        const [made, role, out] = shop.sql(`SELECT id FROM audit WHERE entity = 'account'
            AND entity_id = ${account} ORDER BY id`).map((row) => row.id);
        assert.ok((await entry(made)).main.includes(email));
        assert.match((await entry(role)).main, /Recepción|Secretaría|Front desk/);
        assert.match((await entry(role)).main, /Instructor/);
        assert.match((await entry(out)).main, /Sí No/);
        const rows = shop.shell('SELECT * FROM audit; SELECT * FROM audit_value');
        assert.ok(!rows.includes('una frase muy larga'), 'no password, ever');
        assert.ok(!/argon2/.test(rows));
    });

    test('what was refused and what was taken home', async () => {
        await staff.desk.get('/admin/settings/');
        const refused = await entry(await until(() => newest(`action = 'refused'
            AND actor_id = ${staff.desk.account} AND detail LIKE '%/admin/settings/%'`)));
        assert.match(refused.main, /\/admin\/settings\//);
        await staff.owner.get('/admin/topics/file.csv');
        const taken = await until(() => newest("action = 'export' AND detail LIKE '%topics%'"));
        assert.match((await entry(taken)).main, /topics/);
    });
});

describe('the list', () => {
    test('is filtered by who, what, on what and when', async () => {
        const id = await save(staff.manager, 'seats', { hold_minutes: '40' });
        const found = async (query) =>
            (await staff.owner.get(`/admin/audit/?${query}`)).body.includes(`/admin/audit/${id}/`);
        const page = await staff.owner.get('/admin/audit/');
        assert.match(page.body, new RegExp(`<option value="${staff.manager.account}"`));
        assert.ok(!page.body.includes(`<option value="${staff.family.account}"`), 'staff only');
        assert.ok(await found(''));
        assert.ok(await found(`actor=${staff.manager.account}`));
        assert.ok(!await found(`actor=${staff.desk.account}`));
        assert.ok(await found('action=edit'));
        assert.ok(!await found('action=create'));
        assert.ok(await found('entity=setting'));
        assert.ok(!await found('entity=topic'));
        assert.ok(await found('from=2000-01-01&to=2199-01-01'));
        assert.ok(!await found('to=2000-01-01'));
        assert.ok(!await found('from=2199-01-01'));
    });

    test('names deeds in words', async () => {
        const page = await staff.owner.get('/admin/audit/?entity=setting');
        assert.match(page.main, /Modificó|Cambió|Modificado/);
        assert.doesNotMatch(page.body, /<td[^>]*><a[^>]*>edit</);
    });
});
