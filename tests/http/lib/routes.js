'use strict';
// The route table and the forms as src/site declares them, read from the sources, so that a row or
// a field that is added is tested without anybody thinking of it; and a world in which every row
// has an address that works.

const fs = require('node:fs');
const path = require('node:path');
const {
    PASSWORD, ROOT, addStudent, addToCart, addWorkshop, cartOf, checkoutCard, checkoutTransfer, logIn,
    mustRedirect, quote, signUp, unique, until,
} = require('../../lib/shop.js');

const SITE = path.join(ROOT, 'src/site');

function source(file) { return fs.readFileSync(path.join(SITE, file), 'utf8'); }

/** {form's name: [{name, kind, required, max}]} */
function readForms() {
    const forms = {};
    const files = ['pages', 'admin'].flatMap((folder) =>
        fs.readdirSync(path.join(SITE, folder)).map((file) => `${folder}/${file}`));
    for (const file of files.filter((f) => f.endsWith('.c'))) {
        const text = source(file);
        const arrays = {};
        for (const [, array, body] of
            text.matchAll(/static const struct form_field (\w+)\[[^\]]*\] = \{([\s\S]*?)\n\};/g))
            arrays[array] = body.split('.name = ').slice(1).map((field) => ({
                name: field.match(/^"(\w+)"/)[1],
                kind: field.match(/\.kind = FORM_(\w+)/)[1],
                required: /\.required = true/.test(field),
            }));
        for (const [, form, array] of text.matchAll(/const struct form_spec (\w+) = \{(\w+),/g))
            forms[form] = arrays[array];
    }
    return forms;
}

