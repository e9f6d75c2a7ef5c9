'use strict';
// Accounts, as their owners use them: signing up in each role, faults in a form, a forgotten
// password with the mail that really comes, the language, the way out, one's own data.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { after, before, test } = require('node:test');
const stage = require('./stage.js');
const { fill, logIn, send, signUp: signUpHere, unguard } = require('./steps.js');
const { openMailbox } = require('../lib/mailbox.js');
const { PASSWORD, bornYearsAgo, quote, signUp, start, unique, until } = require('../lib/shop.js');

const NEW_PASSWORD = 'otra cometa sobre el mar 7';

let shop, mailbox;

before(async () => {
    mailbox = await openMailbox({ auth: false });
    shop = await start({ demo: true, ...mailbox.shop });
    await stage.open();
});
after(async () => {
    await stage.close();
    await shop?.stop();
    await mailbox.close();
});

async function read(page, selector = 'main') {
    return (await page.textContent(selector)).replace(/\s+/g, ' ').trim();
}

function hasFocus(page, selector) {
    return page.evaluate((s) => document.activeElement.matches(s), selector);
}

function pathOf(page) {
    return new URL(page.url()).pathname;
}

function mailTo(address, subject) {
    return until(() => mailbox.mails.find((mail) => mail.to.text === address && subject.test(mail.subject)), 30);
}

for (const lang of ['es', 'en'])
    test(`a forgotten password: the mail comes, its link sets a new one, once (${lang})`, async () => {
        const family = await signUp(shop, {}, shop.browser({ language: lang }));
        const elsewhere = await stage.enter(family, { lang }); // logged in on another device
        await elsewhere.page.goto(`${shop.url}/users/profile/`);
        assert.equal(pathOf(elsewhere.page), '/users/profile/');

        const who = await stage.visitor({ lang });
        const { page } = who;
        await page.goto(`${shop.url}/accounts/login/`);
        await page.click('a[href="/accounts/password/reset/"]');
        await fill(page, { email: family.email.toUpperCase() });
        await send(page);
        assert.equal(await read(page, '.note-ok'), lang === 'es'
            ? 'Si ese correo tiene una cuenta, enviamos un enlace válido por 1 hora. Revisa Spam.'
            : 'If that e-mail has an account, we sent a link that works for 1 hour. Look into Spam too.');

        const mail = await mailTo(family.email, lang === 'es' ? /contraseña/i : /password/i);
        assert.equal(mail.from.value[0].name, 'Academia Sol');
        assert.equal(mail.from.value[0].address, 'hola@academiasol.example');
        assert.ok(mail.text && mail.html, 'text and HTML');
        const [link] = mail.text.match(/https:\/\/\S+/);
        assert.ok(link.startsWith(`${shop.url}/accounts/password/reset/key/`), link);
        assert.ok(mail.html.includes(link), 'both parts hold the same link');

        await page.goto(link);
        await unguard(page);
        await fill(page, { password1: 'corta', password2: 'corta' });
        await send(page);
        assert.equal(who.status(), 422);
        assert.ok(await page.locator('#password1[aria-invalid=true]').count());
        await fill(page, { password1: NEW_PASSWORD, password2: NEW_PASSWORD });
        await send(page);
        assert.equal(pathOf(page), '/accounts/login/');
        assert.ok(await page.locator('.note-ok').count());

        await elsewhere.page.reload();
        assert.equal(pathOf(elsewhere.page), '/accounts/login/', 'old sessions are over');

        await logIn(page, family.email, PASSWORD);
        assert.equal(who.status(), 422, 'the old password is over');
        await logIn(page, family.email, NEW_PASSWORD);
        assert.equal(pathOf(page), '/users/profile/');

        const late = await stage.visitor({ lang });
        await late.page.goto(link);
        assert.equal(late.status(), 404, 'the link works once');
        assert.ok(await late.page.locator('main a[href="/accounts/password/reset/"]').count());
        assert.deepEqual([...who.errors, ...late.errors, ...elsewhere.errors], []);
        for (const { context } of [who, late, elsewhere]) await context.close();
    });

test('an address without an account gets the same answer, and no mail', async () => {
    const who = await stage.visitor();
    const before = mailbox.mails.length;
    await who.page.goto(`${shop.url}/accounts/password/reset/`);
    await fill(who.page, { email: 'nadie@example.com' });
    await send(who.page);
    assert.match(await read(who.page, '.note-ok'), /^Si ese correo tiene una cuenta/);
    assert.equal(shop.value(`SELECT count(*) FROM outbox WHERE recipient = 'nadie@example.com'`), 0);
    assert.equal(mailbox.mails.length, before);
    await who.context.close();
});

