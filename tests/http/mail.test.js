'use strict';
// Mail in real conversations: the program against a mail server with TLS and passwords, and what
// arrives there read by a mail reader's parser.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { makeAuthority, openMailbox, USER } = require('../lib/mailbox.js');
const {
    addStudent, addToCart, addWorkshop, checkout, checkoutCard, checkoutTransfer, now, signUp,
    SLOW, start, until,
} = require('../lib/shop.js');

const SCHOOL = 'Academia Ñandú, «Sol» & Cía.';
const TITLE = 'Robótica <avanzada> & más 🤖';

let folder;
let authority;

before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-mail-'));
    authority = makeAuthority(folder);
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** A mailbox and a shop that writes to it, both closed after the test. */
async function open(t, options = {}, more = {}) {
    const mailbox = await openMailbox({ authority, ...options });
    const shop = await start({
        sandbox: true, ...mailbox.shop, ...more,
        settings: { school_name: SCHOOL, mail_from: 'hola@academia.example', ...more.settings },
    });
    t?.after(async () => {
        await shop.stop();
        await mailbox.close();
    });
    return { mailbox, shop };
}

/** A family that pays one seat by card; gives its browser. */
async function buy(shop, person = {}, browser = undefined) {
    const family = await signUp(shop, person, browser);
    const child = await addStudent(family, { first_name: 'Sofía Ñusta' });
    await addToCart(family, addWorkshop(shop, { title: TITLE }), child);
    const paid = await checkoutCard(family);
    assert.equal(paid.status, 303, paid.main);
    family.order = paid.order;
    return family;
}

/** The newest row of the outbox. */
function newest(shop) {
    return shop.sql('SELECT * FROM outbox ORDER BY id DESC LIMIT 1')[0];
}

function makeDue(shop) {
    shop.sql(`UPDATE outbox SET next_attempt_at = ${now()} WHERE next_attempt_at > 0`);
}

/** What RFC 5322 and 2045 ask of every line. */
function assertLines(raw) {
    for (const line of raw.split('\r\n')) {
        assert.ok(line.length <= 78, `${line.length} characters: ${line}`);
        assert.match(line, /^[\x20-\x7e\t]*$/);
    }
}

function assertNothingUnset(mail) {
    for (const part of [mail.subject, mail.text, mail.html])
        assert.doesNotMatch(part, /\bNone\b|\(null\)|undefined|\{[a-z_]+\}/);
}

