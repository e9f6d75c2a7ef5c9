'use strict';
// What must hold of money and seats in any shop, whatever was done to it and in whatever order.

const assert = require('node:assert/strict');

/** What is wrong with the money: one line an order. */
function wrongBooks(shop) {
    return shop.sql(`SELECT o.id, o.status, o.total_cents, coalesce(n.cents, 0) AS net,
            coalesce(c.cents, 0) AS seats, coalesce(r.total_cents, 0) AS receipt,
            coalesce(k.cents, 0) AS credited
        FROM orders o
        LEFT JOIN (SELECT order_id, sum(CASE status WHEN 'succeeded' THEN amount_cents
            WHEN 'refunded' THEN -amount_cents ELSE 0 END) AS cents FROM payment GROUP BY 1) n
            ON n.order_id = o.id
        LEFT JOIN (SELECT order_id, sum(price_cents) AS cents FROM inscription
            WHERE status = 'confirmed' GROUP BY 1) c ON c.order_id = o.id
        LEFT JOIN receipt r ON r.order_id = o.id
        LEFT JOIN (SELECT order_id, sum(total_cents) AS cents FROM credit_note GROUP BY 1) k
            ON k.order_id = o.id`).filter((o) => ({
        paid: o.net !== o.total_cents || o.seats !== o.total_cents
            || o.receipt - o.credited !== o.total_cents,
        pending: o.net < 0 || o.net >= o.total_cents || o.receipt !== 0,
        review: o.net < 0,
        refunded: o.net !== 0 || o.receipt !== o.credited || o.seats !== 0,
        cancelled: o.net !== 0 || o.receipt !== 0 || o.seats !== 0,
        cart: o.net !== 0,
    })[o.status]);
}

/** Fails where money, seats or papers are not what they must be. */
function assertBooks(shop, what) {
    assert.deepEqual(wrongBooks(shop), [], what);
    const nothing = (query, why) => assert.deepEqual(shop.sql(query), [], `${what ?? ''}: ${why}`);
    nothing(`SELECT w.slug, seats_taken, capacity FROM workshop w WHERE seats_taken > capacity
        OR seats_taken <> (SELECT count(*) FROM inscription WHERE workshop_id = w.id
            AND status IN ('held', 'confirmed'))`, 'seats');
    nothing(`SELECT student_id, workshop_id FROM inscription WHERE status IN ('held', 'confirmed')
        GROUP BY 1, 2 HAVING count(*) > 1`, 'a seat twice');
    nothing(`SELECT account_id FROM orders WHERE status = 'cart' GROUP BY 1 HAVING count(*) > 1`, 'carts');
    nothing(`SELECT provider, reference FROM payment WHERE status = 'succeeded'
        GROUP BY 1, 2 HAVING count(*) > 1`, 'money taken twice');
    nothing(`SELECT provider, reference FROM payment WHERE status = 'refunded'
        GROUP BY 1, 2 HAVING count(*) > 1`, 'money given back twice');
    nothing(`SELECT order_id FROM receipt GROUP BY 1 HAVING count(*) > 1`, 'receipts');
    nothing(`SELECT inscription_id FROM credit_note_line WHERE inscription_id IS NOT NULL
        GROUP BY 1 HAVING count(*) > 1`, 'a seat credited twice');
    nothing(`SELECT dedupe_key FROM outbox WHERE dedupe_key IS NOT NULL GROUP BY 1 HAVING count(*) > 1`, 'mails');
    for (const paper of ['receipt', 'credit_note'])
        nothing(`SELECT count(*) AS n, max(number) AS top FROM ${paper} HAVING n > 0 AND n <> top`, paper);
    nothing(`SELECT i.id FROM inscription i JOIN orders o ON o.id = i.order_id
        WHERE i.status = 'confirmed' AND o.status NOT IN ('paid', 'review')`, 'seats nobody paid');
}

module.exports = { assertBooks, wrongBooks };
