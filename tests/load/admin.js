'use strict';
// The lists of the administration in a school of 100,000 orders and 50,000 accounts: the time the
// server takes for one page, asked for one after the other.

const assert = require('node:assert/strict');
const { add } = require('./report.js');
const { QUICK, startShop } = require('./servers.js');
const { logIn } = require('../lib/shop.js');

/** A search by name, a filter and an order by a column are the worst cases. */
const LISTS = {
    today: '/admin/',
    orders: '/admin/orders/',
    'orders, page 200': '/admin/orders/?page=200',
    'orders by total': '/admin/orders/?sort=-total',
    'orders of a name': '/admin/orders/?q=quispe',
    'orders paid by card': '/admin/orders/?method=card',
    inscriptions: '/admin/inscriptions/',
    'inscriptions of a workshop': '/admin/inscriptions/?q=robot',
    payments: '/admin/payments/',
    accounts: '/admin/accounts/',
    'accounts of a name': '/admin/accounts/?q=mar',
    'accounts of the staff': '/admin/accounts/?staff_role=any',
    students: '/admin/students/',
    workshops: '/admin/workshops/',
    trail: '/admin/audit/',
};
const BUDGET_MS = 60;
const GROW = QUICK ? [[200, 30000]] : [[1000, 150000], [500, 60000]];

async function run() {
    const shop = await startShop({ grow: GROW[0] });
    for (const sizes of GROW.slice(1)) await shop.grow(sizes);
    const owner = shop.browser();
    const { email, password } = shop.accounts.owner;
    assert.equal((await logIn(owner, email, password)).status, 303);
    const [{ orders, accounts }] = shop.sql(`SELECT (SELECT count(*) FROM orders) AS orders,
        (SELECT count(*) FROM account) AS accounts`);
    const name = (n) => n.toLocaleString('en-US');
    for (const [row, address] of Object.entries(LISTS)) {
        const times = [];
        for (let i = 0; i < 9; i++) {
            const begin = process.hrtime.bigint();
            const answer = await owner.get(address);
            times.push(Number(process.hrtime.bigint() - begin) / 1e6);
            assert.equal(answer.status, 200, address);
        }
        add(`administration: ${name(orders)} orders, ${name(accounts)} accounts`, row,
            { value: times.sort((a, b) => a - b)[4], unit: 'ms', budget: BUDGET_MS });
    }
    await shop.stop();
}

module.exports = { run };
