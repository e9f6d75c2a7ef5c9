'use strict';
// Every page of the site in every state: nothing in the console, nothing wider than the screen, no
// picture missing, valid HTML, nothing unset printed, nothing that axe finds.
//
// A page is loaded once a language and then looked at in several ways, because its elements stay the
// same: in Spanish at both widths, light and dark, and with axe; in English, where only the words
// differ, at both widths.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const stage = require('./stage.js');
const { fill, send, signUp: signUpHere, unguard, payByCard } = require('./steps.js');
const { addBare, makeWorkshops, makeParent, makeFullCart, makeCart, makeOrders, mailedLink, update } =
    require('./families.js');
const { halfWay, setSecondFactor } = require('../http/lib/routes.js');
const { CARD, PASSWORD, ROOT, checkout, checkoutTransfer, logIn, mustRedirect, quote, signUp, start,
    now, unique } = require('../lib/shop.js');

const LOOKS = {
    es: ['phone-light', 'phone-dark', 'desk-light', 'desk-dark'], en: ['phone-light', 'desk-dark'],
};
const SECOND_FACTOR = '/accounts/second-factor/';
const seen = []; // paths of all pages looked at

before(() => stage.open());
after(() => stage.close());

/** Declares one test a page and language. A page: name; as (the family; none: a visitor); at (its
 * path); then (what is done there, where the page is an answer); status; says (its language, where
 * that is not the visitor's). `as` and a function `at` are called when the shop is there. */
function declare(folder, shopOf, pages) {
    for (const lang of Object.keys(LOOKS))
        for (const page of pages)
            test(`${page.name}, ${lang}`, () => look(folder, shopOf(), page, lang));
}

async function look(folder, shop, { name, as, at, then, status = 200, says }, lang) {
    const family = as?.();
    if (family) shop.sql(`UPDATE account SET language = '${lang}' WHERE id = ${family.account}`);
    const who = family ? await stage.enter(family, { lang }) : await stage.visitor({ lang });
    await who.page.goto(shop.url + (typeof at === 'function' ? at() : at));
    seen.push(new URL(who.page.url()).pathname);
    if (then) await then(who.page);
    assert.equal(who.status(), status, await who.page.textContent('main'));
    assert.equal(await who.page.getAttribute('html', 'lang'), says ?? lang);
    await stage.validate(await who.html(), name);
    await stage.inspectLooks(who, `${folder}/${name}`, LOOKS[lang], { axe: lang === 'es' });
    await who.context.close();
}

/** Fills in what would be wrong and sends it past the browser's own checks. */
function wrong(action, values) {
    return async (page) => {
        await unguard(page);
        await fill(page, values);
        await send(page, action);
    };
}

