'use strict';
// The settings: every section and every role, what is refused and kept, two people at once, the
// trail, and the legal texts in versions.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { addStudent, addToCart, addWorkshop, checkoutTransfer, mustRedirect, quote, signUp, start,
} = require('../lib/shop.js');
const { forbidden, hireAll } = require('../lib/staff.js');

const SECTIONS = ['school', 'contact', 'legal', 'mail', 'money', 'payment', 'seats', 'accounts',
    'place'];
const SETTINGS = '/admin/settings/';
const EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>';

let shop;
let staff;
before(async () => {
    shop = await start({});
    staff = await hireAll(shop);
});
after(() => shop.stop());

const stored = (key) => shop.value(`SELECT value FROM setting WHERE key = ${quote(key)}`);

/** Opens a section and sends it with some values changed. */
async function save(who, section, values) {
    const path = `${SETTINGS}${section}/`;
    const page = await who.get(path);
    assert.equal(page.status, 200, path);
    return who.submit(path, values);
}

/** The newest change of settings in the trail: {field: [before, after]}. */
function trail() {
    const rows = shop.sql(`SELECT field, before, after, actor_id FROM audit_value
        JOIN audit ON id = audit_id WHERE audit_id = (SELECT max(id) FROM audit
        WHERE entity = 'setting')`);
    return { actor: rows[0]?.actor_id,
        ...Object.fromEntries(rows.map((r) => [r.field, [r.before, r.after]])) };
}