test('sign-up shows the fields of the role that is chosen', async () => {
    const who = await stage.visitor();
    const { page } = who;
    await page.goto(`${shop.url}/accounts/signup/`);
    const shown = async () => [await page.isVisible('#school'), await page.isVisible('#date_of_birth')];
    assert.deepEqual(await shown(), [false, false], 'a parent');
    await fill(page, { role: '2' });
    assert.deepEqual(await shown(), [true, false], 'a teacher');
    await fill(page, { role: '3' });
    assert.deepEqual(await shown(), [true, true], 'an adult student');
    await fill(page, { school: 'PUCP', role: '1' });
    assert.deepEqual(await shown(), [false, false]);
    const email = `${unique('madre')}@example.com`;
    await signUpHere(page, { email });
    assert.equal(pathOf(page), '/users/student-create/', 'a parent goes on to the first child');
    assert.equal(shop.value(`SELECT school FROM account WHERE email = ${quote(email)}`), null,
        'what is hidden is not sent');
    await who.context.close();
});

test('without script every field is there, and the server says which are missing', async () => {
    const who = await stage.visitor({ script: false });
    const { page } = who;
    await page.goto(`${shop.url}/accounts/signup/`);
    await page.check('[name=role][value="3"]');
    assert.ok(await page.isVisible('#school') && await page.isVisible('#date_of_birth'));
    const email = `${unique('adulto')}@example.com`;
    const values = { role: '3', first_name: 'Julia', email };
    await signUpHere(page, values);
    assert.equal(who.status(), 422);
    const links = await page.locator('.note-bad li a').evaluateAll((all) => all.map((a) => a.hash));
    assert.deepEqual(links, ['#school', '#date_of_birth']);
    assert.equal(await page.inputValue('#first_name'), 'Julia');
    assert.equal(await page.inputValue('#password1'), '', 'a password is not kept');
    await signUpHere(page, { ...values, school: 'PUCP', date_of_birth: bornYearsAgo(30) });
    assert.equal(pathOf(page), '/users/profile/');
    assert.match(await read(page, 'h1'), /Hola, Julia/);
    assert.equal(shop.value(`SELECT is_self FROM student WHERE parent_id =
        (SELECT id FROM account WHERE email = ${quote(email)})`), 1, 'their own student');
    await who.context.close();
});

test('a teacher signs up with a school', async () => {
    const who = await stage.visitor();
    const email = `${unique('docente')}@example.com`;
    await who.page.goto(`${shop.url}/accounts/signup/`);
    await signUpHere(who.page, { role: '2', school: 'I. E. 1140', email });
    assert.equal(pathOf(who.page), '/users/profile/');
    assert.deepEqual(shop.sql(`SELECT role, school FROM account WHERE email = ${quote(email)}`),
        [{ role: 2, school: 'I. E. 1140' }]);
    await who.context.close();
});

test('faults are listed on top with links, said beside the fields, and hold the focus', async () => {
    const who = await stage.visitor();
    const { page } = who;
    await page.goto(`${shop.url}/accounts/signup/`);
    await unguard(page);
    await fill(page, {
        role: '3', first_name: '  Ana   María ', last_name: 'Ñahui', email: 'ana@', phone: '12',
        country: 'EC', school: 'PUCP', date_of_birth: bornYearsAgo(30), password1: 'corta',
        password2: 'otra', marketing: true,
    });
    await send(page, '/accounts/signup/');
    assert.equal(who.status(), 422);
    assert.ok(await hasFocus(page, '.note-bad'), 'the list has the focus');
    assert.match(await read(page, '.note-bad h2'), /^Revisa \d datos$/);

    const links = page.locator('.note-bad li a');
    const wrong = await links.evaluateAll((all) => all.map((a) => a.hash.slice(1)));
    for (const name of ['email', 'phone', 'password1', 'terms']) assert.ok(wrong.includes(name), name);
    for (const name of wrong) {
        const field = page.locator(`#${name}`);
        assert.equal(await field.getAttribute('aria-invalid'), 'true', name);
        const said = (await field.getAttribute('aria-describedby')).split(' ').pop();
        assert.equal(said, `${name}-error`);
        const text = await read(page, `#${said}`);
        assert.ok((await read(page, `.note-bad a[href="#${name}"]`)).includes(text), text);
    }
    await links.first().click();
    assert.ok(await hasFocus(page, `#${wrong[0]}`), 'a link of the list leads to its field');

    for (const [name, value] of Object.entries({
        first_name: 'Ana María', last_name: 'Ñahui', email: 'ana@', phone: '12', country: 'EC',
        school: 'PUCP', date_of_birth: bornYearsAgo(30), password1: '', password2: '',
    }))
        assert.equal(await page.inputValue(`#${name}`), value, `${name} is kept`);
    assert.ok(await page.isChecked('[name=role][value="3"]') && await page.isChecked('#marketing'));
    assert.ok(!await page.isChecked('#photo') && !await page.isChecked('#terms'));
    await who.context.close();
});

