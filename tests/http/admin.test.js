'use strict';
// The administration as a whole: for every role each link leads somewhere, lists find, sort and
// count, a file is what the list shows, two people editing one thing do not overwrite each other.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { logIn, mustRedirect, quote, start, taller, unique, until } = require('../lib/shop.js');
const { crawl } = require('../lib/crawl.js');

let shop;
const staff = {};

async function enter(role) {
    const browser = shop.browser();
    const { email, password } = shop.accounts[role];
    mustRedirect(await logIn(browser, email, password));
    await browser.get('/admin/');
    return browser;
}

before(async () => {
    shop = await start({ demo: true });
    for (const role of ['owner', 'desk', 'instructor']) staff[role] = await enter(role);
});
after(() => shop.stop());

describe('every link leads somewhere', () => {
    for (const role of ['owner', 'desk', 'instructor']) {
        test(`for ${role}`, async () => {
            const pages = await crawl(staff[role], { each: 2 });
            assert.ok(pages.length > (role === 'instructor' ? 3 : 20), `${pages.length} pages`);
            for (const { address, answer } of pages) {
                assert.equal(answer.status, 200, `${address}: ${answer.main ?? ''}`);
                if (/html/.test(answer.headers['content-type']))
                    assert.doesNotMatch(answer.main ?? '', /\bNone\b|\(null\)|\bundefined\b|\{[a-z_]+\}/,
                        address);
            }
        });
    }
});

describe('an empty school', () => {
    test('has every page too', async () => {
        const empty = await start({});
        try {
            const made = taller(['account', 'create', 'jefa@example.com', '--owner', '--data',
                empty.data], { input: 'una frase muy larga\n' });
            assert.equal(made.status, 0, made.stderr);
            const browser = empty.browser();
            mustRedirect(await logIn(browser, 'jefa@example.com', 'una frase muy larga'));
            for (const { address, answer } of await crawl(browser))
                assert.equal(answer.status, 200, `${address}: ${answer.main ?? ''}`);
        } finally {
            await empty.stop();
        }
    });
});

describe('lists', () => {
    test('find, filter, sort and say when nothing fits', async () => {
        const { owner } = staff;
        const family = shop.sql(`SELECT first_name, last_name FROM account
            WHERE staff_role IS NULL ORDER BY id LIMIT 1`)[0];
        const found = await owner.get(`/admin/accounts/?q=${encodeURIComponent(
            `${family.last_name.slice(0, 3)} ${family.first_name}`)}`);
        assert.match(found.main, new RegExp(family.last_name));
        const pending = await owner.get('/admin/orders/?status=pending');
        assert.equal(pending.body.match(/<tr>/g).length - 1,
            shop.value("SELECT count(*) FROM orders WHERE status = 'pending'"));
        const dear = await owner.get('/admin/orders/?sort=-total');
        const most = shop.value("SELECT max(total_cents) / 100 FROM orders WHERE status <> 'cart'");
        assert.ok(dear.main.indexOf(`${most}.00`) > 0);
        const none = await owner.get('/admin/orders/?q=nobody-is-called-so');
        assert.equal(none.status, 200);
        assert.doesNotMatch(none.body, /<tbody>/);
        for (const nonsense of ['?page=-1', '?page=999999', '?sort=nothing', '?status=%27', '?from=x',
            '?account=abc', '?q=%22%20OR%20NEAR(', '?q=*', '?q=%F0%9F%98%80'])
            assert.equal((await owner.get(`/admin/orders/${nonsense}`)).status, 200, nonsense);
    });

    test('go home as a file that opens right', async () => {
        const told = () => shop.value(`SELECT count(*) FROM audit WHERE action = 'export'
            AND detail LIKE '%orders%'`);
        const before = told();
        const file = await staff.owner.get('/admin/orders/file.csv?status=paid');
        assert.equal(file.status, 200);
        assert.match(file.headers['content-type'], /^text\/csv/);
        assert.match(file.headers['content-disposition'], /attachment; filename="orders-\d{4}-/);
        assert.deepEqual([...file.raw.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
        assert.equal(file.body.trim().split('\r\n').length - 1,
            shop.value("SELECT count(*) FROM orders WHERE status = 'paid'"));
        await until(() => told() === before + 1);
    });
});

describe('a file', () => {
    test('has no personal data for those who may not take it home', async () => {
        const [buyer] = shop.sql(`SELECT a.email, a.last_name FROM account a JOIN orders o
            ON o.account_id = a.id WHERE o.status = 'paid' LIMIT 1`);
        const all = await staff.owner.get('/admin/orders/file.csv');
        assert.match(all.body, new RegExp(buyer.email));
        const some = await staff.desk.get('/admin/orders/file.csv');
        assert.equal(some.status, 200);
        assert.doesNotMatch(some.body, new RegExp(`${buyer.email}|${buyer.last_name}`));
        assert.match(some.body, /TAL-/);
    });
});

describe('a look at a person', () => {
    test('leaves a line in the trail', async () => {
        const id = shop.value("SELECT id FROM account WHERE staff_role IS NULL LIMIT 1");
        const looks = () => shop.value(`SELECT count(*) FROM audit WHERE action = 'view'
            AND entity = 'account' AND entity_id = ${id}`);
        const before = looks();
        assert.equal((await staff.desk.get(`/admin/accounts/${id}/`)).status, 200);
        await until(() => looks() === before + 1);
    });
});

describe('two people editing one thing', () => {
    test('the second is shown both versions and nothing is lost', async () => {
        const name = unique('Tema ');
        const made = mustRedirect(await (await open('/admin/topics/new/'))
            .submit('/admin/topics/new/', { name, color: '2' }));
        const path = made.location;
        const [first, second] = [await open(path), await open(path)];
        mustRedirect(await first.submit(path, { name: `${name} A` }));
        const told = await second.submit(path, { name: `${name} B` });
        assert.equal(told.status, 409);
        assert.match(told.main, new RegExp(`${name} A`));
        assert.match(told.main, new RegExp(`${name} B`));
        assert.equal(shop.value(`SELECT count(*) FROM topic WHERE name = ${quote(`${name} A`)}`), 1);
        mustRedirect(await second.submit(path, { name: `${name} B` }));
        assert.equal(shop.value(`SELECT count(*) FROM topic WHERE name = ${quote(`${name} B`)}`), 1);
    });

    test('what is wrong is said at its field and kept', async () => {
        const browser = await open('/admin/topics/new/');
        const taken = shop.value('SELECT name FROM topic ORDER BY id LIMIT 1');
        const answer = await browser.submit('/admin/topics/new/', { name: taken, color: '3',
            description: 'Lo escrito se queda' });
        assert.equal(answer.status, 422);
        assert.match(answer.body, /Lo escrito se queda/);
        assert.match(answer.body, /id="name-error"/);
    });

    async function open(path) {
        const browser = await enter('owner');
        await browser.get(path);
        return browser;
    }
});
