'use strict';
// What the log says at its most talkative: enough to follow a request by its id, and not one word
// that anybody typed, was given as a secret, or is called.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { pairs } = require('../lib/browser.js');
const { PASSWORD: MAIL_PASSWORD, USER: MAIL_USER, makeAuthority, openMailbox } =
    require('../lib/mailbox.js');
const { hire } = require('../lib/staff.js');
const {
    CARD, addStudent, addToCart, addWorkshop, checkoutCard, checkoutTransfer, logIn, mustRedirect,
    signUp, start, until,
} = require('../lib/shop.js');

const METRICS_TOKEN = 'a-token-for-the-figures';
const FAMILY = {
    first_name: 'Yllariy', last_name: 'Huamánchumo', phone: '+51 955 123 777',
    email: 'yllariy.huamanchumo@example.com',
};

let folder;
let mailbox;
let shop;
const secrets = new Map(); // what must not be said, and what it is

/** Short words and numbers stand everywhere by accident; these are choices, not people's words. */
function keep(value, what) {
    const text = String(value);
    if (text.length < 4 || /^\d{1,4}$/.test(text) || ['card', 'transfer', 'cash'].includes(text)
        || text.startsWith('/')) return;
    secrets.set(text, what);
    if (/\d/.test(text)) secrets.set(text.replace(/[\s-]/g, ''), `${what}, without blanks`);
}

/** From now on everything this browser sends in a form and every cookie it gets is kept. */
function overhear(browser) {
    const { post, keepCookies } = browser;
    browser.post = (address, fields, options) => {
        for (const [name, value] of pairs(fields)) keep(value, `field ${name}`);
        keep(browser.token, 'CSRF token');
        return post.call(browser, address, fields, options);
    };
    browser.keepCookies = (response) => {
        keepCookies.call(browser, response);
        for (const [name, value] of browser.cookies) keep(value, `cookie ${name}`);
    };
    return browser;
}

before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-log-'));
    mailbox = await openMailbox({ authority: makeAuthority(folder) });
    shop = await start({
        sandbox: true, ...mailbox.shop,
        args: [...(mailbox.shop.args ?? []), '--log-level', 'debug'],
        env: { ...mailbox.shop.env, TALLER_METRICS_TOKEN: METRICS_TOKEN },
    });
    for (const [value, what] of [[MAIL_PASSWORD, 'the mail server’s password'],
        [MAIL_USER, 'its user'], [METRICS_TOKEN, 'the token of the figures']]) keep(value, what);
});
after(async () => {
    await shop?.stop();
    await mailbox?.close();
    fs.rmSync(folder, { recursive: true, force: true });
});

async function familyLife() {
    const rosa = overhear(shop.browser());
    await signUp(shop, FAMILY, rosa);
    const twin = overhear(shop.browser());
    await twin.get('/accounts/signup/');
    await twin.submit('/accounts/signup/', { ...FAMILY, password1: 'otra clave distinta 5',
        password2: 'otra clave distinta 5', country: 'PE', role: '1' }); // the address is taken
    await logIn(twin, FAMILY.email, 'esta no es su clave');
    await logIn(twin, 'nadie.la.conoce@example.org', 'tampoco esta otra');
    mustRedirect(await logIn(twin, FAMILY.email, rosa.password));
    const child = await addStudent(rosa,
        { first_name: 'Wayrakuna', last_name: 'Ccallohuanca', school: 'I.E. Los Chasquis 4021' });
    await rosa.get(`/users/student-edit/${child.id}/`);
    await rosa.submit(`/users/student-edit/${child.id}/`, { first_name: 'Wayrita' });
    for (const number of [CARD.declined, CARD.noFunds, '1234 5678 9012 3456', CARD.good]) {
        const line = shop.value(`SELECT count(*) FROM orders WHERE account_id = ${rosa.account}
            AND status = 'cart'`);
        if (!line) await addToCart(rosa, addWorkshop(shop), child);
        const paid = await checkoutCard(rosa, number);
        assert.equal(paid.status, number === CARD.good ? 303 : 422);
    }
    await addToCart(rosa, addWorkshop(shop), child);
    rosa.transfer = mustRedirect(await checkoutTransfer(rosa)).order;
    await rosa.get(`/store/orders/${rosa.transfer}/`);
    await rosa.submit(`/store/orders/${rosa.transfer}/report-payment/`, { operation: 'OP-77665544' });
    return { rosa, child };
}

