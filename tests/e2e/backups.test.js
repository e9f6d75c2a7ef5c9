'use strict';
// The page of backups, as the owner of a school comes to it: none yet, one made by the button, every
// kind there is, one that cannot be made, and the next one that can. In both languages, at both
// widths, light and dark; and without script.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, test } = require('node:test');
const stage = require('./stage.js');
const { send } = require('./steps.js');
const { quote, start, taller } = require('../lib/shop.js');
const { hire } = require('../lib/staff.js');

before(() => stage.open());
after(() => stage.close());

const WORDS = {
    es: { none: 'Aún no hay ninguna.', unreadable: 'No se puede leer la carpeta de copias.',
        made: 'La copia está hecha.', failed: 'No se pudo hacer la última copia',
        kinds: ['Con «taller backup» · cifrada', 'Con «taller backup»', 'De rutina', 'Antes de una actualización',
            'Reemplazada por una recuperación'] },
    en: { none: 'There is none yet.', unreadable: 'The folder of backups cannot be read.',
        made: 'The backup is made.', failed: 'The last backup could not be made',
        kinds: ['With “taller backup” · encrypted', 'With “taller backup”', 'Regular', 'Before an upgrade',
            'Replaced by a restore'] },
};

/** What an upgrade, a restore and a person at the machine leave in the folder. */
function fillShelf(shop, backups) {
    for (const [name, key] of [['monday.db', ''], ['tuesday.db.sealed', 'e'.repeat(64)]]) {
        const done = taller(['backup', path.join(backups, name), '--data', shop.data],
            { env: { TALLER_BACKUP_KEY: key } });
        assert.equal(done.status, 0, done.stderr);
    }
    for (const name of ['before-migration-from-3-2026-03-09.db', 'replaced-20260309T140000Z.db'])
        fs.copyFileSync(path.join(backups, 'monday.db'), path.join(backups, name));
}

/** The whole story; `look` is called at each of its pages. */
async function story(shop, who, look) {
    const { page } = who;
    const words = WORDS[who.lang];
    const backups = path.join(shop.data, 'backups');
    const kinds = async () => (await page.locator('td:nth-child(2)').allTextContents())
        .map((text) => text.trim());
    const alert = () => page.locator('[role=alert]');
    // Where the machine is busy the page says first that one is being made, and comes again. Answers
    // whether it was made at once.
    const makeOne = async () => {
        await send(page, '/admin/backups/make/');
        const button = page.locator('form[action="/admin/backups/make/"]');
        const atOnce = await button.count() > 0;
        await button.waitFor();
        return atOnce;
    };

    await page.goto(`${shop.url}/admin/settings/`);
    await page.click('main a[href="/admin/backups/"]');
    assert.ok((await page.textContent('main')).includes(words.none));
    assert.equal(await page.locator('table').count(), 0);
    await look('1-none');

    const atOnce = await makeOne();
    assert.match(page.url(), /\/admin\/backups\/$/);
    if (atOnce) assert.ok((await page.textContent('body')).includes(words.made));
    assert.equal((await kinds()).length, 1);
    await look('2-one');

    fillShelf(shop, backups);
    await page.goto(`${shop.url}/admin/backups/`);
    assert.deepEqual((await kinds()).sort(), [...words.kinds].sort());
    await look('3-all');

    fs.renameSync(backups, `${backups}.away`);
    fs.writeFileSync(backups, 'in the way');
    await makeOne();
    assert.ok((await alert().textContent()).includes(words.failed));
    assert.match(await alert().locator('code').textContent(), /backups/);
    assert.ok(!(await page.textContent('body')).includes(words.made));
    assert.ok((await page.textContent('main')).includes(words.unreadable));
    await look('4-failed');

    fs.rmSync(backups);
    fs.renameSync(`${backups}.away`, backups);
    await makeOne();
    assert.equal(await alert().count(), 0);
    assert.equal((await kinds()).length, words.kinds.length + 1);
}

/** A school whose backups nobody makes but the owner. */
async function withOwner(options, tell) {
    const shop = await start({ args: ['--backups', '0,0,0'] });
    shop.allow('backup_failed');
    try {
        const owner = await hire(shop, 'owner');
        shop.sql(`UPDATE account SET language = '${options.lang}' WHERE email = ${quote(owner.email)}`);
        const who = await stage.enter(owner, options);
        await tell(shop, who);
        await who.context.close();
    } finally {
        await shop.stop();
    }
}

const LOOKS = {
    es: ['phone-light', 'phone-dark', 'desk-light', 'desk-dark'], en: ['phone-light', 'desk-dark'],
};

for (const [lang, looks] of Object.entries(LOOKS))
    test(`from none to one, to a failure, and to the next one: ${lang}`, async () => {
        await withOwner({ lang }, (shop, who) => story(shop, who, async (name) => {
            await stage.validate(await who.html(), name);
            await stage.inspectLooks(who, `backups/${name}`, looks);
        }));
    });

test('the same without script', async () => {
    await withOwner({ lang: 'es', script: false }, (shop, who) => story(shop, who,
        (name) => stage.inspect(who, `backups/${name}`)));
});