describe('the demonstration school', () => {
    let half, guarded, beginner;
    let shop, workshops, rosa, parent, newcomer, fullCart, cart, freeCart, orders;

    before(async () => {
        shop = await start({ demo: true });
        const { email, password } = shop.accounts.parent;
        rosa = shop.browser();
        await logIn(rosa, email, password);
        rosa.account = shop.value(`SELECT id FROM account WHERE email = ${quote(email)}`);
        workshops = makeWorkshops(shop);
        newcomer = await signUp(shop, { first_name: 'María Fernanda Guadalupe' });
        parent = await makeParent(shop, workshops);
        half = await halfWay(shop);
        half.account = shop.value('SELECT max(account_id) FROM second_factor');
        guarded = await signUp(shop);
        setSecondFactor(shop, guarded.account);
        shop.sql(`UPDATE account SET staff_role = 'desk' WHERE id = ${guarded.account}`);
        beginner = await signUp(shop);
        await beginner.get(SECOND_FACTOR);
        await beginner.submit(SECOND_FACTOR);
        orders = await makeOrders(shop, workshops);
        cart = await makeCart(shop, [workshops.open, workshops.other]);
        freeCart = await makeCart(shop, [workshops.free]);
        fullCart = await makeFullCart(shop, workshops);
    });
    after(() => shop?.stop());

    const workshop = (name) => () => `/workshops/${workshops[name]}/`;
    const order = (name, more = '') => () => `/store/orders/${orders.orders[name]}/${more}`;
    const checkoutOf = (family) => () => `/store/checkout/${family().cart}/`;

    declare('school', () => shop, [
        { name: 'home', at: '/' },
        { name: 'list', at: '/workshops/' },
        { name: 'list-filtered', at: '/workshops/?age=8&level=1&sort=price' },
        { name: 'list-last-page', at: '/workshops/?page=2' },
        { name: 'list-nothing', at: '/workshops/?age=5&q=zzz' },
        { name: 'workshop', at: workshop('open') },
        { name: 'workshop-demo', at: '/workshops/robotica-con-lego/' },
        { name: 'workshop-full', at: workshop('full') },
        { name: 'workshop-free', at: workshop('free') },
        { name: 'workshop-later', at: workshop('later') },
        { name: 'workshop-running', at: workshop('running') },
        { name: 'workshop-past', at: workshop('past') },
        { name: 'workshop-bare', at: workshop('bare') },
        { name: 'workshop-long', at: workshop('long') },
        { name: 'workshop-private', at: () => `/workshops/${workshops.private}/?key=llave1234` },
        { name: 'workshop-family', as: () => parent, at: workshop('open') },
        { name: 'workshop-family-adults', as: () => parent, at: workshop('adults') },
        { name: 'workshop-no-child', as: () => newcomer, at: workshop('open') },
        { name: 'workshop-refused', as: () => parent, at: workshop('other'), status: 422,
            then: async (page) => {
                shop.sql(`UPDATE inscription SET status = 'expired'
                    WHERE status = 'held' AND hold_until < ${now() + 30}`); // who lapses makes room
                update(shop, workshops.other, 'capacity = seats_taken');
                await page.click('.choice:has-text("Beto")');
                await send(page, '/store/add-to-cart/');
                update(shop, workshops.other, 'capacity = 40');
            } },
        { name: 'login', at: '/accounts/login/' },
        { name: 'login-to-go-on', at: '/store/order-summary/' },
        { name: 'login-refused', at: '/accounts/login/', status: 422,
            then: wrong('/accounts/login/', { login: 'nadie@example.com', password: 'no' }) },
        { name: 'login-code', as: () => half, at: '/accounts/login/code/' },
        { name: 'again', as: () => guarded, at: '/accounts/again/' },
        { name: 'again-refused', as: () => guarded, at: '/accounts/again/', status: 422,
            then: wrong('/accounts/again/', { password: 'no' }) },
        { name: 'second-factor-off', as: () => newcomer, at: SECOND_FACTOR },
        { name: 'second-factor-begun', as: () => beginner, at: SECOND_FACTOR },
        { name: 'second-factor-refused', as: () => beginner, at: SECOND_FACTOR, status: 422,
            then: wrong(`${SECOND_FACTOR}enable/`, { code: '12' }) },
        { name: 'second-factor-on', as: () => guarded, at: SECOND_FACTOR },
        { name: 'second-factor-disable', as: () => guarded, at: `${SECOND_FACTOR}disable/` },
        { name: 'second-factor-codes', as: () => guarded, at: SECOND_FACTOR,
            then: (page) => send(page, `${SECOND_FACTOR}codes/`) },
        { name: 'logout', as: () => newcomer, at: '/accounts/logout/' },
        { name: 'signup', at: '/accounts/signup/' },
        { name: 'signup-student', at: '/accounts/signup/', then: (page) => fill(page, { role: '3' }) },
        { name: 'signup-refused', at: '/accounts/signup/', status: 422,
            then: wrong('/accounts/signup/', {
                role: '3', first_name: 'Ana', email: 'ana@', phone: '12', date_of_birth: '2031-01-01',
                password1: 'corta', password2: 'otra',
            }) },
        { name: 'signup-confirm', at: '/accounts/signup/', then: async (page) => {
            shop.setting('confirm_email', '1');
            await signUpHere(page, { email: `${unique('ana')}@example.com` });
            shop.setting('confirm_email', null);
        } },
        { name: 'confirm-email', at: () => {
            const email = shop.value('SELECT email FROM account ORDER BY id DESC LIMIT 1');
            return mailedLink(shop, email, 'confirm-email');
        } },
        { name: 'confirm-email-dead', at: '/accounts/confirm-email/nada/', status: 404 },
        { name: 'password-reset', at: '/accounts/password/reset/' },
        { name: 'password-reset-refused', at: '/accounts/password/reset/', status: 422,
            then: wrong('/accounts/password/reset/', { email: 'ana' }) },
        { name: 'password-reset-sent', at: '/accounts/password/reset/', then: async (page) => {
            await fill(page, { email: newcomer.email });
            await send(page);
        } },
        { name: 'password-new', at: () => mailedLink(shop, newcomer.email, 'reset/key') },
        { name: 'password-new-refused', at: () => mailedLink(shop, newcomer.email, 'reset/key'),
            status: 422,
            then: wrong(undefined, { password1: 'contraseña', password2: 'otra' }) },
        { name: 'password-new-dead', at: '/accounts/password/reset/key/nada/', status: 404 },
        { name: 'password-change', as: () => newcomer, at: '/accounts/password/change/' },
        { name: 'password-change-refused', as: () => newcomer, at: '/accounts/password/change/',
            status: 422, then: wrong('/accounts/password/change/',
                { oldpassword: 'no', password1: PASSWORD, password2: PASSWORD }) },
        { name: 'profile', as: () => rosa, at: '/users/profile/' },
        { name: 'profile-empty', as: () => newcomer, at: '/users/profile/' },
        { name: 'profile-all-states', as: () => orders, at: '/users/profile/' },
        { name: 'profile-archived', as: () => parent, at: '/users/profile/' },
        { name: 'profile-menu', as: () => parent, at: '/users/profile/',
            then: (page) => page.click('.menu summary') },
        { name: 'edit-profile', as: () => parent, at: '/users/edit-profile/' },
        { name: 'edit-profile-refused', as: () => parent, at: '/users/edit-profile/', status: 422,
            then: wrong('/users/edit-profile/', { first_name: '', phone: 'x' }) },
        { name: 'close', as: () => newcomer, at: '/users/close/' },
        { name: 'close-refused', as: () => newcomer, at: '/users/close/', status: 422,
            then: wrong('/users/close/', { password: 'no' }) },
        { name: 'student-create', as: () => newcomer, at: '/users/student-create/' },
        { name: 'student-create-refused', as: () => newcomer, at: '/users/student-create/', status: 422,
            then: wrong('/users/student-create/', { first_name: 'Luz', date_of_birth: '2031-01-01' }) },
        { name: 'student-self', as: () => newcomer, at: '/users/student-create/', status: 422,
            then: (page) => send(page, '/users/add-self/') },
        { name: 'student-edit', as: () => parent, at: () => `/users/student-edit/${parent.student.id}/` },
        { name: 'cart-empty', as: () => newcomer, at: '/store/order-summary/' },
        { name: 'cart', as: () => cart, at: '/store/order-summary/' },
        { name: 'cart-free', as: () => freeCart, at: '/store/order-summary/' },
        { name: 'cart-all-states', as: () => fullCart, at: '/store/order-summary/' },
        { name: 'checkout', as: () => cart, at: checkoutOf(() => cart) },
        { name: 'checkout-card', as: () => cart, at: checkoutOf(() => cart),
            then: (page) => page.check('[value=card]') },
        { name: 'checkout-free', as: () => freeCart, at: checkoutOf(() => freeCart) },
        { name: 'checkout-refused', as: () => cart, at: checkoutOf(() => cart), status: 422,
            then: (page) => payByCard(page, '4242 4242 4242 4241', { cc_month: '13', cc_cvv: '1' }) },
        { name: 'checkout-declined', as: () => cart, at: checkoutOf(() => cart), status: 422,
            then: (page) => payByCard(page, CARD.declined) },
        { name: 'checkout-changed', as: () => cart, at: checkoutOf(() => cart), status: 422,
            then: async (page) => {
                const price = 'discount_price_cents';
                update(shop, workshops.open, `${price} = ${price} - 1000`);
                await payByCard(page, CARD.good);
            } },
        { name: 'order-pending', as: () => orders, at: order('pending') },
        { name: 'order-reported', as: () => orders, at: order('reported') },
        { name: 'order-report-refused', as: () => orders, at: order('pending'), status: 422,
            then: async (page) => {
                await unguard(page);
                await send(page, '/store/orders/');
            } },
        { name: 'order-paid', as: () => orders, at: order('paid') },
        { name: 'order-free', as: () => orders, at: order('free') },
        { name: 'order-review', as: () => orders, at: order('review') },
        { name: 'order-cancelled', as: () => orders, at: order('cancelled') },
        { name: 'order-refunded', as: () => orders, at: order('refunded') },
        { name: 'credit-note', as: () => orders,
            at: () => `/store/orders/${orders.orders.refunded}/credit/${orders.credit}/`,
            says: 'es' }, // a paper is in the buyer's language
        { name: 'order-charging', as: () => orders, at: order('charging') },
        { name: 'receipt', as: () => orders, at: order('paid', 'receipt/'), says: 'es' },
        { name: 'receipt-free', as: () => orders, at: order('free', 'receipt/'), says: 'es' },
        { name: 'terms', at: '/terms/' },
        { name: 'privacy', at: '/privacy/' },
        { name: 'error-403', as: () => newcomer, at: '/users/edit-profile/', status: 403,
            then: async (page) => {
                await page.evaluate(() => {
                    document.querySelector('main [name=csrf_token]').value = 'forged';
                });
                await send(page, '/users/edit-profile/');
            } },
        { name: 'error-404', at: '/no-hay/', status: 404 },
        { name: 'error-405', at: '/language/', status: 405 },
    ]);

    for (const color of ['#ffe600', '#0000A0', '#e11d48', '#ffffff'])
        test(`reads well in the school's colour ${color}`, async () => {
            shop.setting('color', color);
            const who = await stage.visitor();
            for (const name of ['workshops', 'accounts/signup']) { // chips, buttons, a chosen radio
                await who.page.goto(`${shop.url}/${name}/`);
                await stage.inspectLooks(who, `color/${color.slice(1)}-${name.replace('/', '-')}`,
                    ['phone-light', 'phone-dark']);
            }
            assert.match(await who.page.getAttribute('link[href^="/theme"]', 'href'),
                new RegExp(color.slice(1)));
            await who.context.close();
        });
});