/** [{pattern, get, post, signedIn, csrf, cached, back, fields}] in the table's order. */
function readRoutes() {
    const text = source('routes.c');
    const names = Object.fromEntries([...text.matchAll(/#define (\w+) ("[^"]*")/g)]
        .map(([, name, value]) => [name, value]));
    const string = (word) => word && JSON.parse(names[word] ?? word);
    const forms = readForms();
    const table = text.slice(text.indexOf('ROUTES[] = {'));
    const rows = [...table.matchAll(/\{\.pattern = ("[^"]*"|\w+)([\s\S]*?)\},\n/g)];
    if (rows.length !== table.match(/\.pattern =/g).length)
        throw new Error('the route table is not written as these tests read it');
    return rows.map(([, pattern, rest]) => {
        const form = rest.match(/\.form = &(\w+)/)?.[1];
        if (form && !forms[form]) throw new Error(`no fields of ${form} found`);
        return {
            pattern: string(pattern),
            get: /\.get =/.test(rest),
            post: /\.post =/.test(rest),
            access: rest.match(/\.access = ACCESS_(\w+)/)?.[1] ?? 'ANYONE',
            right: rest.match(/\.right = (\w+)/)?.[1] ?? 'MAY_NOTHING_SPECIAL',
            fresh: /\.fresh = true/.test(rest),
            csrf: rest.match(/\.csrf = CSRF_(\w+)/)?.[1] ?? 'SESSION',
            cached: /\.cached = true/.test(rest),
            back: string(rest.match(/\.back = ("[^"]*"|\w+)/)?.[1]),
            fields: form ? forms[form] : [],
        };
    });
}

/** Fields of rows whose form has no table. */
const EXTRA_FIELDS = {
    '/store/add-to-cart/{name}/': ['student', 'key'],
    '/store/change-student/{id}/': ['student'],
    '/language/': ['language', 'next'],
};

/** Where every row is found in a world; a row without an entry here fails routes.test.js. */
const ADDRESSES = {
    '/': () => '/',
    '/workshops/': () => '/workshops/',
    '/workshops/{name}/': (w) => `/workshops/${w.slug}/`,
    '/accounts/signup/': () => '/accounts/signup/',
    '/accounts/login/': () => '/accounts/login/',
    '/accounts/login/code/': () => '/accounts/login/code/',
    '/accounts/again/': () => '/accounts/again/',
    '/accounts/second-factor/': () => '/accounts/second-factor/',
    '/accounts/second-factor/enable/': () => '/accounts/second-factor/enable/',
    '/accounts/second-factor/codes/': () => '/accounts/second-factor/codes/',
    '/accounts/second-factor/disable/': () => '/accounts/second-factor/disable/',
    '/accounts/logout/': () => '/accounts/logout/',
    '/accounts/confirm-email/{name}/': (w) => `/accounts/confirm-email/${w.confirmToken}/`,
    '/accounts/password/reset/': () => '/accounts/password/reset/',
    '/accounts/password/reset/key/{name}/': (w) => `/accounts/password/reset/key/${w.resetToken}/`,
    '/accounts/password/change/': () => '/accounts/password/change/',
    '/users/profile/': () => '/users/profile/',
    '/users/edit-profile/': () => '/users/edit-profile/',
    '/users/export/': () => '/users/export/',
    '/users/close/': () => '/users/close/',
    '/users/student-create/': () => '/users/student-create/',
    '/users/student-edit/{id}/': (w) => `/users/student-edit/${w.child.id}/`,
    '/users/add-self/': () => '/users/add-self/',
    '/users/student-archive/{id}/': (w) => `/users/student-archive/${w.child.id}/`,
    '/users/student-restore/{id}/': (w) => `/users/student-restore/${w.archived.id}/`,
    '/users/student-delete/{id}/': (w) => `/users/student-delete/${w.spare.id}/`,
    '/store/add-to-cart/{name}/': (w) => `/store/add-to-cart/${w.slug}/`,
    '/store/order-summary/': () => '/store/order-summary/',
    '/store/remove-from-cart/{id}/': (w) => `/store/remove-from-cart/${w.seat}/`,
    '/store/extend-hold/{id}/': (w) => `/store/extend-hold/${w.seat}/`,
    '/store/rehold/{id}/': (w) => `/store/rehold/${w.second}/`,
    '/store/change-student/{id}/': (w) => `/store/change-student/${w.seat}/`,
    '/store/checkout/{id}/': (w) => `/store/checkout/${w.cart}/`,
    '/store/orders/{id}/': (w) => `/store/orders/${w.pending}/`,
    '/store/orders/{id}/receipt/': (w) => `/store/orders/${w.paid}/receipt/`,
    '/store/orders/{id}/credit/{id}/': (w) => `/store/orders/${w.paid}/credit/${w.credit}/`,
    '/store/orders/{id}/report-payment/': (w) => `/store/orders/${w.pending}/report-payment/`,
    '/terms/': () => '/terms/',
    '/privacy/': () => '/privacy/',
    '/language/': () => '/language/',
    '/media/{name}.{name}': (w) => `/media/${w.picture}`,
    '/theme.{name}.css': () => '/theme.1a6b4f.css',
    '/robots.txt': () => '/robots.txt',
};

/** The token of the newest mail to an address that holds a link below `path`. */
function mailedToken(shop, email, linkPath) {
    const mails = shop.sql(`SELECT body_text FROM outbox WHERE recipient = ${quote(email)}
        ORDER BY id DESC`);
    const link = new RegExp(`${linkPath}([\\w-]+)/`);
    return mails.map((mail) => mail.body_text.match(link)?.[1]).find(Boolean);
}

/** The link that resets an account's password. */
async function askReset(shop, email) {
    const visitor = shop.browser();
    await visitor.get('/accounts/password/reset/');
    mustRedirect(await visitor.submit('/accounts/password/reset/', { email }));
    return until(() => mailedToken(shop, email, '/accounts/password/reset/key/'));
}

/** The link that confirms a new account's address. */
async function askConfirmation(shop) {
    shop.setting('confirm_email', '1');
    const visitor = shop.browser();
    const email = `${unique('nueva')}@example.com`;
    await visitor.get('/accounts/signup/');
    const answer = await visitor.submit('/accounts/signup/', {
        email, password1: PASSWORD, password2: PASSWORD, first_name: 'Nueva', last_name: 'Paz',
        country: 'PE', role: '1', phone: '987654321', terms: '1',
    });
    shop.setting('confirm_email', null);
    if (answer.status !== 200) throw new Error(`sign-up: ${answer.status} ${answer.main}`);
    return { email, token: mailedToken(shop, email, '/accounts/confirm-email/') };
}

/** Texts and a picture, so that /terms/, /privacy/ and /media/ have something to show. */
function furnish(shop) {
    const hash = '0123456789abcdef0123456789abcdef';
    shop.sql(`INSERT INTO legal_text (purpose, version, body, published_at) VALUES
            ('terms', 1, 'Condiciones.', 1), ('privacy', 1, 'Privacidad.', 1);
        INSERT INTO picture (hash, content_type, width, height, bytes) VALUES ('${hash}',
            'image/svg+xml', 4, 3, CAST('<svg xmlns="http://www.w3.org/2000/svg"/>' AS BLOB))`);
    return `${hash}.svg`;
}

/** Turns two-step login on for an account, as its page does; the secret's 20 bytes. */
function setSecondFactor(shop, account) {
    const secret = Buffer.from('12345678901234567890');
    shop.sql(`INSERT INTO second_factor (account_id, secret, enabled_at)
        VALUES (${account}, x'${secret.toString('hex')}', 1)`);
    return secret;
}

/** A browser that has given the password of an account with a second factor, and no code yet. */
async function halfWay(shop) {
    const person = await signUp(shop, { terms: '1' });
    setSecondFactor(shop, person.account);
    const half = shop.browser();
    mustRedirect(await logIn(half, person.email, person.password), /^\/accounts\/login\/code\/$/);
    return half;
}

/** A credit note of nothing, so that there is one to look at; gives its number. */
function addCreditNote(shop, order) {
    return shop.value(`INSERT INTO credit_note (number, receipt_number, order_id, issued_at,
            language, currency, total_cents, tax_rate_bp, method, buyer_name, school_name)
        SELECT (SELECT coalesce(max(number), 0) + 1 FROM credit_note), number, order_id, issued_at,
            language, currency, 0, 0, 'free', buyer_name, school_name
        FROM receipt WHERE order_id = ${order} RETURNING number`);
}

/** A family in whose world every row of the table has something to show: children (one put away,
 * one without inscriptions), a cart with two holds, a pending and a paid order, links from mails. */
async function makeWorld(shop) {
    shop.picture ??= furnish(shop);
    const family = await signUp(shop, { terms: '1' });
    const world = { family };
    world.child = await addStudent(family, { first_name: 'Hija' });
    world.spare = await addStudent(family, { first_name: 'Otra' });
    world.archived = await addStudent(family, { first_name: 'Mayor' });
    mustRedirect(await family.post(`/users/student-archive/${world.archived.id}/`));
    mustRedirect(await addToCart(family, addWorkshop(shop), world.child));
    world.paid = mustRedirect(await checkoutCard(family, undefined, { terms: '1' })).order;
    world.credit = addCreditNote(shop, world.paid);
    mustRedirect(await addToCart(family, addWorkshop(shop), world.child));
    world.pending = mustRedirect(await checkoutTransfer(family, { terms: '1' })).order;
    for (const name of ['seat', 'second']) {
        mustRedirect(await addToCart(family, addWorkshop(shop), world.child));
        world.cart = cartOf(family);
        world[name] = shop.value(`SELECT max(id) FROM inscription WHERE order_id = ${world.cart}`);
    }
    world.slug = addWorkshop(shop);
    world.picture = shop.picture;
    world.resetToken = await askReset(shop, family.email);
    world.confirmToken = (await askConfirmation(shop)).token;
    world.half = await halfWay(shop);
    await family.get('/users/profile/');
    return world;
}

const ALL = readRoutes();
const isStaff = (row) => row.pattern.startsWith('/admin/');

module.exports = {
    ADDRESSES, EXTRA_FIELDS, ROUTES: ALL.filter((row) => !isStaff(row)),
    STAFF_ROUTES: ALL.filter(isStaff), askConfirmation, askReset, mailedToken,
    halfWay, makeWorld, setSecondFactor,
};