async function forgetfulness() {
    const visitor = overhear(shop.browser());
    await visitor.get('/accounts/password/reset/');
    mustRedirect(await visitor.submit('/accounts/password/reset/', { email: FAMILY.email }));
    const text = await until(() => shop.value(`SELECT body_text FROM outbox
        WHERE body_text LIKE '%/password/reset/key/%' ORDER BY id DESC LIMIT 1`));
    const token = text.match(/\/reset\/key\/([^/\s]+)\//)[1];
    keep(token, 'token of the link');
    await visitor.get(`/accounts/password/reset/key/${token}x/`);
    await visitor.request('DELETE', `/accounts/password/reset/key/${token}/`);
    await visitor.get(`/accounts/password/reset/key/${token}/`);
    const set = { password1: 'una clave nueva y larga 8', password2: 'una clave nueva y larga 8' };
    await visitor.submit(`/accounts/password/reset/key/${token}/`, set);
    await logIn(visitor, FAMILY.email, set.password1);
}

async function schoolWork({ rosa, child }) {
    const owner = overhear(await hire(shop, 'owner'));
    keep(owner.email, 'the owner’s address');
    keep(owner.password, 'the owner’s password');
    for (const [name, value] of owner.cookies) keep(value, `cookie ${name}`);
    await owner.get(`/admin/students/?q=${encodeURIComponent('Ccallohuanca')}`);
    await owner.get(`/admin/accounts/?q=${encodeURIComponent(FAMILY.email)}`);
    await owner.get(`/admin/students/${child.id}/`);
    await owner.get(`/admin/orders/${rosa.transfer}/`);
    mustRedirect(await owner.post(`/admin/orders/${rosa.transfer}/confirm/`,
        { reference: 'BCP-99887766' }));
    await owner.get(`/admin/accounts/${rosa.account}/`);
    await owner.get('/admin/students/file.csv');
    await owner.get('/metrics', { headers: { Authorization: `Bearer ${METRICS_TOKEN}` } });
    await owner.get('/metrics', { headers: { Authorization: 'Bearer guessed-wrongly' } });
}

test('nothing that anybody typed or was given stands in the log', async () => {
    mailbox.refuse = (address) => `550 5.1.1 <${address}> is unknown here`;
    const family = await familyLife();
    await until(() => shop.events('mail_given_up').length > 0);
    mailbox.refuse = () => null;
    await forgetfulness();
    await schoolWork(family);
    await until(() => shop.events('mail_sent').length > 0);
    for (const name of ['Wayrakuna', 'Ccallohuanca', 'Wayrita', 'Yllariy', 'Huamánchumo'])
        keep(name, 'a name');
    keep(family.child.slug, 'a student’s slug');
    assert.ok(secrets.size > 45, `only ${secrets.size} things were used`);
    assert.ok(shop.events('request').length > 50);
    const said = `${shop.log.map((line) => JSON.stringify(line)).join('\n')}\n${
        shop.strange.join('\n')}`;
    for (const [secret, what] of secrets)
        for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
            assert.ok(!said.includes(form), `${what} was logged: ${
                said.split('\n').find((line) => line.includes(form))}`);
});

test('a request is followed by its id, and named by the row that answered it', async () => {
    const page = await shop.browser().get('/nothing/of/the/kind/');
    const id = page.main.match(/\b[0-9a-f]{16}\b/)[0];
    const [line] = await until(() => {
        const lines = shop.log.filter((event) => event.request === id);
        return lines.length > 0 && lines;
    });
    assert.deepEqual([line.event, line.route, line.method, line.status],
        ['request', 'none', 'GET', 404]);
    for (const event of shop.events('request')) {
        assert.match(event.request, /^[0-9a-f]{16}$/);
        assert.ok(event.us >= 0 && event.bytes >= 0);
    }
    const ids = shop.events('request').map((event) => event.request);
    assert.equal(new Set(ids).size, ids.length);
});