describe('a school that has set nothing', () => {
    let shop;
    before(async () => { shop = await start(); });
    after(() => shop?.stop());

    declare('empty', () => shop, [
        { name: 'home', at: '/' },
        { name: 'list', at: '/workshops/' },
        { name: 'login', at: '/accounts/login/' },
        { name: 'signup', at: '/accounts/signup/' },
        { name: 'terms', at: '/terms/', status: 404 },
        { name: 'privacy', at: '/privacy/', status: 404 },
    ]);
});

describe('a school with nothing but two workshops of a title and a price', () => {
    let shop, newcomer, cart, buyer, guest;
    before(async () => {
        shop = await start();
        const paid = addBare(shop, { slug: 'acuarela', title: 'Acuarela' });
        const free = addBare(shop, { slug: 'charla', title: 'Charla', price_cents: 0 });
        newcomer = await signUp(shop);
        cart = await makeCart(shop, [paid]);
        buyer = await makeCart(shop, [paid]);
        mustRedirect(await checkoutTransfer(buyer));
        guest = await makeCart(shop, [free]);
        mustRedirect(await checkout(guest));
    });
    after(() => shop?.stop());

    declare('bare', () => shop, [
        { name: 'home', at: '/' },
        { name: 'list', at: '/workshops/' },
        { name: 'workshop', at: '/workshops/acuarela/' },
        { name: 'profile', as: () => newcomer, at: '/users/profile/' },
        { name: 'cart', as: () => cart, at: '/store/order-summary/' },
        { name: 'checkout', as: () => cart, at: () => `/store/checkout/${cart.cart}/` },
        { name: 'order-pending', as: () => buyer, at: () => `/store/orders/${buyer.cart}/` },
        { name: 'order-paid', as: () => guest, at: () => `/store/orders/${guest.cart}/` },
        { name: 'receipt', as: () => guest, at: () => `/store/orders/${guest.cart}/receipt/`,
            says: 'es' },
    ]);
});

test('every address of the route table that shows a page was looked at', () => {
    const source = fs.readFileSync(path.join(ROOT, 'src/site/routes.c'), 'utf8');
    const names = Object.fromEntries([...source.matchAll(/#define (\w+) ("[^"]*")/g)]
        .map(([, name, text]) => [name, text]));
    const noPage = ['/users/export/', '/media/{name}.{name}', '/theme.{name}.css', '/robots.txt'];
    const patterns = [...source.matchAll(/\.pattern = ("[^"]*"|\w+),\s*\.get =/g)]
        .map(([, text]) => (names[text] ?? text).slice(1, -1))
        .filter((p) => !noPage.includes(p) && !p.startsWith('/admin/')); // those: admin.test.js
    assert.ok(patterns.length > 20, 'the route table is read');
    const missing = patterns.filter((pattern) => {
        const whole = new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`);
        return !seen.some((address) => whole.test(address));
    });
    assert.deepEqual(missing, []);
});
