'use strict';
// Families, students and staff in the administration: edited, made, disabled, given roles, sent
// links, taken home as a file, erased; and nothing of that to anybody above one's own role.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { after, before, describe, test } = require('node:test');
const {
    PASSWORD, addStudent, addToCart, addWorkshop, bornYearsAgo, checkoutCard, checkoutTransfer,
    day, logIn, mustRedirect, quote, signUp, start, taller, unique, until,
} = require('../lib/shop.js');
const { setSecondFactor, mailedToken } = require('./lib/routes.js');

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
    return Object.assign(browser, {
        email, account: shop.value(`SELECT id FROM account WHERE email = ${quote(email)}`),
    });
}

const at = (person, action = '') => `/admin/accounts/${person.account}/${action}`;
const row = (person, columns = '*') =>
    shop.sql(`SELECT ${columns} FROM account WHERE id = ${person.account}`)[0];
const trail = (entity, id) => shop.sql(`SELECT x.action, x.actor_id, v.field, v.before, v.after
    FROM audit x LEFT JOIN audit_value v ON v.audit_id = x.id
    WHERE x.entity = ${quote(entity)} AND x.entity_id = ${id} ORDER BY x.id, v.field`);
const sessions = (person) => shop.value(
    `SELECT count(*) FROM session WHERE account_id = ${person.account}`);
const mailsTo = (email) => shop.value(
    `SELECT count(*) FROM outbox WHERE recipient = ${quote(email)}`);
const refusals = (person) => shop.value(`SELECT count(*) FROM audit WHERE action = 'refused'
    AND actor_id = ${person.account}`);

before(async () => {
    shop = await start({ sandbox: true });
    for (const role of ['owner', 'manager', 'desk', 'instructor']) staff[role] = await hire(role);
});
after(() => shop.stop());

describe('an account', () => {
    test('is edited, with before and after in the trail; the same again is no change', async () => {
        const family = await signUp(shop);
        await staff.manager.get(at(family));
        const values = { first_name: 'Rósa', phone: '+51 911 222 333', country: 'CL',
            school: 'Colegio Sol', date_of_birth: '1985-03-04', notes: 'Prefiere llamadas.\nTarde.' };
        mustRedirect(await staff.manager.submit(at(family), values));
        const stored = row(family, Object.keys(values).join(', '));
        assert.deepEqual({ ...stored, notes: stored.notes.replace('\r', '') }, values);
        const lines = trail('account', family.account).filter((line) => line.action === 'edit');
        assert.deepEqual(lines.find((line) => line.field === 'first_name'), { action: 'edit',
            actor_id: staff.manager.account, field: 'first_name', before: 'Rosa', after: 'Rósa' });
        assert.equal(lines.length, 6);
        const page = await staff.manager.get(at(family));
        assert.match(page.body, /href="tel:\+51911222333"/);
        assert.match(page.body, /href="https:\/\/wa\.me\/51911222333"/);
        mustRedirect(await staff.manager.submit(at(family), {}));
        assert.equal(trail('account', family.account).filter((l) => l.action === 'edit').length, 6);
        mustRedirect(await logIn(shop.browser(), family.email, PASSWORD));
    });

    test('changed by two at once: the second sees both versions', async () => {
        const family = await signUp(shop);
        await staff.manager.get(at(family));
        await staff.owner.get(at(family));
        const first = { form: (await staff.manager.get(at(family))).form(at(family)) };
        mustRedirect(await staff.owner.submit(at(family), { first_name: 'Uno' }));
        const fields = Object.fromEntries(first.form.fields);
        const answer = await staff.manager.post(at(family), { ...fields, first_name: 'Dos' });
        assert.equal(answer.status, 409);
        assert.match(answer.main, /Uno[\s\S]*Dos/);
        assert.equal(row(family).first_name, 'Uno');
    });

    test('with another e-mail: told to both, the new one logs in, old links are void', async () => {
        const family = await signUp(shop);
        mustRedirect(await staff.manager.get(at(family))
            .then(() => staff.manager.submit(at(family, 'reset/'))));
        const token = mailedToken(shop, family.email, '/accounts/password/reset/key/');
        const email = `${unique('Nueva.')}@Example.com`;
        await staff.manager.get(at(family));
        const before = mailsTo(family.email);
        mustRedirect(await staff.manager.submit(at(family), { email }));
        assert.equal(mailsTo(family.email), before + 1);
        assert.equal(mailsTo(email), 1);
        assert.equal(row(family).email_key, email.toLowerCase());
        mustRedirect(await logIn(shop.browser(), email, PASSWORD));
        assert.equal((await logIn(shop.browser(), family.email, PASSWORD)).status, 422);
        assert.equal((await shop.browser().get(`/accounts/password/reset/key/${token}/`)).status, 404);
    });

    test('keeps what is wrong for correcting, and changes nothing', async () => {
        const [family, other] = [await signUp(shop), await signUp(shop)];
        await staff.manager.get(at(family));
        const before = shop.state();
        for (const wrong of [{ email: other.email.toUpperCase() }, { email: 'nobody' }, { email: '' },
            { first_name: '' }, { first_name: 'x'.repeat(81) }, { phone: 'abc' }, { country: 'ZZ' },
            { date_of_birth: '2999-01-01' }, { date_of_birth: '2020-02-30' }]) {
            const answer = await staff.manager.submit(at(family), wrong);
            assert.equal(answer.status, 422, JSON.stringify(wrong));
        }
        shop.unchanged(before);
        await staff.manager.get(at(family));
        const answer = await staff.manager.submit(at(family), { email: other.email, notes: 'quedó' });
        assert.match(answer.body, /quedó/);
    });
});

