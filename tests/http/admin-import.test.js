'use strict';
// Workshops and families from CSV files: looked through first, every problem by line, then all or
// nothing; who may, and how fast.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { PASSWORD, logIn, mustRedirect, quote, start, taller, unique } = require('../lib/shop.js');

let shop;
const people = {};

async function enter(email, password) {
    const browser = shop.browser();
    mustRedirect(await logIn(browser, email, password));
    await browser.get('/users/profile/');
    return browser;
}

function bring(browser, kind, text, filename = 'lista.csv') {
    return browser.post('/admin/import/', {
        kind, file: { filename, type: 'text/csv', data: Buffer.isBuffer(text) ? text : Buffer.from(text) },
    }, { multipart: true });
}

/** The address of the page that says what is in a file. */
async function brought(browser, kind, text, filename) {
    await browser.get('/admin/import/');
    return mustRedirect(await bring(browser, kind, text, filename), /^\/admin\/import\/\d+\/$/).location;
}

const count = (table) => shop.value(`SELECT count(*) FROM ${table}`);

before(async () => {
    shop = await start({ demo: true });
    for (const role of ['owner', 'desk', 'instructor', 'parent'])
        people[role] = await enter(shop.accounts[role].email, shop.accounts[role].password);
    const made = taller(['account', 'create', 'gerente@example.com', '--manager', '--data', shop.data],
        { input: `${PASSWORD}\n` });
    assert.equal(made.status, 0, made.stderr);
    people.manager = await enter('gerente@example.com', PASSWORD);
    people.stranger = shop.browser();
});
after(() => shop.stop());

describe('workshops', () => {
    test('of the example file go in after a look, once, with a new topic', async () => {
        const { owner } = people;
        const page = await owner.get('/admin/import/');
        assert.match(page.body, /href="\/admin\/import\/templates\/workshops\.csv"/);
        const example = await owner.get('/admin/import/templates/workshops.csv');
        assert.match(example.headers['content-disposition'], /attachment/);
        const topic = unique('Tema ');
        const title = unique('Robots ');
        const path = await brought(owner, 'workshops',
            example.body.replace('Robótica con LEGO', title).replace(/,Robótica,/, `,${topic},`));
        const before = [count('workshop'), count('topic'), count('audit')];
        const look = await owner.get(path);
        assert.equal(look.status, 200);
        assert.match(look.main, new RegExp(topic));
        assert.match(look.main, /Todo está en orden/);
        assert.deepEqual([count('workshop'), count('topic'), count('audit')], before);
        assert.equal((await owner.post(path, {})).status, 422); // the topic was not agreed to
        assert.equal(count('workshop'), before[0]);
        mustRedirect(await owner.post(path, { create_topics: '1' }), /^\/admin\/workshops\/$/);
        assert.equal(shop.value(`SELECT count(*) FROM workshop w JOIN topic t ON t.id = w.topic_id
            WHERE w.title = ${quote(title)} AND t.name = ${quote(topic)} AND w.weekdays = 5`), 1);
        mustRedirect(await owner.post(path, { create_topics: '1' }));
        assert.equal(count('workshop'), before[0] + 1);
        assert.match((await owner.get(path)).main, /ya se incorporó/);
        assert.equal(shop.value("SELECT count(*) FROM audit WHERE action = 'import'"), 1);
    });

    test('with problems stay out, each told by line', async () => {
        const taken = shop.value('SELECT slug FROM workshop ORDER BY id LIMIT 1');
        const topic = shop.value('SELECT name FROM topic ORDER BY id LIMIT 1');
        const path = await brought(people.owner, 'workshops', Buffer.from(
            'Título;Tema;Precio;Inicio;Dirección;Edad mínima;Edad máxima\r\n'
            + `Uno;${topic};abc;31/02/2026;;;\r\n`
            + `Dos;${topic};10;2026-05-01;${taken};;\r\n`
            + `Tres;${topic};10;01/05/2026;nuevo-uno;9;5\r\n`
            + `Niños;${topic};10;;"a"b;;\r\n`
            + `Cinco;${topic};10;;nuevo-dos;;\r\n`, 'latin1'));
        const before = count('workshop');
        const look = await people.owner.get(path);
        const lines = [...look.body.matchAll(/<th scope="row">(\d+)<\/th><td>([^<]*)<\/td>/g)].map((m) => `${m[1]} ${m[2]}`);
        assert.deepEqual(lines, ['2 Primer día', '2 Precio', '3 Dirección', '4 Edad máxima', '5 ']);
        assert.match(look.main, /“abc”|«abc»/);
        const answer = await people.owner.post(path, { create_topics: '1' });
        assert.equal(answer.status, 422);
        assert.equal(count('workshop'), before);
    });

    test('without a needed column are told so', async () => {
        const path = await brought(people.owner, 'workshops', 'title,price\nUno,10\n');
        assert.match((await people.owner.get(path)).main, /Falta esta columna/);
    });
});