describe('a receipt', () => {
    let mailbox;
    let shop;
    let family;
    let mail;

    before(async () => {
        ({ mailbox, shop } = await open(null));
        family = await buy(shop, { first_name: 'María José', last_name: "O'Brien-Ñáñez" });
        mail = await mailbox.next();
    });
    after(async () => {
        await shop.stop();
        await mailbox.close();
    });

    test('travels over TLS and after a login', () => {
        assert.equal(mail.secure, true);
        assert.equal(mail.user, USER);
        assert.deepEqual(mailbox.logins, [USER]);
        assert.equal(mail.envelope.mailFrom.address, 'hola@academia.example');
        assert.deepEqual(mail.envelope.rcptTo.map((r) => r.address), [family.email]);
    });

    test('says from whom and to whom', () => {
        assert.deepEqual(mail.from.value, [{ address: 'hola@academia.example', name: SCHOOL }]);
        assert.deepEqual(mail.to.value.map((to) => to.address), [family.email]);
        assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
        assert.match(mail.messageId, /^<\d+\.[\w-]{22}@127\.0\.0\.1>$/);
        assert.ok(Math.abs(mail.date - Date.now()) < 60e3 * SLOW);
        assert.equal(mail.subject, `Tu constancia 000001 (${SCHOOL})`);
    });

    test('is multipart/alternative, text first', () => {
        assert.match(mail.raw, /\r\nContent-Type: multipart\/alternative; boundary="/);
        const types = [...mail.raw.matchAll(/\r\nContent-Type: (text\/\w+); charset=utf-8\r\n/g)];
        assert.deepEqual(types.map((m) => m[1]), ['text/plain', 'text/html']);
        assert.deepEqual(mail.attachments, []);
        assertLines(mail.raw);
    });

    test('says the same in both parts', () => {
        const html = mail.html.replace(/<[^>]*>/g, ' ');
        assert.ok(mail.text.includes(TITLE), mail.text);
        assert.ok(html.includes('Robótica &lt;avanzada&gt; &amp; más 🤖'), html);
        assert.ok(mail.text.includes("María José O'Brien-Ñáñez"));
        assert.ok(html.includes('María José O&#39;Brien-Ñáñez'));
        for (const words of ['Sofía Ñusta', 'S/ 180.00', '000001', 'no es un comprobante']) {
            assert.ok(mail.text.includes(words), `no ${words} in ${mail.text}`);
            assert.ok(html.includes(words), `no ${words} in ${html}`);
        }
        const link = `${shop.url}/store/orders/${family.order}/`;
        assert.ok(mail.text.includes(`\n${link}\n`));
        assert.ok(mail.html.includes(`href="${link}"`));
        assert.doesNotMatch(mail.html, /<script|<img|<link|@import|url\(/);
        assertNothingUnset(mail);
    });

    test('is noted as sent, and never sent again', async () => {
        const row = await until(() => shop.sql('SELECT * FROM outbox WHERE sent_at IS NOT NULL')[0]);
        assert.equal(row.attempts, 1);
        assert.equal(row.next_attempt_at, null);
        assert.equal(row.last_error, null);
        await checkout(family).catch(() => {}); // there is no cart any more
        const again = await family.post(`/store/checkout/${family.order}/`, { method: 'card' });
        assert.notEqual(again.status, 200);
        await new Promise((resolve) => { setTimeout(resolve, 6000); });
        assert.equal(mailbox.mails.length, 1);
    });

    test('speaks the language of its buyer', async () => {
        await buy(shop, { first_name: 'Rose' }, shop.browser({ language: 'en' }));
        const english = await mailbox.next();
        assert.equal(english.subject, `Your receipt 000002 (${SCHOOL})`);
        assert.match(english.text, /This receipt is not a tax voucher/);
        assert.match(english.html, /<html lang="en">/);
        assertNothingUnset(english);
    });

    test('of many at once reaches each family once', async () => {
        const families = await Promise.all(Array.from({ length: 12 }, () => buy(shop)));
        const mails = [];
        for (let i = 0; i < families.length; i++) mails.push(await mailbox.next());
        assert.deepEqual(mails.map((m) => m.to.text).sort(), families.map((f) => f.email).sort());
        assert.equal(new Set(mails.map((m) => m.messageId)).size, families.length);
    });
});

describe('other mails', () => {
    test('a transfer says how to pay, a reset link works once', async (t) => {
        const { mailbox, shop } = await open(t, {}, {
            settings: {
                transfer_enabled: '1', wallet_name: 'Yape', wallet_phone: '987654321',
                wallet_holder: 'Academia Ñandú', bank_details: 'BCP soles\n191-1234567-0-12',
            },
        });
        const family = await signUp(shop);
        await addToCart(family, addWorkshop(shop, { title: TITLE }), await addStudent(family));
        const placed = await checkoutTransfer(family);
        assert.equal(placed.status, 303, placed.main);
        const transfer = await mailbox.next();
        const { code } = shop.sql(`SELECT code FROM orders WHERE id = ${placed.order}`)[0];
        assert.ok(transfer.subject.includes(code), transfer.subject);
        for (const words of ['S/ 180.00', code, 'Yape', '987654321', '191-1234567-0-12', TITLE])
            assert.ok(transfer.text.includes(words), `no ${words} in ${transfer.text}`);
        assertNothingUnset(transfer);
        assertLines(transfer.raw);

        const visitor = shop.browser();
        await visitor.get('/accounts/password/reset/');
        await visitor.submit('/accounts/password/reset/', { email: family.email });
        const reset = await mailbox.next();
        const [link] = reset.text.match(/https:\S+/);
        assert.ok(reset.html.includes(`href="${link}"`), reset.html);
        const page = await visitor.get(new URL(link).pathname);
        assert.equal(page.status, 200);
        assertNothingUnset(reset);
    });
});

describe('TLS', () => {
    test('from the first byte (smtps)', async (t) => {
        const { mailbox, shop } = await open(t, { secure: true });
        const family = await buy(shop);
        const mail = await mailbox.next();
        assert.equal(mail.secure, true);
        assert.equal(mail.to.text, family.email);
    });

    const cases = [
        ['an authority nobody trusts', () => ({ args: [] }), /not signed by a trusted authority/],
        ['another authority', () => ({ file: makeAuthority(folder, 'other').file }), /not signed by a trusted authority/],
        ['a certificate for another name', () => ({ names: 'DNS:mail.example.org' }), /is for another name/],
    ];
    for (const [name, make, expected] of cases) {
        for (const secure of [false, true]) {
            test(`${name} ends it before a word is said${secure ? ' (smtps)' : ''}`, async (t) => {
                const { args, file, names } = make();
                const mailbox = await openMailbox({ authority, secure, names });
                const [smtp, url] = mailbox.shop.args;
                const shop = await start({
                    sandbox: true, env: mailbox.shop.env,
                    args: [smtp, url, ...(args ?? ['--ca-file', file ?? authority.file])],
                });
                t.after(async () => {
                    await shop.stop();
                    await mailbox.close();
                });
                await buy(shop);
                const row = await until(() => newest(shop).last_error && newest(shop));
                assert.match(row.last_error, expected);
                assert.equal(row.sent_at, null);
                assert.equal(row.attempts, 1);
                assert.ok(row.next_attempt_at > now());
                assert.deepEqual(mailbox.logins, []);
                assert.deepEqual(mailbox.mails, []);
            });
        }
    }
});

describe('a mail server', () => {
    test('that wants another password is named in last_error', async (t) => {
        const { mailbox, shop } = await open(t, {}, { env: { TALLER_SMTP_PASSWORD: 'wrong' } });
        await buy(shop);
        const row = await until(() => newest(shop).last_error && newest(shop));
        assert.match(row.last_error, /refused the user or the password: 535/);
        assert.deepEqual(mailbox.mails, []);
        assert.doesNotMatch(JSON.stringify(shop.log), /wrong"/);
    });

    test('on this machine needs neither TLS nor a password', async (t) => {
        const { mailbox, shop } = await open(t, { authority: undefined, auth: false });
        await buy(shop);
        assert.equal((await mailbox.next()).secure, false);
    });

    test('that was down gets the mail when it is back', async (t) => {
        const { mailbox, shop } = await open(t);
        await mailbox.close();
        const family = await buy(shop);
        const waiting = await until(() => newest(shop).last_error && newest(shop));
        assert.match(waiting.last_error, /does not answer on port/);
        assert.equal(waiting.attempts, 1);
        assert.ok(waiting.next_attempt_at >= now() + 30);
        await mailbox.open();
        makeDue(shop);
        assert.equal((await mailbox.next()).to.text, family.email);
        const row = await until(() => newest(shop).sent_at && newest(shop));
        assert.equal(row.attempts, 2);
        assert.equal(row.last_error, null);
        assert.equal(mailbox.mails.length, 1);
    });

    test('that says later gets it later, one that says never does not', async (t) => {
        const { mailbox, shop } = await open(t);
        mailbox.refuse = (address) => (address.startsWith('lista-gris') ? '450 come back'
            : address.startsWith('nadie') ? '550 nobody' : null);
        await buy(shop, { email: 'nadie@example.com' });
        await buy(shop, { email: 'lista-gris@example.com' });
        const family = await buy(shop);
        assert.equal((await mailbox.next()).to.text, family.email);
        const row = (email) => shop.sql(`SELECT * FROM outbox WHERE recipient = '${email}'`)[0];
        const grey = await until(() => row('lista-gris@example.com').last_error
            && row('lista-gris@example.com'));
        assert.equal(grey.last_error, '450 come back');
        assert.ok(grey.next_attempt_at > now());
        const nobody = row('nadie@example.com');
        assert.equal(nobody.last_error, '550 nobody');
        assert.equal(nobody.next_attempt_at, null);
        assert.equal(nobody.sent_at, null);
        mailbox.refuse = () => null;
        makeDue(shop);
        assert.equal((await mailbox.next()).to.text, 'lista-gris@example.com');
        assert.equal(row('nadie@example.com').attempts, 1);
    });

    test('that never answers keeps no seat and no shutdown waiting', async (t) => {
        const sockets = [];
        const silent = net.createServer((socket) => sockets.push(socket.on('error', () => {})));
        await new Promise((resolve) => { silent.listen(0, '127.0.0.1', resolve); });
        const shop = await start({
            sandbox: true, args: ['--smtp', `smtp://127.0.0.1:${silent.address().port}`],
        });
        t.after(() => {
            for (const socket of sockets) socket.destroy();
            silent.close();
        });
        const family = await buy(shop);
        await until(() => sockets.length > 0);
        await addToCart(family, addWorkshop(shop), await addStudent(family));
        shop.sql(`UPDATE inscription SET hold_until = ${now() - 1} WHERE status = 'held'`);
        await until(() => shop.value("SELECT status FROM inscription ORDER BY id DESC LIMIT 1")
            === 'expired', 20 * SLOW);
        const since = Date.now();
        await shop.stop();
        assert.ok(Date.now() - since < 6000 * SLOW, `${Date.now() - since} ms to stop`);
    });
});