describe('a student', () => {
    test('is added to a family at the desk and edited by the manager', async () => {
        const family = await signUp(shop);
        const fresh = `/admin/students/new/?account=${family.account}`;
        await staff.desk.get(fresh);
        const saved = await staff.desk.submit('/admin/students/new/', {
            first_name: 'Inés', last_name: 'Paz', date_of_birth: bornYearsAgo(8),
            emergency_contact: 'Abuela 987 111 222', notes: 'Alergia al maní' });
        mustRedirect(saved, /^\/admin\/students\/\d+\/$/);
        const id = Number(saved.location.match(/\d+/)[0]);
        const student = shop.sql(`SELECT * FROM student WHERE id = ${id}`)[0];
        assert.equal(student.parent_id, family.account);
        assert.match(student.slug, /^[\w-]{16}$/);
        assert.ok(student.created_at > 0);
        assert.match((await family.get('/users/profile/')).main, /Inés/);
        await staff.manager.get(saved.location);
        mustRedirect(await staff.manager.submit(saved.location, { archived_at: '1' }));
        const since = shop.value(`SELECT archived_at FROM student WHERE id = ${id}`);
        assert.ok(since > 0);
        await staff.manager.get(saved.location);
        mustRedirect(await staff.manager.submit(saved.location, { school: 'Otro' }));
        assert.equal(shop.value(`SELECT archived_at FROM student WHERE id = ${id}`), since);
        assert.equal((await staff.desk.post(saved.location, { first_name: 'X' })).status, 403);
        // Never into another family.
        const other = await signUp(shop);
        await staff.manager.get(saved.location);
        assert.equal((await staff.manager.submit(saved.location,
            { parent_id: other.account })).status, 422);
        assert.equal((await staff.desk.post('/admin/students/new/', { parent_id: 99999999,
            first_name: 'A', last_name: 'B', date_of_birth: bornYearsAgo(8) })).status, 422);
    });

    test('whose new age does not fit a seat is saved, and the page says so', async () => {
        const family = await signUp(shop);
        const child = await addStudent(family);
        const slug = addWorkshop(shop, { title: 'Ajedrez de pequeños', min_age: 6, max_age: 9 });
        await addToCart(family, slug, child);
        const page = `/admin/students/${child.id}/`;
        assert.doesNotMatch((await staff.manager.get(page)).main, /Ajedrez/);
        mustRedirect(await staff.manager.submit(page, { date_of_birth: bornYearsAgo(15) }));
        assert.match((await staff.manager.get(page)).main, /Ajedrez de pequeños/);
    });
});

