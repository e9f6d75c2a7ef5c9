'use strict';
// Orders as staff see them, in every state and with every question they are asked before something
// happens: what every page owes (stage.js), on a phone and a desk.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const stage = require('./stage.js');
const { logIn, mustRedirect, start } = require('../lib/shop.js');

before(() => stage.open());
after(() => stage.close());

/** Addresses by what they show, in a demonstration school. */
function pagesOf(shop) {
    const order = (condition) => shop.value(`SELECT id FROM orders o WHERE ${condition} LIMIT 1`);
    const reported = order(`status = 'pending' AND EXISTS (SELECT 1 FROM payment_report r
        WHERE r.order_id = o.id)`);
    const late = order("review_reason = 'late'");
    const overpaid = order("review_reason = 'amount'");
    const cancelled = order("status = 'cancelled'");
    const refunded = order('id = (SELECT order_id FROM credit_note WHERE number = 1)');
    const paid = order("status = 'paid' AND method IS NOT NULL");
    const seat = shop.sql(`SELECT i.id, i.student_id, o.account_id FROM inscription i
        JOIN orders o ON o.id = i.order_id WHERE o.id = ${paid} LIMIT 1`)[0];
    return {
        reported: `${reported}/`, reject: `${reported}/reject/`, extend: `${reported}/extend/`,
        cancel: `${reported}/cancel/`, late: `${late}/`, 'settle-late': `${late}/settle/`,
        overpaid: `${overpaid}/`, 'settle-overpaid': `${overpaid}/settle/`,
        cancelled: `${cancelled}/`, refunded: `${refunded}/`, receipt: `${refunded}/receipt/`,
        credit: `${refunded}/credit/1/`, paid: `${paid}/`, refund: `${paid}/refund/`,
        move: `../inscriptions/${seat.id}/move/`, desk: 'new/', 'desk-found': 'new/?q=quispe',
        'desk-family': `new/?account=${seat.account_id}`,
        'desk-student': `new/?account=${seat.account_id}&student=${seat.student_id}`,
    };
}

test('every page of an order, and every question before something happens', async () => {
    const shop = await start({ demo: true });
    try {
        const owner = shop.browser();
        mustRedirect(await logIn(owner, shop.accounts.owner.email, shop.accounts.owner.password));
        owner.email = shop.accounts.owner.email;
        const who = await stage.enter(owner, { lang: 'es' });
        const faults = []; // of all pages, not of the first one only
        for (const [name, at] of Object.entries(pagesOf(shop))) {
            try {
                await who.page.goto(new URL(at, `${shop.url}/admin/orders/`).href);
                assert.equal(who.status(), 200, name);
                await stage.validate(await who.html(), name);
                await stage.inspectLooks(who, `orders/${name}`,
                    ['phone-light', 'phone-dark', 'desk-light'], { axe: true });
            } catch (error) {
                faults.push(`${name}: ${error.message}`);
                who.errors.length = 0;
            }
        }
        await who.context.close();
        assert.deepEqual(faults, []);
    } finally {
        await shop.stop();
    }
});
