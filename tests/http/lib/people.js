'use strict';
// Every kind of person there is, logged in as far as they get, in a school where every row of the
// route table has something to show: two families, a teacher who is no member of staff, each role,
// who was switched off, who owes a code, who owes the school a second factor, and an owner who has
// not shown for a while that it is them.

const {
    addStudent, addToCart, addWorkshop, checkoutCard, checkoutTransfer, logIn, mustRedirect, now,
    signUp, taller, unique,
} = require('../../lib/shop.js');
const { hire } = require('../../lib/staff.js');
const { ADDRESSES, makeWorld, setSecondFactor } = require('./routes.js');

/** A paid, a pending (with a number reported) and a doubtful order of one family. */
async function addOrders(family) {
    const { shop } = family;
    const child = await addStudent(family);
    const order = async (pay) => {
        mustRedirect(await addToCart(family, addWorkshop(shop), child));
        return mustRedirect(await pay(family, { terms: '1' })).order;
    };
    const card = (browser, values) => checkoutCard(browser, undefined, values);
    const orders = { paid: await order(card), pending: await order(checkoutTransfer),
        other: await order(checkoutTransfer), review: await order(checkoutTransfer) };
    for (const id of [orders.pending, orders.other])
        mustRedirect(await family.post(`/store/orders/${id}/report-payment/`,
            { operation: unique() }));
    // More money than it costs: somebody of the staff has to decide.
    shop.sql(`INSERT INTO payment (order_id, provider, reference, amount_cents, status, created_at)
            VALUES (${orders.review}, 'transfer', 'R${orders.review}', 20000, 'succeeded', 1);
        UPDATE inscription SET status = 'confirmed' WHERE order_id = ${orders.review};
        UPDATE orders SET status = 'review', review_reason = 'amount' WHERE id = ${orders.review}`);
    return { child, ...orders };
}

/** A family that the staff may do to what they like. */
async function addSubject(shop) {
    const family = await signUp(shop, { terms: '1' });
    const orders = await addOrders(family);
    const seatOf = (order) => shop.value(`SELECT min(id) FROM inscription WHERE order_id = ${order}`);
    return {
        family: family.account, student: orders.child.id, ...orders, seat: seatOf(orders.paid),
        receipt: orders.paid,
        credit: shop.value(`INSERT INTO credit_note (number, receipt_number, order_id, issued_at,
                language, currency, total_cents, tax_rate_bp, method, buyer_name, school_name)
            SELECT (SELECT max(number) + 1 FROM credit_note), number, order_id, issued_at, language,
                currency, 0, 0, 'free', buyer_name, school_name
            FROM receipt WHERE order_id = ${orders.paid} RETURNING number`),
        payment: shop.value(`SELECT id FROM payment WHERE order_id = ${orders.paid}`),
        mail: shop.value(`SELECT min(id) FROM outbox WHERE body_html IS NOT NULL`),
        audit: shop.value('SELECT min(id) FROM audit'),
        consent: shop.value('SELECT min(id) FROM consent'),
    };
}

