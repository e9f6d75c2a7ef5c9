'use strict';
// What must be true of a school whose server was killed, asked of its database by statements of
// their own and of `taller doctor`. Each answers with a list of sentences; empty: all is well.

const { taller } = require('../lib/shop.js');

/** Each counts what must not be. */
const RULES = {
    'workshops oversold': `SELECT count(*) FROM workshop w WHERE (SELECT count(*) FROM inscription i
        WHERE i.workshop_id = w.id AND i.status IN ('held', 'confirmed')) > w.capacity`,
    'wrong counters of seats': `SELECT count(*) FROM workshop w WHERE seats_taken <> (SELECT count(*)
        FROM inscription i WHERE i.workshop_id = w.id AND i.status IN ('held', 'confirmed'))`,
    'children in a workshop twice': `SELECT count(*) FROM (SELECT 1 FROM inscription
        WHERE status IN ('held', 'confirmed') GROUP BY workshop_id, student_id HAVING count(*) > 1)`,
    'paid orders without one payment of all of it': `SELECT count(*) FROM orders o
        WHERE status = 'paid' AND (SELECT count(*) FROM payment p WHERE p.order_id = o.id
        AND p.status = 'succeeded' AND p.amount_cents = o.total_cents) <> 1`,
    'payments without a paid order': `SELECT count(*) FROM payment p JOIN orders o
        ON o.id = p.order_id WHERE p.status = 'succeeded' AND o.status <> 'paid'`,
    'paid orders that did not cost what their seats do': `SELECT count(*) FROM orders o
        WHERE status = 'paid' AND total_cents <> (SELECT coalesce(sum(price_cents), -1)
        FROM inscription i WHERE i.order_id = o.id AND i.status = 'confirmed')`,
    'paid orders without one mail with their receipt': `SELECT count(*) FROM orders o
        WHERE status = 'paid' AND (SELECT count(*) FROM receipt r JOIN outbox m
        ON m.dedupe_key = 'receipt:' || r.number AND m.order_id = o.id WHERE r.order_id = o.id) <> 1`,
    'mails neither sent nor waiting': `SELECT count(*) FROM outbox
        WHERE sent_at IS NULL AND next_attempt_at IS NULL`,
};

/** The database, while its server runs or not. `confirmed`: ids of orders families were told of. */
function judgeRows(shop, confirmed) {
    const row = shop.sql(`SELECT ${Object.entries(RULES)
        .map(([what, query]) => `(${query}) AS "${what}"`).join(', ')},
        (SELECT json_group_array(id) FROM orders WHERE status = 'paid') AS paid`)[0];
    const paid = new Set(JSON.parse(row.paid));
    return Object.keys(RULES).filter((what) => row[what]).map((what) => `${row[what]} ${what}`)
        .concat([...confirmed].filter((id) => !paid.has(id)).map((id) => `told and lost: order ${id}`));
}

/** The product's own look at itself; the server runs. */
function judgeDoctor(shop) {
    const done = taller(['doctor', '--data', shop.data, '--ops', `127.0.0.1:${shop.ports.ops}`]);
    return done.status === 0 ? []
        : [`taller doctor: ${done.stdout.split('\n').filter((line) => line.startsWith('✗')).join(' ')}`];
}

/** What the mail server took, against what the school thinks it sent, after everything that waited
 * was due. `lives`: for each life of the server, the ids of the mails taken, in order. SMTP leaves
 * one thing open: a mail that was taken while the server was killed before it could note that. Mails
 * go one by one, so that is the last one of a life, and only that one may come again. */
function judgeMails(shop, confirmed, lives) {
    const faults = [];
    const sent = new Map(shop.sql('SELECT id, order_id FROM outbox WHERE sent_at IS NOT NULL')
        .map((mail) => [mail.order_id, mail.id]));
    const taken = new Set(lives.flat());
    for (const order of confirmed)
        if (!taken.has(sent.get(order))) faults.push(`no mail came about order ${order}`);
    lives.forEach((mails, life) => {
        const later = new Set(lives.slice(life + 1).flat());
        const again = mails.filter((id, at) => mails.indexOf(id) !== at
            || (later.has(id) && at !== mails.length - 1));
        faults.push(...again.map((id) => `mail ${id} came again without need`));
    });
    return faults;
}

module.exports = { judgeRows, judgeDoctor, judgeMails };