test('the language changes by its button, stays, and follows the account', async () => {
    const who = await stage.visitor({ lang: 'es' });
    const { page } = who;
    await page.goto(`${shop.url}/workshops/?age=8&sort=price`);
    const list = page.url();
    await page.click('.lang button');
    assert.equal(page.url(), list, 'the same page, in the other language');
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    assert.equal(await read(page, 'h1'), 'Workshops');
    await page.goto(`${shop.url}/accounts/login/`);
    assert.equal(await page.getAttribute('html', 'lang'), 'en', 'the choice stays');

    const family = await signUp(shop);
    await logIn(page, family.email);
    await page.click('.lang button');
    assert.equal(await page.getAttribute('html', 'lang'), await read(page, 'h1') === 'Hola, Rosa'
        ? 'es' : 'en');
    const chosen = await page.getAttribute('html', 'lang');
    const other = await stage.visitor({ lang: chosen === 'es' ? 'en' : 'es' });
    await other.page.goto(`${shop.url}/accounts/login/`);
    await logIn(other.page, family.email);
    assert.equal(await other.page.getAttribute('html', 'lang'), chosen, 'on another device too');
    await other.context.close();
    await who.context.close();
});

test('logging out ends the session; the way back asks for the password', async () => {
    const family = await signUp(shop);
    const who = await stage.enter(family);
    const { page } = who;
    await page.goto(`${shop.url}/users/profile/`);
    await page.click('.menu summary');
    await page.keyboard.press('Escape');
    assert.ok(!await page.isVisible('.menu-list') && await hasFocus(page, '.menu summary'));
    await page.click('.menu summary');
    await page.click('.menu-list button');
    assert.equal(pathOf(page), '/');
    assert.ok(await hasFocus(page, '.note-ok'));
    await page.goBack();
    await page.goto(`${shop.url}/users/profile/`);
    assert.equal(pathOf(page), '/accounts/login/');
    await logIn(page, family.email);
    assert.equal(pathOf(page), '/users/profile/');
    await who.context.close();
});

test('one\'s own data is a download of JSON', async () => {
    const family = await signUp(shop, { first_name: 'Ñusta' });
    const who = await stage.enter(family);
    await who.page.goto(`${shop.url}/users/profile/`);
    const [download] = await Promise.all([
        who.page.waitForEvent('download'), who.page.click('a[href="/users/export/"]'),
    ]);
    assert.match(download.suggestedFilename(), /\.json$/);
    const data = JSON.parse(fs.readFileSync(await download.path(), 'utf8'));
    assert.equal(data.account.email, family.email);
    assert.equal(data.account.first_name, 'Ñusta');
    assert.doesNotMatch(JSON.stringify(data), /argon2|csrf|hash/i);
    await who.context.close();
});

test('an account is closed with its password, and is over', async () => {
    const family = await signUp(shop);
    const who = await stage.enter(family);
    const { page } = who;
    await page.goto(`${shop.url}/users/profile/`);
    await page.click('a[href="/users/close/"]');
    await fill(page, { password: 'no es esta' });
    await send(page);
    assert.equal(who.status(), 422);
    assert.ok(await hasFocus(page, '.note-bad'));
    await fill(page, { password: PASSWORD });
    await send(page);
    assert.equal(pathOf(page), '/');
    assert.match(await read(page, '.note-ok'), /cerrada/);
    await page.goto(`${shop.url}/accounts/login/`);
    await logIn(page, family.email);
    assert.equal(who.status(), 422);
    await who.context.close();
});

test('a password changed on one device ends the other ones', async () => {
    const family = await signUp(shop);
    const who = await stage.visitor();
    const other = await stage.enter(family);
    await who.page.goto(`${shop.url}/accounts/login/`);
    await logIn(who.page, family.email);
    await who.page.click('a[href="/accounts/password/change/"]');
    await fill(who.page, { oldpassword: PASSWORD, password1: NEW_PASSWORD, password2: NEW_PASSWORD });
    await send(who.page, '/accounts/password/change/');
    assert.equal(pathOf(who.page), '/users/profile/');
    assert.ok(await hasFocus(who.page, '.note-ok'));
    await other.page.goto(`${shop.url}/users/profile/`);
    assert.equal(pathOf(other.page), '/accounts/login/');
    await other.context.close();
    await who.context.close();
});
