'use strict';
// Every page of the administration that a link leads to (a list once, not with each filter), as the owner of a school sees it: what
// every page owes (stage.js), in both languages, at both widths, light and dark; and an empty
// school's.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const stage = require('./stage.js');
const { crawl } = require('../lib/crawl.js');
const { logIn, mustRedirect, quote, start, taller, until } = require('../lib/shop.js');

const LOOKS = {
    es: ['phone-light', 'phone-dark', 'desk-light', 'desk-dark'], en: ['phone-light', 'desk-dark'],
};

const STATISTICS = '/admin/analytics/';

before(() => stage.open());
after(() => stage.close());

/** What every page owes, of some addresses: {address, name, status}. Faults of all of them. */
async function look(shop, owner, folder, pages, languages) {
    const faults = []; // of all pages, not of the first one only
    for (const lang of languages) {
        shop.sql(`UPDATE account SET language = '${lang}' WHERE email = ${quote(owner.email)}`);
        const who = await stage.enter(owner, { lang });
        for (const { address, name, status = 200 } of pages) {
            try {
                await who.page.goto(shop.url + address);
                assert.equal(who.status(), status, address);
                await stage.validate(await who.html(), address);
                await stage.inspectLooks(who, `${folder}/${name}`, LOOKS[lang],
                    { axe: lang === 'es' });
            } catch (error) {
                faults.push(error.message);
                who.errors.length = 0;
            }
        }
        await who.context.close();
    }
    assert.deepEqual(faults, []);
}

/** Looks at one page of every kind that a link leads to. */
async function lookAround(shop, owner, folder, languages) {
    const pages = (await crawl(owner)).filter(({ kind, answer }) =>
        !kind.includes('?') && /html/.test(answer.headers['content-type'] ?? ''))
        .map(({ address, kind }) => ({ address,
            name: kind.replace(/^\/admin\//, '').replace(/[^a-z{}?&=_-]+/gi, '_') || 'today' }));
    await look(shop, owner, folder, pages, languages);
    return pages.length;
}

async function ownerOf(shop, { email, password }) {
    const owner = shop.browser();
    mustRedirect(await logIn(owner, email, password));
    owner.email = email;
    return owner;
}

test('every page of a school in full swing', async (t) => {
    const shop = await start({ demo: true });
    try {
        // A mail to look at; its page leaves an entry in the trail.
        const visitor = shop.browser();
        await visitor.get('/accounts/password/reset/');
        mustRedirect(await visitor.submit('/accounts/password/reset/',
            { email: shop.accounts.parent.email }));
        const count = await lookAround(shop, await ownerOf(shop, shop.accounts.owner), 'admin',
            ['es', 'en']);
        t.diagnostic(`${count} kinds of pages`);
        assert.ok(count > 20);
    } finally {
        await shop.stop();
    }
});

test('every page of an empty school', async () => {
    const shop = await start({});
    try {
        const boss = { email: 'jefa@example.com', password: 'una frase muy larga' };
        const made = taller(['account', 'create', boss.email, '--owner', '--data', shop.data],
            { input: `${boss.password}\n` });
        assert.equal(made.status, 0, made.stderr);
        await lookAround(shop, await ownerOf(shop, boss), 'admin-empty', ['es']);
    } finally {
        await shop.stop();
    }
});

test('the statistics: everything, little, nothing, nonsense', async () => {
    const shop = await start({ demo: true });
    try {
        const owner = await ownerOf(shop, shop.accounts.owner);
        await owner.get(STATISTICS);
        await owner.submit(`${STATISTICS}refresh/`);
        await until(async () => (await owner.get(STATISTICS)).body.includes('id="cash"'));
        await look(shop, owner, 'statistics', [
            { name: 'all', address: `${STATISTICS}?period=all` },
            { name: 'narrow', address: `${STATISTICS}?period=all&topic=1&level=1` },
            { name: 'none', address: `${STATISTICS}?from=2031-01-01&to=2031-01-31` },
            { name: 'wrong', address: `${STATISTICS}?from=2026-03-02&to=2026-03-01&level=9`, status: 422 },
        ], ['es', 'en']);
    } finally {
        await shop.stop();
    }
});
