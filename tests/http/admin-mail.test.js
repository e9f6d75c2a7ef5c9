'use strict';
// Mail in the administration: a mail and its preview without the links that work once, sending
// again, the test mail against a real mail server, who may.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { makeAuthority, openMailbox, USER, PASSWORD } = require('../lib/mailbox.js');
const { mustRedirect, now, quote, signUp, start, until } = require('../lib/shop.js');
const { forbidden, hire, hireAll } = require('../lib/staff.js');

/** The link of a reset as it waits in the outbox. */
async function askReset(shop, email) {
    const visitor = shop.browser();
    await visitor.get('/accounts/password/reset/');
    mustRedirect(await visitor.submit('/accounts/password/reset/', { email }));
    return until(() => shop.sql(`SELECT id, body_text FROM outbox WHERE recipient = ${quote(email)}
        AND body_text LIKE '%/password/reset/key/%' ORDER BY id DESC`)[0]);
}

describe('without a mail server', () => {
    let shop;
    let staff;
    let mail;
    before(async () => {
        shop = await start({});
        staff = await hireAll(shop);
        mail = await askReset(shop, (await signUp(shop)).email);
        mail.token = mail.body_text.match(/\/key\/([\w-]+)\//)[1];
    });
    after(() => shop.stop());

    for (const role of ['owner', 'manager', 'desk']) {
        test(`${role} reads a mail, never its link`, async () => {
            for (const address of [`/admin/mail/${mail.id}/`, `/admin/mail/${mail.id}/html/`,
                '/admin/mail/', '/admin/mail/file.csv']) {
                const page = await staff[role].get(address);
                if (address.endsWith('.csv') && role === 'desk') continue;
                assert.equal(page.status, 200, address);
                assert.ok(!page.body.includes(mail.token), address);
            }
            await until(() => shop.value(`SELECT count(*) FROM audit WHERE action = 'view'
                AND entity = 'outbox' AND actor_id = ${staff[role].account}`) > 0);
        });
    }

    test('the preview runs nothing and leads nowhere', async () => {
        const page = await staff.desk.get(`/admin/mail/${mail.id}/`);
        assert.match(page.body, new RegExp(`<iframe[^>]*src="/admin/mail/${mail.id}/html/"`));
        assert.match(page.body, /<iframe[^>]* sandbox[ >]/);
        assert.match(page.headers['content-security-policy'], /frame-src 'self'/);
        assert.match(page.headers['content-security-policy'], /default-src 'none'/);
        const html = await staff.desk.get(`/admin/mail/${mail.id}/html/`);
        assert.match(html.headers['content-security-policy'], /default-src 'none'.*sandbox/);
        assert.match(html.headers['x-frame-options'], /SAMEORIGIN/);
        assert.doesNotMatch(html.body, / href=/);
        assert.doesNotMatch(html.body, /<script/);
    });

    test('an instructor and a family see nothing of it', async () => {
        for (const address of ['/admin/mail/', '/admin/mail/delivery/', `/admin/mail/${mail.id}/`,
            `/admin/mail/${mail.id}/html/`]) {
            await forbidden(shop, staff.instructor, (b) => b.get(address));
            assert.equal((await staff.family.get(address)).status, 404);
        }
        for (const address of ['/admin/mail/test/', `/admin/mail/${mail.id}/retry/`,
            '/admin/mail/']) {
            await forbidden(shop, staff.instructor, (b) => b.post(address, { action: 'retry' }));
            assert.equal((await staff.family.post(address)).status, 404);
        }
    });

    test('one that is not there is 404', async () => {
        for (const address of ['/admin/mail/999999/', '/admin/mail/999999/html/'])
            assert.equal((await staff.owner.get(address)).status, 404);
        assert.equal((await staff.owner.post('/admin/mail/999999/retry/')).status, 404);
    });

    test('what failed is sent again, one or several', async () => {
        const fail = () => [1, 2].map(() => shop.insert('outbox', { recipient: 'a@example.com',
            subject: 'S', body_text: 'T', created_at: now(), attempts: 3, last_error: '550 no' }));
        const waiting = (id) => shop.value(`SELECT next_attempt_at IS NOT NULL FROM outbox
            WHERE id = ${id}`);
        const [one, two] = fail();
        const page = await staff.desk.get(`/admin/mail/${one}/`);
        assert.match(page.main, /550 no/);
        mustRedirect(await staff.desk.submit(`/admin/mail/${one}/retry/`));
        assert.equal(waiting(one), 1);
        assert.equal(waiting(two), 0);
        await staff.desk.get('/admin/mail/?state=failed');
        mustRedirect(await staff.desk.post('/admin/mail/', { action: 'retry', id: String(two) }));
        assert.equal(waiting(two), 1);
        assert.equal(shop.value(`SELECT count(*) FROM audit WHERE action = 'retry'
            AND actor_id = ${staff.desk.account}`), 2);
    });

    test('delivery says that nothing is set up, and a test says so too', async () => {
        const page = await staff.desk.get('/admin/mail/delivery/');
        assert.equal(page.status, 200);
        const answer = await staff.desk.submit('/admin/mail/test/');
        assert.equal(answer.status, 422);
    });
});

describe('with a mail server', () => {
    let folder;
    let mailbox;
    let shop;
    let owner;
    before(async () => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-admin-mail-'));
        mailbox = await openMailbox({ authority: makeAuthority(folder) });
        shop = await start(mailbox.shop);
        owner = await hire(shop, 'owner');
    });
    after(async () => {
        await shop.stop();
        await mailbox.close();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    test('a test mail arrives with who asked for it', async () => {
        await owner.get('/admin/mail/delivery/');
        mustRedirect(await owner.submit('/admin/mail/test/'));
        const mail = await mailbox.next();
        assert.deepEqual(mail.to.value.map((to) => to.address), [owner.email]);
        const page = await owner.get('/admin/mail/delivery/');
        assert.ok(page.body.includes('127.0.0.1'));
        assert.ok(page.body.includes(USER));
        assert.ok(!page.body.includes(PASSWORD), 'never the password');
        assert.equal(shop.value('SELECT sent_at IS NOT NULL FROM outbox ORDER BY id DESC LIMIT 1'), 1);
        assert.equal(shop.value("SELECT count(*) FROM audit WHERE action = 'test'"), 1);
    });

    test('a refused one is told in words, and kept as failed', async () => {
        mailbox.refuse = () => '550 no such user here';
        await owner.get('/admin/mail/delivery/');
        const answer = await owner.submit('/admin/mail/test/');
        mailbox.refuse = () => null;
        assert.equal(answer.status, 422);
        assert.match(answer.main, /no such user here/);
        const row = shop.sql('SELECT * FROM outbox ORDER BY id DESC LIMIT 1')[0];
        assert.equal(row.sent_at, null);
        assert.equal(row.next_attempt_at, null);
        const page = await owner.get('/admin/mail/delivery/');
        assert.ok(page.body.includes(`/admin/mail/${row.id}/`));
    });

    test('a reset link is gone from the row once it was sent', async () => {
        const family = await signUp(shop);
        const visitor = shop.browser();
        await visitor.get('/accounts/password/reset/');
        mustRedirect(await visitor.submit('/accounts/password/reset/', { email: family.email }));
        const mail = await mailbox.next();
        const token = mail.text.match(/\/key\/([\w-]+)\//)[1];
        await until(() => shop.value('SELECT sent_at FROM outbox ORDER BY id DESC LIMIT 1'));
        assert.equal(shop.value(`SELECT count(*) FROM outbox WHERE instr(body_text, '${token}')
            OR instr(body_html, '${token}')`), 0);
        const link = await shop.browser().get(`/accounts/password/reset/key/${token}/`);
        assert.equal(link.status, 200, 'the link itself works');
    });

    test('a server that is away is told in words', async () => {
        await mailbox.close();
        await owner.get('/admin/mail/delivery/');
        const answer = await owner.submit('/admin/mail/test/');
        assert.equal(answer.status, 422);
        assert.match(answer.main, /no responde|does not answer/);
        await mailbox.open();
    });
});