describe('families', () => {
    test('go in without a password, a row a child; links only where they are asked for', async () => {
        const [first, second] = [`${unique('f')}@example.com`, `${unique('f')}@example.com`];
        const file = `correo\tnombre\tapellido\tnombre del hijo\tfecha de nacimiento\tcelular\n`
            + `${first}\tLuz\tPaz\tHugo\t21/05/2017\t987654321\n${first}\tLuz\tPaz\tInés\t2019-01-02\t\n`;
        let path = await brought(people.manager, 'families', file);
        const look = await people.manager.get(path);
        assert.match(look.main, /Familias nuevas 1 .*Niños nuevos 2/);
        const mails = count('outbox');
        mustRedirect(await people.manager.post(path, {}), /^\/admin\/students\/$/);
        assert.equal(shop.value(`SELECT count(*) FROM student s JOIN account a ON a.id = s.parent_id
            WHERE a.email = ${quote(first)} AND a.password_hash IS NULL`), 2);
        assert.equal(count('outbox'), mails);
        path = await brought(people.manager, 'families', file.replaceAll(first, second));
        mustRedirect(await people.manager.post(path, { send_links: '1' }));
        assert.equal(shop.value(`SELECT count(*) FROM outbox WHERE recipient = ${quote(second)}
            AND body_text LIKE '%/accounts/password/reset/key/%'`), 1);
        path = await brought(people.manager, 'families', file);
        assert.match((await people.manager.get(path)).main, /2 Correo .*Ya hay una cuenta/);
    });
});

describe('a file', () => {
    test('that is none is refused with a sentence', async () => {
        const { owner } = people;
        await owner.get('/admin/import/');
        const none = await owner.post('/admin/import/', { kind: 'families' }, { multipart: true });
        assert.equal(none.status, 422);
        assert.match(none.main, /Elige un archivo/);
        const excel = await bring(owner, 'workshops', Buffer.from('PK\x03\x04\0\0\0'), 'lista.xlsx');
        assert.equal(excel.status, 422);
        assert.match(excel.main, /CSV/);
        const heavy = await bring(owner, 'workshops', Buffer.alloc((8 << 20) + 1, 'a'));
        assert.equal(heavy.status, 422);
        assert.match(heavy.main, /8 MB/);
        const kind = await bring(owner, 'accounts', 'a,b\n');
        assert.equal(kind.status, 422);
        assert.equal((await owner.get('/admin/import/templates/accounts.csv')).status, 404);
    });

    test('is only for who brought it', async () => {
        const path = await brought(people.owner, 'workshops', 'title,topic,price\nUno,Dos,3\n');
        assert.equal((await people.manager.get(path)).status, 404);
        assert.equal((await people.manager.post(path, { create_topics: '1' })).status, 404);
        assert.equal((await people.owner.get(path)).status, 200);
    });

    test('of 10,000 rows goes in whole', async (t) => {
        const rows = Array.from({ length: 10000 }, (_, i) => `Taller ${i};Tema;10,50;06/04/2026`);
        const path = await brought(people.owner, 'workshops', `title;topic;price;start_date\n${rows.join('\n')}\n`);
        const begun = Date.now();
        const look = await people.owner.get(path);
        assert.match(look.main, /10000/);
        mustRedirect(await people.owner.post(path, { create_topics: '1' }));
        t.diagnostic(`10,000 rows read and written in ${Date.now() - begun} ms`);
        assert.equal(shop.value("SELECT count(*) FROM workshop WHERE start_date = '2026-04-06' AND price_cents = 1050"), 10000);
    });
});

describe('who may', () => {
    for (const [role, status] of [['owner', 200], ['manager', 200], ['desk', 403], ['instructor', 403],
        ['parent', 404], ['stranger', 303]]) {
        test(`${role}: ${status}`, async () => {
            const files = count('import_file');
            for (const path of ['/admin/import/', '/admin/import/templates/families.csv'])
                assert.equal((await people[role].get(path)).status, status, path);
            const answer = await bring(people[role], 'workshops', 'title,topic,price\nA,B,1\n');
            assert.equal(answer.status, status === 200 ? 303 : status);
            assert.equal(count('import_file'), files + (status === 200 ? 1 : 0));
            const id = shop.value('SELECT max(id) FROM import_file');
            if (status !== 200) {
                assert.equal((await people[role].get(`/admin/import/${id}/`)).status, status);
                assert.equal((await people[role].post(`/admin/import/${id}/`, {})).status, status);
            }
        });
    }
});