describe('new accounts', () => {
    test('a family is made at the desk, gets a link and chooses its own password', async () => {
        await staff.desk.get('/admin/accounts/new/');
        const email = `${unique('mesa')}@example.com`;
        const form = { first_name: 'Luz', last_name: 'Rojas', email, phone: '987 000 111',
            country: 'PE' };
        const made = await staff.desk.submit('/admin/accounts/new/', form);
        mustRedirect(made, /^\/admin\/accounts\/\d+\/$/);
        assert.equal(shop.value(`SELECT count(*) FROM account WHERE email = ${quote(email)}
            AND password_hash IS NULL AND staff_role IS NULL`), 1);
        assert.equal(mailsTo(email), 1);
        const again = await staff.desk.post('/admin/accounts/new/', form);
        assert.equal(mustRedirect(again).location, made.location);
        assert.equal(mailsTo(email), 1, 'sent twice, mailed once');
        const token = mailedToken(shop, email, '/accounts/password/reset/key/');
        const luz = shop.browser();
        await luz.get(`/accounts/password/reset/key/${token}/`);
        mustRedirect(await luz.submit(`/accounts/password/reset/key/${token}/`,
            { password1: PASSWORD, password2: PASSWORD }));
        mustRedirect(await logIn(luz, email, PASSWORD));
        assert.equal(mailsTo(email), 1, 'an invitation is no changed password');
        const taken = await staff.desk.post('/admin/accounts/new/', { ...form, first_name: 'Otra' });
        assert.equal(taken.status, 422);
        for (const wrong of [{ email: 'x' }, { phone: '' }, { last_name: ' ' }])
            assert.equal((await staff.desk.post('/admin/accounts/new/',
                { ...form, email: `${unique('m')}@example.com`, ...wrong })).status, 422);
    });

    test('staff are invited by who may grant roles, never above their own', async () => {
        const make = (who, role) => who.post('/admin/accounts/new-staff/', { first_name: 'Ana',
            last_name: 'Solis', email: `${unique('equipo')}@example.com`, staff_role: role });
        const made = mustRedirect(await make(staff.manager, 'desk'));
        const id = Number(made.location.match(/\d+/)[0]);
        assert.equal(shop.value(`SELECT staff_role FROM account WHERE id = ${id}`), 'desk');
        const before = refusals(staff.manager);
        assert.equal((await make(staff.manager, 'owner')).status, 403);
        await until(() => refusals(staff.manager) === before + 1);
        assert.equal((await make(staff.manager, 'emperor')).status, 422);
        assert.equal((await make(staff.desk, 'instructor')).status, 403);
        mustRedirect(await make(staff.owner, 'owner'));
    });
});