describe('who may', () => {
    for (const role of ['owner', 'manager']) {
        test(`${role} opens every section`, async () => {
            const index = await staff[role].get(SETTINGS);
            assert.equal(index.status, 200);
            for (const section of SECTIONS) {
                assert.ok(index.body.includes(`href="${SETTINGS}${section}/"`), section);
                assert.equal((await staff[role].get(`${SETTINGS}${section}/`)).status, 200);
            }
        });
    }
    for (const role of ['desk', 'instructor']) {
        test(`${role} does not`, async () => {
            const paths = [SETTINGS, `${SETTINGS}school/`, `${SETTINGS}texts/terms/`];
            for (const path of paths) await forbidden(shop, staff[role], (b) => b.get(path));
            for (const path of paths.slice(1))
                await forbidden(shop, staff[role], (b) => b.post(path, { slogan: 'x', body: 'x' }));
            assert.doesNotMatch((await staff[role].get('/admin/')).body, /href="\/admin\/settings/);
        });
    }
    test('a family does not learn that there is such a page', async () => {
        for (const path of [SETTINGS, `${SETTINGS}school/`, `${SETTINGS}texts/terms/`])
            assert.equal((await staff.family.get(path)).status, 404);
        assert.equal((await staff.family.post(`${SETTINGS}school/`, { slogan: 'x' })).status, 404);
    });
    test('two-factor sign-in for all staff is the owner’s alone', async () => {
        await forbidden(shop, staff.manager, (b) => b.get(`${SETTINGS}staff/`));
        await forbidden(shop, staff.manager,
            (b) => b.post(`${SETTINGS}staff/`, { staff_second_factor: '1' }));
        assert.doesNotMatch((await staff.manager.get(SETTINGS)).body, /settings\/staff\//);
        assert.match((await staff.owner.get(SETTINGS)).body, /settings\/staff\//);
        const page = await staff.owner.get(`${SETTINGS}staff/`);
        assert.match(page.body, /name="staff_second_factor"/);
    });
    test('an unknown section is 404', async () => {
        for (const name of ['nothing', 'Staff', 'texts'])
            assert.equal((await staff.owner.get(`${SETTINGS}${name}/`)).status, 404);
        assert.equal((await staff.owner.get(`${SETTINGS}texts/cookies/`)).status, 404);
        assert.equal((await staff.owner.get(`${SETTINGS}texts/terms/?version=9`)).status, 404);
    });
});

describe('saving', () => {
    test('is in force for the next visitor, and in the trail', async () => {
        mustRedirect(await save(staff.manager, 'school',
            { school_name: 'Academia Ñandú', slogan: 'Crear jugando', color: '#b3261e' }));
        const home = await shop.browser().get('/');
        assert.match(home.text, /Academia Ñandú/);
        assert.match(home.main, /Crear jugando/);
        assert.match(home.body, /\/theme\.b3261e\.css/);
        const change = trail();
        assert.equal(change.actor, staff.manager.account);
        assert.deepEqual(change.school_name, ['Taller', 'Academia Ñandú']);
        assert.deepEqual(change.slogan, [null, 'Crear jugando']);
        const again = await staff.manager.follow(await save(staff.manager, 'school', {}));
        assert.match(again.main, /No había nada distinto/);
    });

    test('every section keeps what it is given', async () => {
        const given = {
            contact: { email: 'hola@nandu.example', phone: '(01) 234 5678',
                address: 'Av. Sol 1\nMiraflores', map_url: 'https://maps.example/?q=a%20b' },
            legal: { legal_name: 'Ñandú S. A. C.', tax_number: '20123456789',
                complaints_url: 'https://libro.example/', cancellation: 'Uno.\nDos.' },
            mail: { mail_from: 'envios@nandu.example', mail_reply_to: 'hola@nandu.example' },
            payment: { bank_details: 'BCP 191-1\nCCI 002', wallet_name: 'Yape',
                wallet_holder: 'Ñandú', wallet_phone: '987 654 321' },
            seats: { hold_minutes: '20', extension_minutes: '10', transfer_hours: '24' },
            accounts: { signups_per_address: '70', failed_logins_per_address: '200' },
        };
        for (const [section, values] of Object.entries(given)) {
            mustRedirect(await save(staff.owner, section, values));
            for (const [key, value] of Object.entries(values)) assert.equal(stored(key), value, key);
            const page = await staff.owner.get(`${SETTINGS}${section}/`);
            const fields = Object.fromEntries(page.form(`${SETTINGS}${section}/`).fields);
            for (const [key, value] of Object.entries(values)) assert.equal(fields[key], value, key);
        }
        mustRedirect(await save(staff.owner, 'contact', { whatsapp: '+51 987-654-321' }));
        assert.equal(stored('whatsapp'), '51987654321');
        mustRedirect(await save(staff.owner, 'money', { tax_rate_bp: '18', ask_document: '1' }));
        assert.equal(stored('tax_rate_bp'), '1800');
        assert.equal(stored('ask_document'), '1');
        mustRedirect(await save(staff.owner, 'contact', { phone: '' }));
        assert.equal(stored('phone'), undefined, 'an emptied field takes its default again');
    });

    test('what is wrong is said at its field, kept, and nothing is saved', async () => {
        const wrong = {
            school: { school_name: ['', 'x'.repeat(81)], color: ['red', '#12345'] },
            contact: { email: ['hola', 'a@b', 'a@b.example, c@d.example'], whatsapp: ['123', 'abc'],
                map_url: ['javascript:alert(1)', 'https://x.example/"onload', 'maps.example'],
                phone: ['12'] },
            money: { tax_rate_bp: ['101', '-1', 'x'], currency: ['XXX', ''] },
            seats: { hold_minutes: ['4', '1441', '', 'x', '99999999999999999999'],
                transfer_hours: ['0', '721'] },
            accounts: { live_holds_per_account: ['0', '1001'] },
            place: { time_zone: ['America/Atlantis', ''], language: ['fr'] },
        };
        for (const [section, fields] of Object.entries(wrong)) {
            for (const [key, values] of Object.entries(fields)) {
                for (const value of values) {
                    const before = shop.state();
                    const answer = await save(staff.owner, section, { [key]: value });
                    assert.equal(answer.status, 422, `${key} = ${value}`);
                    assert.match(answer.body, new RegExp(`id="${key}-error"`), `${key} = ${value}`);
                    if (value && !['currency', 'time_zone', 'language'].includes(key)) {
                        const kept = Object.fromEntries(
                            answer.form(`${SETTINGS}${section}/`).fields);
                        assert.equal(kept[key], value);
                    }
                    shop.unchanged(before);
                }
            }
        }
    });

    test('markup in a setting is text everywhere', async () => {
        const before = ['school_name', 'slogan', 'address', 'legal_name', 'bank_details']
            .map((key) => [key, stored(key)]);
        for (const [section, key] of [['school', 'school_name'], ['school', 'slogan'],
            ['contact', 'address'], ['legal', 'legal_name'], ['payment', 'bank_details']])
            mustRedirect(await save(staff.owner, section, { [key]: EVIL }));
        const entry = shop.value("SELECT max(id) FROM audit WHERE entity = 'setting'");
        for (const path of ['/', '/workshops/', SETTINGS, `${SETTINGS}school/`,
            `${SETTINGS}contact/`, `${SETTINGS}payment/`, '/admin/audit/',
            `/admin/audit/${entry}/`, '/admin/']) {
            const page = await staff.owner.get(path);
            assert.equal(page.status, 200, path);
            assert.ok(!page.body.includes('<script>alert'), path);
            assert.ok(!page.body.includes('<img src=x'), path);
        }
        for (const [key, value] of before) shop.setting(key, value ?? null);
    });

    test('needs the token of the own page', async () => {
        const before = shop.state();
        const answer = await staff.owner.post(`${SETTINGS}school/`, { slogan: 'x' }, { token: '' });
        assert.equal(answer.status, 403);
        shop.unchanged(before);
    });
});

describe('two people at once', () => {
    test('the second is shown both versions, then may decide', async () => {
        await staff.owner.get(`${SETTINGS}contact/`);
        await staff.manager.get(`${SETTINGS}contact/`);
        mustRedirect(await staff.manager.submit(`${SETTINGS}contact/`, { phone: '111 1111' }));
        const told = await staff.owner.submit(`${SETTINGS}contact/`, { phone: '222 2222' });
        assert.equal(told.status, 409);
        assert.match(told.main, /111 1111/);
        assert.match(told.main, /222 2222/);
        assert.equal(stored('phone'), '111 1111');
        mustRedirect(await staff.owner.submit(`${SETTINGS}contact/`));
        assert.equal(stored('phone'), '222 2222');
    });
});

describe('what reaches far', () => {
    test('another currency is asked about once there are orders', async () => {
        const family = await signUp(shop);
        const child = await addStudent(family);
        mustRedirect(await addToCart(family, addWorkshop(shop), child));
        mustRedirect(await checkoutTransfer(family, { document: '12345678' }));
        const asked = await save(staff.owner, 'money', { currency: 'USD' });
        assert.equal(asked.status, 422);
        assert.match(asked.body, /name="confirmed"/);
        assert.equal(stored('currency'), undefined);
        mustRedirect(await staff.owner.submit(`${SETTINGS}money/`, { confirmed: '1' }));
        assert.equal(stored('currency'), 'USD');
        mustRedirect(await save(staff.owner, 'money', { currency: 'PEN', confirmed: '1' }));
    });

    test('so is another time zone', async () => {
        const asked = await save(staff.owner, 'place', { time_zone: 'Europe/Madrid' });
        assert.equal(asked.status, 422);
        assert.equal(stored('time_zone'), undefined);
        mustRedirect(await staff.owner.submit(`${SETTINGS}place/`, { confirmed: '1' }));
        assert.equal(stored('time_zone'), 'Europe/Madrid');
        mustRedirect(await save(staff.owner, 'place',
            { time_zone: 'America/Lima', confirmed: '1' }));
    });
});

describe('terms and privacy', () => {
    const TERMS = `${SETTINGS}texts/terms/`;

    test('are published in versions that stay, and it is known who accepted which', async () => {
        await staff.owner.get(TERMS);
        mustRedirect(await staff.owner.submit(TERMS, { body: 'Primera <b>versión</b>.\n\nFin.' }));
        const page = await shop.browser().get('/terms/');
        assert.match(page.main, /Primera <b>versión<\/b>\./);
        assert.ok(!page.body.includes('<b>versión'));
        const rosa = await signUp(shop);

        await staff.manager.get(TERMS);
        mustRedirect(await staff.manager.submit(TERMS, { body: 'Segunda.' }));
        mustRedirect(await staff.manager.submit(TERMS, { body: 'Segunda.' })); // sent twice
        assert.equal(shop.value("SELECT max(version) FROM legal_text WHERE purpose = 'terms'"), 2);
        assert.equal(shop.value(`SELECT count(*) FROM audit WHERE action = 'publish'
            AND entity = 'legal_text'`), 2);

        const old = await staff.owner.get(`${TERMS}?version=1`);
        assert.match(old.main, /Primera/);
        const who = await staff.owner.get('/admin/consents/?purpose=terms&version=1');
        assert.match(who.body, new RegExp(rosa.email));
        const none = await staff.owner.get('/admin/consents/?purpose=terms&version=2');
        assert.doesNotMatch(none.body, new RegExp(rosa.email));
        assert.equal((await staff.desk.get('/admin/consents/?purpose=terms')).status, 200);
        await forbidden(shop, staff.instructor, (b) => b.get('/admin/consents/'));
    });

    test('the second of two who write is shown what the first published', async () => {
        await staff.owner.get(TERMS);
        await staff.manager.get(TERMS);
        mustRedirect(await staff.manager.submit(TERMS, { body: 'La del gerente.' }));
        const told = await staff.owner.submit(TERMS, { body: 'La de la dueña.' });
        assert.equal(told.status, 409);
        assert.match(told.main, /La del gerente/);
        assert.match(told.body, /La de la dueña\.<\/textarea>/);
        mustRedirect(await staff.owner.submit(TERMS));
        assert.match((await shop.browser().get('/terms/')).main, /La de la dueña/);
    });

    test('an empty text is not published', async () => {
        await staff.owner.get(TERMS);
        const before = shop.state();
        assert.equal((await staff.owner.submit(TERMS, { body: ' \n ' })).status, 422);
        shop.unchanged(before);
    });

    test('a long text in another alphabet fits', async () => {
        await staff.owner.get(`${SETTINGS}texts/privacy/`);
        const body = 'ñandú '.repeat(8000);
        mustRedirect(await staff.owner.submit(`${SETTINGS}texts/privacy/`, { body }));
        assert.equal(shop.value("SELECT length(body) FROM legal_text WHERE purpose = 'privacy'"),
            body.trim().length);
    });
});
