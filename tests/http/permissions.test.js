'use strict';
// Who may do what: every row of the administration times every kind of visitor, both directions,
// derived from the route table, the nouns and the one table of permissions in shop/permission.c. A
// row that is added is tested here at once; one whose address cannot be made up fails.
//
// A POST is sent without a token: whoever may is told that the form is forged (403, no line in the
// trail), whoever may not that the role does not include it (403 with a line). So nothing changes.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { PASSWORD, ROOT, logIn, mustRedirect, now, quote, start, taller, unique, until } =
    require('../lib/shop.js');
const { STAFF_ROUTES, setSecondFactor } = require('./lib/routes.js');

const ROLES = ['instructor', 'desk', 'manager', 'owner'];

function source(file) { return fs.readFileSync(path.join(ROOT, 'src', file), 'utf8'); }

/** {MAY_…: {name, roles}} as shop/permission.c has it. */
function readPermissions() {
    const letters = { I: 'instructor', D: 'desk', M: 'manager', O: 'owner' };
    const rows = [...source('shop/permission.c')
        .matchAll(/\[(MAY_\w+)\] = \{N_\("([^"]+)"\), ([OMDI |]+)\}/g)];
    return Object.fromEntries(rows.map(([, right, name, roles]) =>
        [right, { name, roles: roles.split('|').map((letter) => letters[letter.trim()]) }]));
}

/** {noun's name: {entity, see, edit}} as site/admin/nouns.c has it. */
function readNouns() {
    const blocks = source('site/admin/nouns.c').split('{.name = "').slice(1);
    return Object.fromEntries(blocks.map((block) => [block.match(/^[a-z]+/)[0], {
        entity: block.match(/\.entity = "(\w+)"/)[1],
        see: block.match(/\.see = (MAY_\w+)/)[1],
        edit: block.match(/\.edit = (MAY_\w+)/)[1],
    }]));
}

const PERMISSIONS = readPermissions();
const NOUNS = readNouns();
const may = (role, right) => PERMISSIONS[right].roles.includes(role);

let shop;
const staff = {}; // role: browser with account
const others = {}; // visitor, family, disabled, half

/** Where a row is found; undefined when nobody thought of it. `{id}` is a row of the noun's own
 * table; what is more than that stands here. */
const ADDRESSES = {
    '/admin/orders/{id}/receipt/': () => `/admin/orders/${ids.credited}/receipt/`,
    '/admin/orders/{id}/credit/{id}/': () => `/admin/orders/${ids.credited}/credit/1/`,
    '/admin/students/new/': () => `/admin/students/new/?account=${staff.family.account}`,
    '/admin/analytics/{name}.csv': () => '/admin/analytics/totals.csv',
    '/admin/import/templates/{name}.csv': () => '/admin/import/templates/families.csv',
    '/admin/settings/{name}/': () => '/admin/settings/school/',
    '/admin/settings/picture/{name}/': () => '/admin/settings/picture/logo/',
    '/admin/settings/texts/{name}/': () => '/admin/settings/texts/terms/',
};

const ids = {};

function addressOf(row, role = 'owner') {
    if (ADDRESSES[row.pattern]) return ADDRESSES[row.pattern]();
    const id = ids[row.pattern.split('/')[2]];
    return row.pattern.replace('{id}', () => id?.[role] ?? id?.owner ?? id);
}

async function enter(email, password) {
    const browser = shop.browser();
    mustRedirect(await logIn(browser, email, password));
    await browser.get('/users/profile/');
    browser.email = email;
    browser.account = shop.value(`SELECT id FROM account WHERE email = ${quote(email)}`);
    return browser;
}

async function hire(role, password = PASSWORD) {
    const email = `${unique(role)}@example.com`;
    const made = taller(['account', 'create', email, `--${role}`, '--data', shop.data],
        { input: `${password}\n` });
    assert.equal(made.status, 0, made.stderr);
    return enter(email, password);
}

async function makePeople() {
    const { accounts } = shop;
    staff.owner = await enter(accounts.owner.email, accounts.owner.password);
    staff.desk = await enter(accounts.desk.email, accounts.desk.password);
    staff.instructor = await enter(accounts.instructor.email, accounts.instructor.password);
    staff.manager = await hire('manager');
    staff.family = await enter(accounts.parent.email, accounts.parent.password);
    others.visitor = shop.browser();
    await others.visitor.get('/accounts/login/');
    others.family = staff.family;
    others.disabled = await hire('owner');
    shop.sql(`UPDATE account SET is_active = 0 WHERE id = ${others.disabled.account}`);
    const two = await hire('owner');
    setSecondFactor(shop, two.account);
    others.half = shop.browser();
    mustRedirect(await logIn(others.half, two.email, PASSWORD), /^\/accounts\/login\/code\//);
}

before(async () => {
    shop = await start({ demo: true });
    await makePeople();
    for (const [noun, { entity }] of Object.entries(NOUNS))
        ids[noun] = shop.value(`SELECT min(id) FROM ${entity}`);
    ids.credited = shop.value('SELECT order_id FROM credit_note WHERE number = 1');
    ids.accounts = staff.family.account;
    ids.students = shop.value(`SELECT min(id) FROM student
        WHERE parent_id = ${staff.family.account}`);
    ids.workshops = shop.value(`SELECT min(workshop_id) FROM workshop_instructor
        WHERE account_id = ${staff.instructor.account}`);
    ids.import = {}; // a file is its uploader's
    for (const role of ['owner', 'manager'])
        ids.import[role] = shop.value(`INSERT INTO import_file
            (kind, account_id, name, body, created_at) VALUES
            ('families', ${staff[role].account}, 'f.csv', CAST('email' AS BLOB), ${now()}) RETURNING id`);
    ids.mail = shop.insert('outbox', { recipient: 'x@example.com', subject: 's', body_text: 't',
        body_html: '<p>t</p>' });
});
after(() => shop.stop());

/** The lines of refusals somebody left, as "right path". */
function refusals(account) {
    return shop.sql(`SELECT detail FROM audit WHERE action = 'refused' AND actor_id = ${account}
        ORDER BY id`).map(({ detail }) => JSON.parse(detail))
        .map((detail) => `${detail.right} ${detail.path}`);
}

test('every row has an address here, and every right is in the table', () => {
    assert.ok(STAFF_ROUTES.length > 30 && Object.keys(PERMISSIONS).length > 10);
    for (const row of STAFF_ROUTES) {
        assert.doesNotMatch(addressOf(row), /[{}]|undefined|null/, row.pattern);
        assert.equal(row.access, 'STAFF', row.pattern);
        assert.ok(PERMISSIONS[row.right], `${row.pattern}: ${row.right}`);
    }
});

describe('nobody but staff', () => {
    const login = (next) => `/accounts/login/?next=${encodeURIComponent(next)}`;
    const answers = {
        visitor: (answer, what) => {
            assert.equal(answer.status, 303, what);
            assert.match(answer.location, /^\/accounts\/login\/\?next=/, what);
        },
        disabled: (answer, what) => {
            assert.equal(answer.status, 303, what);
            assert.match(answer.location, /^\/accounts\/login\/\?next=/, what);
        },
        half: (answer, what) => {
            assert.equal(answer.status, 303, what);
            assert.match(answer.location, /^\/accounts\/login\/code\/\?next=/, what);
        },
        family: (answer, what) => assert.equal(answer.status, 404, what),
    };
    for (const [who, expected] of Object.entries(answers)) {
        test(`gets in: ${who}`, async () => {
            const before = shop.state();
            for (const row of STAFF_ROUTES) {
                const at = addressOf(row);
                if (row.get) expected(await others[who].get(at), `GET ${at}`);
                if (row.get && who === 'visitor' && !at.includes('?'))
                    assert.equal((await others[who].get(at)).location, login(at));
                if (row.post) expected(await others[who].post(at), `POST ${at}`);
                if (row.post)
                    expected(await others[who].post(at, {}, { token: staff.owner.token }), at);
                if (!row.post && who === 'family')
                    expected(await others[who].post(at), `POST ${at}, which nobody may`);
            }
            shop.unchanged(before);
        });
    }
});

describe('what the table says is so', () => {
    for (const role of ROLES) {
        test(`for ${role}`, async () => {
            const browser = staff[role];
            const before = shop.state();
            const expected = refusals(browser.account);
            for (const row of STAFF_ROUTES) {
                const at = addressOf(row, role);
                const allowed = may(role, row.right);
                const line = `${PERMISSIONS[row.right].name} ${row.pattern}`;
                if (row.get) {
                    const answer = await browser.get(at);
                    assert.equal(answer.status === 403, !allowed,
                        `GET ${at}: ${answer.status} ${answer.main}`);
                    if (allowed)
                        assert.ok([200, 303].includes(answer.status)
                            && !/^\/accounts\//.test(answer.location ?? ''),
                        `GET ${at}: ${answer.status} ${answer.location} ${answer.main}`);
                    else expected.push(line);
                }
                if (row.post) {
                    const answer = await browser.post(at, {}, { token: null });
                    assert.equal(answer.status, 403, `POST ${at}: ${answer.status}`);
                    if (!allowed) expected.push(line);
                }
            }
            await until(() => refusals(browser.account).length >= expected.length);
            assert.deepEqual(refusals(browser.account).sort(), expected.sort());
            shop.unchanged(before);
        });
    }
});

describe('who may see and not change', () => {
    for (const [noun, { see, edit }] of Object.entries(NOUNS)) {
        const row = STAFF_ROUTES.find((r) => r.pattern === `/admin/${noun}/{id}/` && r.post);
        const roles = ROLES.filter((role) => may(role, see) && !may(role, edit));
        if (!row || !roles.length) continue;
        test(`${noun}: ${roles.join(', ')}`, async () => {
            const before = shop.state();
            for (const role of roles) {
                const browser = staff[role];
                const lines = refusals(browser.account).length;
                const page = await browser.get(addressOf(row));
                assert.equal(page.status, 200);
                assert.ok(!page.forms.some((form) => form.method === 'POST'
                    && form.action === addressOf(row)), `${role} is offered the form`);
                const answer = await browser.post(addressOf(row), { title: 'X', first_name: 'X' });
                assert.equal(answer.status, 403, `${role}: ${answer.status}`);
                await until(() => refusals(browser.account).length === lines + 1);
            }
            shop.unchanged(before);
        });
    }
});

describe('a row that is sensitive', () => {
    test('asks again for whoever has not shown for a while that it is them', async () => {
        const rows = STAFF_ROUTES.filter((row) => row.fresh);
        assert.ok(rows.length >= 4);
        const owner = await hire('owner');
        shop.sql(`UPDATE session SET confirmed_at = confirmed_at - 900
            WHERE account_id = ${owner.account}`);
        const before = shop.state();
        for (const path of ['/admin/settings/payment/', '/admin/settings/staff/',
            '/admin/settings/picture/wallet_qr/']) { // parts of rows
            mustRedirect(await owner.get(path), /^\/accounts\/again\/\?next=%2Fadmin%2Fsettings/);
            mustRedirect(await owner.post(path), /^\/accounts\/again\/\?next=%2Fadmin%2Fsettings/);
        }
        // Everybody's data at once, with the search and filters of the list it is the file of.
        mustRedirect(await owner.get('/admin/accounts/file.csv?q=a&role=1'),
            /^\/accounts\/again\/\?next=%2Fadmin%2Faccounts%2Ffile.csv%3Fq%3Da%26role%3D1$/);
        for (const noun of ['accounts', 'students', 'orders', 'mail'])
            mustRedirect(await owner.post(`/admin/${noun}/`, { action: 'file', id: '1' }),
                new RegExp(`^/accounts/again/\\?next=%2Fadmin%2F${noun}%2F$`));
        assert.equal((await owner.get('/admin/workshops/file.csv')).status, 200, 'of workshops, no');
        assert.equal((await owner.get('/admin/settings/school/')).status, 200);
        for (const row of rows) {
            const at = addressOf(row);
            if (row.get) mustRedirect(await owner.get(at), /^\/accounts\/again\/\?next=%2Fadmin%2F/);
            if (row.post) mustRedirect(await owner.post(at), /^\/accounts\/again\/\?next=%2Fadmin%2F/);
            // Who has not even the right does not learn of it this way.
            if (!may('desk', row.right) && row.get)
                assert.equal((await staff.desk.get(at)).status, 403, at);
        }
        shop.unchanged(before);
    });
});

describe('an instructor', () => {
    test('sees the own workshops only', async () => {
        const foreign = shop.value(`SELECT min(id) FROM workshop WHERE id NOT IN
            (SELECT workshop_id FROM workshop_instructor
             WHERE account_id = ${staff.instructor.account})`);
        for (const row of STAFF_ROUTES.filter((r) => r.get && may('instructor', r.right)
            && r.pattern.startsWith('/admin/workshops/{id}/'))) {
            const own = row.pattern.replace('{id}', ids.workshops);
            assert.equal((await staff.instructor.get(own)).status, 200, own);
            const at = row.pattern.replace('{id}', foreign);
            assert.equal((await staff.instructor.get(at)).status, 404, at);
            assert.equal((await staff.owner.get(at)).status, 200, at);
        }
        const list = await staff.instructor.get('/admin/workshops/');
        assert.ok(!list.body.includes(`/admin/workshops/${foreign}/`));
        assert.ok(list.body.includes(`/admin/workshops/${ids.workshops}/`));
    });
});

test('the menu holds what one may see, and nothing else', async () => {
    for (const role of ROLES) {
        const page = await staff[role].get('/admin/');
        const nav = page.body.match(/<nav class="admin-nav"[\s\S]*?<\/nav>/)[0];
        for (const [noun, { see }] of Object.entries(NOUNS))
            if (/\.in_menu = true/.test(source('site/admin/nouns.c').split(`.name = "${noun}"`)[1]
                .split('.name = "')[0]))
                assert.equal(nav.includes(`"/admin/${noun}/"`), may(role, see), `${role}: ${noun}`);
    }
});