/** One person of each kind, by the names that access.txt uses. */
async function addPeople(shop, family) {
    const people = { visitor: shop.browser(), family };
    await people.visitor.get('/accounts/login/');
    people.other = await signUp(shop, { terms: '1' });
    people.teacher = await signUp(shop, { terms: '1', role: '2', school: 'IE 1' });
    for (const role of ['instructor', 'desk', 'manager', 'owner', 'disabled', 'unready', 'stale']) {
        people[role] = await hire(shop, ['disabled', 'unready', 'stale'].includes(role)
            ? 'owner' : role);
        if (!['disabled', 'unready'].includes(role)) setSecondFactor(shop, people[role].account);
    }
    for (const name of ['other', 'teacher']) await people[name].get('/users/profile/');
    people.half = shop.browser();
    mustRedirect(await logIn(people.half, people.owner.email, people.owner.password),
        /^\/accounts\/login\/code\//);
    await people.half.get('/accounts/login/code/');
    shop.sql(`UPDATE account SET is_active = 0 WHERE id = ${people.disabled.account};
        UPDATE session SET confirmed_at = confirmed_at - 3600
            WHERE account_id = ${people.stale.account}`);
    shop.setting('staff_second_factor', '1');
    return people;
}

/** Where the rows of the administration are found: what stands for {id} and {name}. */
const PLACES = {
    '/admin/workshops/{id}/': (s) => s.workshop,
    '/admin/topics/{id}/': (s) => s.shop.topic,
    '/admin/import/templates/{name}.csv': () => 'families',
    '/admin/import/{id}/': (s) => s.file,
    '/admin/settings/picture/{name}/': () => 'logo',
    '/admin/settings/texts/{name}/': () => 'terms',
    '/admin/settings/{name}/': () => 'school',
    '/admin/orders/{id}/settle/': (s) => s.subject.review,
    '/admin/orders/{id}/refund/': (s) => s.subject.paid,
    '/admin/orders/{id}/resend/': (s) => s.subject.paid,
    '/admin/orders/{id}/receipt/': (s) => s.subject.receipt,
    '/admin/orders/{id}/credit/{id}/': (s) => [s.subject.receipt, s.subject.credit],
    '/admin/orders/{id}/cancel/': (s) => s.subject.other,
    '/admin/orders/{id}/': (s) => s.subject.pending,
    '/admin/inscriptions/{id}/': (s) => s.subject.seat,
    '/admin/payments/{id}/': (s) => s.subject.payment,
    '/admin/accounts/{id}/': (s) => s.subject.family,
    '/admin/students/{id}/': (s) => s.subject.student,
    '/admin/mail/{id}/': (s) => s.subject.mail,
    '/admin/consents/{id}/': (s) => s.subject.consent,
    '/admin/analytics/{name}.csv': () => 'totals',
    '/admin/audit/{id}/': (s) => s.subject.audit,
};

/** What stands beside the table, or needs more than its path to show something. */
const OTHERS = {
    '/admin/students/new/': (s) => `/admin/students/new/?account=${s.subject.family}`,
    '/static/{name}': (s) => s.stylesheet,
};

/** The address of a row of the table in a school; throws where nobody thought of one. */
function addressOf(school, pattern) {
    if (ADDRESSES[pattern]) return ADDRESSES[pattern](school.world);
    if (OTHERS[pattern]) return OTHERS[pattern](school);
    if (!pattern.includes('{')) return pattern;
    const prefix = Object.keys(PLACES).find((p) => pattern.startsWith(p));
    if (!prefix) throw new Error(`no address for ${pattern}`);
    const values = [PLACES[prefix](school)].flat();
    return pattern.replace(/\{\w+\}/g, () => values.shift());
}

/** The school with its people: {shop, world, people, subject, workshop, …}. */
async function makeSchool(shop) {
    const world = await makeWorld(shop);
    const school = { shop, world, subject: await addSubject(shop) };
    school.people = await addPeople(shop, world.family);
    const slug = addWorkshop(shop);
    school.workshop = shop.value(`SELECT id FROM workshop WHERE slug = '${slug}'`);
    shop.sql(`INSERT INTO workshop_instructor VALUES (${school.workshop},
        ${school.people.instructor.account})`);
    // A file that was brought belongs to who brought it.
    school.file = shop.value(`INSERT INTO import_file (kind, name, body, account_id, created_at)
        VALUES ('families', 'f.csv', CAST('email' AS BLOB), ${school.people.owner.account}, ${now()})
        RETURNING id`);
    const [sheet] = (await school.people.visitor.get('/')).body.match(/\/static\/css\/[^"]*/);
    taller(['analytics', '--data', shop.data]);
    // Who was switched off is a visitor, with the token that visitors get.
    await school.people.disabled.get('/accounts/login/');
    return Object.assign(school, { stylesheet: sheet });
}

module.exports = { addSubject, addressOf, makeSchool };
