'use strict';
// What a school's staff do, by the controls they see: make a workshop with a picture, confirm a
// transfer, give money back, move dates, take a file in, log in with a code.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const stage = require('./stage.js');
const { fill, logIn, send } = require('./steps.js');
const { ROOT, day, start } = require('../lib/shop.js');

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
            assert.equal(shop.value(`SELECT count(*) FROM workshop WHERE id = ${made.id}
                AND picture_hash IS NOT NULL`), 1);
            await page.goto(`${shop.url}/workshops/${made.slug}/`);
            assert.equal(await page.textContent('h1'), title);
            const drawn = await page.locator('img.workshop-picture').first()
                .getAttribute('src');
            assert.match(drawn, /^\/media\//);
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