describe('in and out', () => {
    test('disabling ends sessions, enabling lets in again; a replay changes nothing', async () => {
        const family = await signUp(shop);
        await staff.manager.get(at(family));
        mustRedirect(await staff.manager.submit(at(family, 'disable/')), new RegExp(at(family)));
        assert.equal(sessions(family), 0);
        mustRedirect(await family.get('/users/profile/'), /^\/accounts\/login\//);
        assert.equal((await logIn(shop.browser(), family.email, PASSWORD)).status, 422);
        mustRedirect(await staff.manager.post(at(family, 'disable/')));
        mustRedirect(await staff.manager.post(at(family, 'enable/')));
        mustRedirect(await logIn(shop.browser(), family.email, PASSWORD));
        assert.deepEqual(trail('account', family.account).filter((l) => l.field === 'is_active')
            .map((l) => [l.action, l.before, l.after]), [['disable', '1', '0'], ['enable', '0', '1']]);
    });

    test('many at once, all or none', async () => {
        const [a, b] = [await signUp(shop), await signUp(shop)];
        await staff.manager.get('/admin/accounts/');
        const send = (ids, action) => staff.manager.post('/admin/accounts/', { action, id: ids });
        mustRedirect(await send([a.account, staff.owner.account, b.account], 'disable'));
        assert.deepEqual([row(a).is_active, row(staff.owner).is_active, row(b).is_active], [1, 1, 1]);
        mustRedirect(await send([a.account, b.account], 'disable'));
        assert.deepEqual([row(a).is_active, row(b).is_active], [0, 0]);
        mustRedirect(await send([a.account, b.account], 'enable'));
        assert.equal(row(b).is_active, 1);
        const file = await send([a.account, b.account], 'file');
        assert.match(file.headers['content-type'], /^text\/csv/);
        assert.ok(file.body.includes(a.email) && file.body.includes(b.email));
        assert.equal(file.body.trim().split('\r\n').length, 3);
        await staff.desk.get('/admin/accounts/');
        for (const action of ['disable', 'file'])
            assert.equal((await staff.desk.post('/admin/accounts/',
                { action, id: a.account })).status, 403, action);
        assert.equal((await send([a.account], 'erase')).status, 400);
    });

    test('nobody disables themselves', async () => {
        mustRedirect(await staff.manager.post(at(staff.manager, 'disable/')));
        assert.equal(row(staff.manager).is_active, 1);
    });
});

describe('links', () => {
    test('a reset link is mailed and never shown; three in ten minutes are enough', async () => {
        const family = await signUp(shop);
        for (let i = 0; i < 4; i++) {
            const answer = mustRedirect(await staff.manager.post(at(family, 'reset/')));
            assert.doesNotMatch(answer.body, /reset\/key/);
        }
        assert.equal(mailsTo(family.email), 3);
        const token = mailedToken(shop, family.email, '/accounts/password/reset/key/');
        const page = await staff.manager.get(at(family));
        assert.ok(!page.body.includes(token));
        assert.equal((await shop.browser().get(`/accounts/password/reset/key/${token}/`)).status, 200);
        assert.equal(trail('account', family.account).filter((l) => l.action === 'send_link').length, 3);
        const hash = row(family).password_hash;
        assert.ok(hash && !page.body.includes(hash));
    });
});

describe('roles', () => {
    test('are granted up to the own one, with before and after in the trail', async () => {
        const family = await signUp(shop);
        const give = (who, staff_role, whom = family) => who.post(at(whom, 'role/'), { staff_role });
        mustRedirect(await give(staff.manager, 'desk'));
        assert.equal(row(family).staff_role, 'desk');
        assert.equal(sessions(family), 0);
        assert.equal((await give(staff.manager, 'owner')).status, 403);
        assert.equal(row(family).staff_role, 'desk');
        mustRedirect(await give(staff.owner, 'owner'));
        assert.equal((await give(staff.manager, 'family')).status, 403);
        mustRedirect(await give(staff.owner, 'family'));
        assert.equal(row(family).staff_role, null);
        mustRedirect(await give(staff.owner, 'king'));
        assert.equal(row(family).staff_role, null);
        assert.deepEqual(trail('account', family.account).filter((l) => l.field === 'staff_role')
            .map((l) => [l.before, l.after]),
        [[null, 'desk'], ['desk', 'owner'], ['owner', null]]);
        assert.equal((await give(staff.desk, 'desk')).status, 403);
    });

    test('the school keeps an owner', async () => {
        const only = await start({});
        try {
            taller(['account', 'create', 'jefa@example.com', '--owner', '--data', only.data],
                { input: `${PASSWORD}\n` });
            const owner = only.browser();
            mustRedirect(await logIn(owner, 'jefa@example.com', PASSWORD));
            await owner.get('/admin/');
            mustRedirect(await owner.post('/admin/accounts/1/role/', { staff_role: 'family' }));
            mustRedirect(await owner.post('/admin/accounts/1/disable/'));
            assert.equal((await owner.post('/users/close/', { password: PASSWORD })).status, 422);
            assert.equal((await owner.post('/admin/accounts/1/erase/',
                { email: 'jefa@example.com' })).status, 422);
            assert.deepEqual(only.sql('SELECT staff_role, is_active, erased_at FROM account'),
                [{ staff_role: 'owner', is_active: 1, erased_at: null }]);
        } finally {
            await only.stop();
        }
    });
});

test('nothing is done to an account above the own role, and each try leaves a line', async () => {
    const { owner, manager } = staff;
    setSecondFactor(shop, owner.account);
    const before = shop.state();
    let lines = refusals(manager);
    const page = await manager.get(at(owner));
    assert.equal(page.status, 200);
    assert.ok(!page.forms.some((form) => form.method === 'POST'
        && form.action?.startsWith(at(owner))), 'nothing is offered');
    for (const [action, fields] of [['', { first_name: 'X' }], ['disable/', {}], ['enable/', {}],
        ['reset/', {}], ['role/', { staff_role: 'family' }]]) {
        assert.equal((await manager.post(at(owner, action), fields)).status, 403, action);
        lines++;
    }
    assert.equal((await manager.get(at(owner, 'export/'))).status, 403);
    await until(() => refusals(manager) === lines + 1);
    shop.unchanged(before);
    shop.sql(`DELETE FROM second_factor WHERE account_id = ${owner.account}`);
});

test('an owner takes off a second factor that somebody lost; a manager may not', async () => {
    const desk = await hire('desk');
    setSecondFactor(shop, desk.account);
    assert.equal((await staff.manager.post(at(desk, 'second-factor/'))).status, 403);
    await staff.owner.get(at(desk));
    mustRedirect(await staff.owner.submit(at(desk, 'second-factor/')));
    assert.equal(shop.value(`SELECT count(*) FROM second_factor
        WHERE account_id = ${desk.account}`), 0);
    assert.equal(mailsTo(desk.email), 1);
    assert.equal(sessions(desk), 0);
    mustRedirect(await staff.owner.post(at(desk, 'second-factor/')));
    assert.equal(mailsTo(desk.email), 1);
    mustRedirect(await logIn(shop.browser(), desk.email, PASSWORD), /^\/users\/profile\/$/);
});

test("a person's data is taken home as JSON, which leaves a line", async () => {
    const family = await signUp(shop);
    await addStudent(family, { first_name: 'Sara' });
    shop.sql(`UPDATE account SET notes = 'una nota' WHERE id = ${family.account}`);
    const answer = await staff.manager.get(at(family, 'export/'));
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-disposition'], /^attachment; filename="account-\d+\.json"$/);
    const data = JSON.parse(answer.body);
    assert.equal(data.account.email, family.email);
    assert.equal(data.account.notes, 'una nota');
    assert.equal(data.students[0].first_name, 'Sara');
    assert.doesNotMatch(answer.body, /password|argon2|token/);
    await until(() => trail('account', family.account).some((l) => l.action === 'export'
        && l.actor_id === staff.manager.account));
    assert.equal((await staff.desk.get(at(family, 'export/'))).status, 403);
    assert.equal((await staff.manager.get('/admin/accounts/99999999/export/')).status, 404);
});

describe('erasing', () => {
    const words = { first_name: 'Zunilda', last_name: 'Mayhuasca', phone: '944 555 667' };

    /** A family with a paid order, a child, mails, a trail. */
    async function makePerson() {
        const family = await signUp(shop, { ...words, email: `${unique('zunilda.')}@example.com` });
        const child = await addStudent(family, { first_name: 'Ollanta', last_name: 'Mayhuasca',
            school: 'Colegio Pachakuti' });
        await addToCart(family, addWorkshop(shop), child);
        mustRedirect(await checkoutCard(family));
        await staff.owner.get(at(family));
        mustRedirect(await staff.owner.submit(at(family), { notes: 'Vive en Chorrillanos' }));
        return family;
    }

    test('says first what goes and what stays, and wants the e-mail typed', async () => {
        const family = await makePerson();
        const page = await staff.owner.get(at(family, 'erase/'));
        assert.match(page.main, /1 pedido/);
        assert.match(page.main, /1 recibo/);
        const before = shop.state();
        for (const email of ['', 'other@example.com'])
            assert.equal((await staff.owner.post(at(family, 'erase/'), { email })).status, 422, email);
        assert.equal((await staff.manager.get(at(family, 'erase/'))).status, 403);
        assert.equal((await staff.manager.post(at(family, 'erase/'),
            { email: family.email })).status, 403);
        shop.unchanged(before);
    });

    test('is refused while an order waits', async () => {
        const family = await makePerson();
        const child = await addStudent(family);
        await addToCart(family, addWorkshop(shop), child);
        mustRedirect(await checkoutTransfer(family));
        assert.doesNotMatch((await staff.owner.get(at(family, 'erase/'))).body, /name="email"/);
        assert.equal((await staff.owner.post(at(family, 'erase/'),
            { email: family.email })).status, 422);
        assert.equal(row(family).first_name, 'Zunilda');
    });

    test('leaves the books and nothing of the person, not even in the file', async () => {
        const fresh = await start({ sandbox: true });
        const [outer, old] = [shop, { ...staff }];
        shop = fresh;
        try {
            staff.owner = await hire('owner');
            const family = await makePerson();
            const money = fresh.sql(`SELECT sum(total_cents) AS n FROM orders
                WHERE status = 'paid'`)[0].n;
            mustRedirect(await staff.owner.post(at(family, 'erase/'), { email: family.email }),
                new RegExp(at(family)));
            const name = `Persona eliminada ${family.account}`;
            assert.deepEqual([row(family).first_name, row(family).phone, row(family).is_active],
                [name, null, 0]);
            assert.equal(fresh.value('SELECT buyer_name FROM receipt'), name);
            assert.equal(fresh.sql(`SELECT sum(total_cents) AS n FROM orders
                WHERE status = 'paid'`)[0].n, money);
            mustRedirect(await family.get('/users/profile/'), /^\/accounts\/login\//);
            assert.doesNotMatch((await staff.owner.get('/admin/accounts/?q=Zunilda')).body, /<tbody>/);
            const page = await staff.owner.get(at(family));
            assert.ok(!page.forms.some((form) => form.action?.startsWith(at(family))));
            const again = mustRedirect(await staff.owner.post(at(family, 'erase/'),
                { email: 'x@example.com' }));
            assert.equal(again.location, at(family));
            const reborn = await signUp(fresh, { email: family.email });
            assert.notEqual(reborn.account, family.account);
            fresh.sql(`DELETE FROM consent WHERE account_id = ${reborn.account};
                DELETE FROM session WHERE account_id = ${reborn.account}`);
        } finally {
            shop = outer;
            Object.assign(staff, old);
            await fresh.stop({ keep: true });
        }
        const file = fs.readFileSync(fresh.db).toString('latin1');
        assert.ok(file.includes('Persona eliminada'));
        for (const word of ['Zunilda', 'Mayhuasca', 'Ollanta', '944 555 667', 'Pachakuti',
            'Chorrillanos'])
            assert.ok(!file.includes(word), `${word} is still in the file`);
        fs.rmSync(fresh.data, { recursive: true, force: true });
    });
});
