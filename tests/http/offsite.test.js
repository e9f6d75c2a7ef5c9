'use strict';
// Copies of backups in S3-compatible storage that checks every signature itself.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, beforeEach, describe, test } = require('node:test');
const { start, taller, until } = require('../lib/shop.js');
const { ACCESS, REGION, SECRET, openStorage } = require('../lib/storage.js');

const NAME = 'taller-20260309T140000Z.db';

let storage;
let data;
before(async () => {
    const shop = await start();
    ({ data } = shop);
    await shop.stop({ keep: true });
    const made = taller(['backup', path.join(data, 'backups', NAME), '--data', data]);
    assert.equal(made.status, 0, made.stderr);
});
after(() => fs.rmSync(data, { recursive: true, force: true }));
beforeEach(async () => { storage = await openStorage(); });

function serve({ secret = SECRET, rota = '2,0,0' } = {}) {
    return start({
        data, args: ['--s3', `${storage.url}/school/copias/x`, '--s3-region', REGION, '--backups', rota],
        env: { TALLER_S3_ACCESS_KEY: ACCESS, TALLER_S3_SECRET_KEY: secret },
    });
}

async function during(options, work) {
    const shop = await serve(options);
    try {
        await work(shop);
    } finally {
        await shop.stop({ keep: true });
        await storage.close();
    }
}

const local = (name) => fs.readFileSync(path.join(data, 'backups', name));
const key = (name) => `school/copias/x/${name}`;

test('the newest backup and its record are sent, old ones removed, others left alone', () => {
    storage.page = 2; // lists come in pages
    for (const day of ['01', '02', '03'])
        for (const end of ['', '.json']) storage.objects.set(key(`taller-202603${day}T000000Z.db${end}`), 'old');
    storage.objects.set(key('by-hand.db'), 'mine');
    storage.objects.set('school/other/taller-20260301T000000Z.db', 'theirs');
    return during({}, async (shop) => {
        await until(() => shop.events('backups_removed_offsite').length);
        assert.deepEqual([...storage.objects.keys()].sort(), [key('by-hand.db'),
            key('taller-20260303T000000Z.db'), key('taller-20260303T000000Z.db.json'),
            key(NAME), key(`${NAME}.json`), 'school/other/taller-20260301T000000Z.db'].sort());
        assert.deepEqual(storage.objects.get(key(NAME)), local(NAME));
        assert.deepEqual(storage.objects.get(key(`${NAME}.json`)), local(`${NAME}.json`));
        assert.equal(shop.events('backup_sent')[0].name, NAME);
        assert.equal(shop.events('backups_leave_unencrypted').length, 1);
    });
});

test('what is there is not sent again', () => {
    storage.objects.set(key(`${NAME}.json`), 'there');
    return during({}, async () => {
        await until(() => storage.seen.filter((one) => one.startsWith('GET')).length === 2);
        assert.deepEqual(storage.seen.filter((one) => !one.startsWith('GET')), []);
    });
});

test('a wrong secret is told in one sentence', () => during({ secret: 'guessed' }, async (shop) => {
    await until(() => shop.events('backup_not_sent').length);
    const [{ reason, next_try_in: next }] = shop.events('backup_not_sent');
    assert.equal(reason, `${storage.url.slice(7)} refuses to list the bucket (status 403): SignatureDoesNotMatch: told by the storage`);
    assert.equal(next, 60);
    assert.ok(!JSON.stringify(shop.log).includes('guessed'));
}));

describe('a large file goes in parts:', () => {
    const LARGE = 'taller-20260310T140000Z.db';
    before(async () => {
        const shop = await start({ data });
        shop.sql('CREATE TABLE filler AS SELECT randomblob(20000000) AS one, randomblob(17000000) AS two');
        const made = taller(['backup', path.join(data, 'backups', LARGE), '--data', data]);
        shop.sql('DROP TABLE filler');
        await shop.stop({ keep: true });
        assert.equal(made.status, 0, made.stderr);
    });

    test('whole at the other end', () => during({}, async (shop) => {
        await until(() => shop.events('backup_sent').length, 60);
        assert.equal(storage.seen.filter((one) => one.startsWith('PUT') && one.includes('partNumber')).length, 3);
        assert.ok(storage.objects.get(key(LARGE)).equals(local(LARGE)));
        assert.equal(storage.uploads.size, 0);
    }));

    test('given up where a part fails: nothing is left that would be paid for', () => {
        storage.refuse = (request, url) => (url.searchParams.get('partNumber') === '2' ? 503 : 0);
        return during({}, async (shop) => {
            await until(() => shop.events('backup_not_sent').length, 60);
            assert.match(shop.events('backup_not_sent')[0].reason, /refuses to take taller-20260310T140000Z\.db \(status 503\): SlowDown/);
            assert.equal(storage.uploads.size, 0);
            assert.ok(!storage.objects.has(key(LARGE)));
        });
    });
});
