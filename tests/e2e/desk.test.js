'use strict';
// What a school's staff do, by the controls they see: make a workshop with a picture, confirm a
// transfer, give money back, move dates, take a file in, log in with a code.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const stage = require('./stage.js');
const { fill, logIn, send } = require('./steps.js');
const { ROOT, day, start, until } = require('../lib/shop.js');

const PICTURE = path.join(ROOT, 'assets/readme/home.png');

let shop;
before(async () => {
    await stage.open();
    shop = await start({ demo: true });
});
after(async () => {
    await shop?.stop();
    await stage.close();
});

/** A member of staff in a browser of their own, logged in. */
async function enter(role, options = {}) {
    const who = await stage.visitor({ width: 'desk', ...options });
    const { email, password } = shop.accounts[role];
    await who.page.goto(`${shop.url}/accounts/login/?next=/admin/`);
    await logIn(who.page, email, password);
    assert.equal(new URL(who.page.url()).pathname, '/admin/');
    return who;
}

const text = (page) => page.textContent('main');

describe('a workshop', () => {
    for (const script of [true, false])
        test(`is made, shown with its picture and sold${script ? '' : ', without script'}`, async () => {
            const { page, context } = await enter('owner', { script });
            const title = `Cerámica ${script ? 'uno' : 'dos'}`;
            await page.goto(`${shop.url}/admin/workshops/`);
            await page.click('a[href="/admin/workshops/new/"]');
            await fill(page, {
                title, price: '150', capacity: '6', start_date: day(30), end_date: day(60),
                min_age: '6', max_age: '9', place: 'Sala 2',
            });
            await page.selectOption('main [name=topic_id]', { index: 1 });
            await page.setChecked('main [name=active]', true);
            await send(page, '/admin/workshops/new/');
            assert.match(await text(page), new RegExp(title));
            const [made] = shop.sql(`SELECT id, slug, price_cents, capacity FROM workshop
                WHERE title = '${title}'`);
            assert.deepEqual([made.price_cents, made.capacity], [15000, 6]);
            assert.match(made.slug, /^ceramica-(uno|dos)/);
            await page.goto(`${shop.url}/admin/workshops/${made.id}/picture/`);
            await page.setInputFiles('#picture', PICTURE);
            await send(page, `/admin/workshops/${made.id}/picture/`);
            await until(() => shop.value(`SELECT count(*) FROM workshop WHERE id = ${made.id}
                AND picture_hash IS NOT NULL`) === 1);
            await page.goto(`${shop.url}/workshops/${made.slug}/`);
            assert.equal(await page.textContent('h1'), title);
            const drawn = await page.locator('img.workshop-picture').first()
                .getAttribute('src');
            assert.match(drawn, /^\/media\//);
            await context.close();
        });
});

/** A picture for the guide of the front desk, kept under build/e2e/readme. */
async function keepPicture(page, name) {
    const folder = path.join(ROOT, 'build/e2e/readme');
    fs.mkdirSync(folder, { recursive: true });
    await page.setViewportSize({ width: 1100, height: 780 });
    await page.screenshot({ path: path.join(folder, `${name}.png`) });
    await page.setViewportSize({ width: 1280, height: 900 });
}

const mailsTo = (order) => shop.value(`SELECT count(*) FROM outbox WHERE order_id = ${order}`);

describe('the day at the front desk', () => {
    test('a transfer is found by its number and confirmed', async () => {
        const { page, context } = await enter('owner');
        await keepPicture(page, 'today');
        const [order] = shop.sql(`SELECT o.id, o.total_cents, r.operation FROM orders o
            JOIN payment_report r ON r.order_id = o.id WHERE o.status = 'pending' LIMIT 1`);
        await page.goto(`${shop.url}/admin/orders/`);
        await page.fill('#q', order.operation);
        await page.click('form[role=search] button[type=submit]');
        await page.click('.admin-table tbody a >> nth=0');
        assert.equal(new URL(page.url()).pathname, `/admin/orders/${order.id}/`);
        assert.equal(await page.inputValue('main [name=reference]'), order.operation);
        await keepPicture(page, 'order');
        const before = mailsTo(order.id);
        await send(page, `/admin/orders/${order.id}/confirm/`);
        const [paid] = shop.sql(`SELECT o.status, p.amount_cents, p.reference FROM orders o
            JOIN payment p ON p.order_id = o.id WHERE o.id = ${order.id}`);
        assert.deepEqual(paid, {
            status: 'paid', amount_cents: order.total_cents, reference: order.operation,
        });
        assert.equal(mailsTo(order.id), before + 1);
        await context.close();
    });

    test('money goes back for one child, with a paper of its own', async () => {
        const { page, context } = await enter('owner');
        const [order] = shop.sql(`SELECT o.id, o.total_cents, count(*) AS n FROM orders o
            JOIN inscription i ON i.order_id = o.id WHERE o.status = 'paid' AND o.method = 'transfer'
            AND i.status = 'confirmed' AND i.price_cents > 0 GROUP BY o.id HAVING n = 2 LIMIT 1`);
        const [seat] = shop.sql(`SELECT id, workshop_id, price_cents FROM inscription
            WHERE order_id = ${order.id} ORDER BY id LIMIT 1`);
        const taken = () => shop.value(`SELECT seats_taken FROM workshop
            WHERE id = ${seat.workshop_id}`);
        const before = taken();
        await page.goto(`${shop.url}/admin/orders/${order.id}/`);
        await page.click(`a[href^="/admin/orders/${order.id}/refund/"]`);
        for (const box of await page.locator('main input[type=checkbox]').all())
            await box.setChecked(await box.getAttribute('value') === String(seat.id));
        await page.selectOption('main select', 'cash');
        await send(page, `/admin/orders/${order.id}/refund/`);
        assert.equal(taken(), before - 1);
        assert.deepEqual(shop.sql(`SELECT status, total_cents FROM orders WHERE id = ${order.id}`),
            [{ status: 'paid', total_cents: order.total_cents - seat.price_cents }]);
        assert.equal(shop.value(`SELECT total_cents FROM credit_note
            WHERE order_id = ${order.id}`), seat.price_cents);
        await context.close();
    });

    test('a workshop moves to other days and everybody is told', async () => {
        const { page, context } = await enter('owner');
        const [workshop] = shop.sql(`SELECT w.id, count(DISTINCT o.account_id) AS families
            FROM workshop w JOIN inscription i ON i.workshop_id = w.id JOIN orders o
            ON o.id = i.order_id WHERE i.status = 'confirmed' AND w.start_date > date('now')
            GROUP BY w.id ORDER BY families DESC LIMIT 1`);
        const mails = () => shop.value('SELECT count(*) FROM outbox');
        const before = mails();
        await page.goto(`${shop.url}/admin/workshops/${workshop.id}/reschedule/`);
        await fill(page, { start_date: day(80), end_date: day(120) });
        await page.click('main button[value=check]');
        assert.equal(mails(), before, 'looking changes nothing');
        await page.click('main button[value=do]');
        assert.equal(shop.value(`SELECT start_date FROM workshop WHERE id = ${workshop.id}`), day(80));
        assert.equal(mails(), before + workshop.families);
        await context.close();
    });

    test('a list is looked at and attendance taken', async () => {
        const { page, context } = await enter('owner');
        const id = shop.value(`SELECT workshop_id FROM inscription i JOIN workshop w
            ON w.id = i.workshop_id WHERE i.status = 'confirmed' AND w.start_date < date('now')
            AND w.weekdays > 0 GROUP BY 1 ORDER BY count(*) DESC LIMIT 1`);
        await page.goto(`${shop.url}/admin/workshops/${id}/roster/`);
        await keepPicture(page, 'roster');
        await page.goto(`${shop.url}/admin/workshops/${id}/attendance/`);
        await page.locator('main input[type=radio][value=present]').first().check();
        await page.click('main form[method=post] button[type=submit]');
        assert.equal(shop.value("SELECT count(*) FROM attendance WHERE state = 'present'"), 1);
        await page.goto(`${shop.url}/admin/workshops/${id}/`);
        await keepPicture(page, 'workshop');
        await context.close();
    });

    test('a file is looked through, corrected and taken in', async () => {
        const { page, context } = await enter('owner');
        const topic = shop.value('SELECT name FROM topic ORDER BY id LIMIT 1');
        const bring = async (lines) => {
            await page.goto(`${shop.url}/admin/import/`);
            await page.selectOption('main select[name=kind]', 'workshops').catch(() =>
                page.check('main [name=kind][value=workshops]'));
            await page.setInputFiles('#file', { name: 'talleres.csv', mimeType: 'text/csv',
                buffer: Buffer.from(lines.join('\r\n')) });
            await page.click('main form[enctype] button[type=submit]');
        };
        const count = () => shop.value('SELECT count(*) FROM workshop');
        const before = count();
        const head = 'título;tema;precio;fecha de inicio';
        await bring([head, `Bordado;${topic};120;31/12/2030`, `Tejido;${topic};caro;40/12/2030`]);
        assert.match(await text(page), /3/);
        assert.equal(count(), before);
        await bring([head, `Bordado;${topic};120;31/12/2030`, `Tejido;${topic};90.50;30/12/2030`]);
        assert.equal(count(), before);
        await page.click('main form[action^="/admin/import/"] button[type=submit]');
        assert.equal(count(), before + 2);
        assert.equal(shop.value("SELECT price_cents FROM workshop WHERE title = 'Tejido'"), 9050);
        await context.close();
    });
});

/** The code that an authenticator app shows (RFC 6238). */
function codeOf(secret, at = Date.now()) {
    const bits = [...secret.replace(/\s/g, '')].map((c) =>
        'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(Math.floor(at / 30000)));
    const mac = crypto.createHmac('sha1', key).update(step).digest();
    const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
    return String(number % 1e6).padStart(6, '0');
}

describe('logging in with a code', () => {
    test('is set up with a phone, asked for, and a recovery code helps once', async () => {
        const { page, context } = await enter('desk');
        await page.goto(`${shop.url}/accounts/second-factor/`);
        await page.click('main form button[type=submit]');
        assert.equal(await page.locator('.qr svg').count(), 1);
        const secret = (await page.textContent('main code')).trim();
        await fill(page, { code: codeOf(secret) });
        await page.click('main form[action*="enable"] button[type=submit]');
        const codes = await page.locator('.recovery-codes code').allTextContents();
        assert.equal(codes.length, 10);
        await context.close();

        const { email, password } = shop.accounts.desk;
        const next = await stage.visitor({ width: 'phone' });
        await next.page.goto(`${shop.url}/accounts/login/?next=/admin/`);
        await logIn(next.page, email, password);
        assert.match(new URL(next.page.url()).pathname, /\/accounts\/login\/code\//);
        await next.page.goto(`${shop.url}/admin/orders/`);
        assert.doesNotMatch(new URL(next.page.url()).pathname, /^\/admin\//);
        await fill(next.page, { code: codes[0] });
        await next.page.click('main form[action*="code"] button[type=submit]');
        await next.page.goto(`${shop.url}/admin/orders/`);
        assert.equal(next.status(), 200);
        await next.context.close();

        const third = await stage.visitor({ width: 'phone' });
        await third.page.goto(`${shop.url}/accounts/login/?next=/admin/`);
        await logIn(third.page, email, password);
        await fill(third.page, { code: codes[0] });
        await third.page.click('main form[action*="code"] button[type=submit]');
        assert.equal(third.status(), 422, 'a recovery code works once');
        await third.context.close();
    });
});
