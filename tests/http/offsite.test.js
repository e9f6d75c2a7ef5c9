'use strict';
// Copies of backups in S3-compatible storage that checks every signature itself.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, afterEach, before, beforeEach, describe, test } = require('node:test');
const { scrape } = require('../lib/metrics.js');
const { start, taller, tallerBeside, until } = require('../lib/shop.js');
const { hire } = require('../lib/staff.js');
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

test('where the clock makes none, none is taken away there', () => {
    storage.objects.set(key('taller-20250301T000000Z.db'), 'old').set(key('taller-20250302T000000Z.db'), 'old');
    return during({ rota: '0,0,0' }, async (shop) => {
        await until(() => shop.events('backup_sent').length);
        await until(async () => (await scrape(shop)).get('taller_offsite_backup_timestamp_seconds'));
        await new Promise((resolve) => { setTimeout(resolve, 300); }); // time enough to do the wrong thing
        assert.equal(storage.objects.size, 4);
    });
});

test('what is there is not sent again', () => {
    for (const end of ['', '.json']) storage.objects.set(key(`${NAME}${end}`), 'there');
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

/** A command that knows the storage, on a folder. The storage answers in this process. */
function command(words, { folder = data, secret = SECRET } = {}) {
    return tallerBeside([...words, '--data', folder, '--s3', `${storage.url}/school/copias/x`, '--s3-region', REGION],
        { env: { TALLER_S3_ACCESS_KEY: ACCESS, TALLER_S3_SECRET_KEY: secret } });
}

/** What the storage would hold after a backup was sent. */
function hold(name = NAME) {
    for (const end of ['', '.json']) storage.objects.set(key(`${name}${end}`), local(`${NAME}${end}`));
}

describe('the way back from there:', () => {
    const empty = [];
    const newFolder = () => {
        empty.push(fs.mkdtempSync(path.join(os.tmpdir(), 'taller-empty-')));
        return empty.at(-1);
    };
    afterEach(() => storage.close());
    after(() => empty.forEach((dir) => fs.rmSync(dir, { recursive: true, force: true })));

    for (const ranges of [true, false])
        test(`a new machine gets the school back with one command, ${ranges ? 'in pieces' : 'in one'}`, async () => {
            hold();
            Object.assign(storage, { ranges });
            storage.objects.set(key('taller-20260101T000000Z.db'), 'old');
            storage.objects.set(key('taller-20260101T000000Z.db.json'), '{}');
            storage.objects.set(key('taller-20260401T000000Z.db'), 'its record never came');
            const folder = newFolder();
            const done = await command(['restore', 's3:latest', '--verify'], { folder });
            assert.equal(done.status, 0, done.stderr);
            assert.match(done.stderr, /^Fetching the newest backup from 127\.0\.0\.1:\d+\/school\/copias\/x\/ …$/m);
            assert.match(done.stdout, /is the school's database now/);
            assert.deepEqual(fs.readdirSync(path.join(folder, 'backups')).sort(), [NAME, `${NAME}.json`]);
            assert.deepEqual(fs.readFileSync(path.join(folder, 'backups', NAME)), local(NAME));
            const again = await command(['restore', `s3:${NAME}`, '--verify'], { folder });
            assert.equal(again.status, 0, again.stderr);
            const given = storage.seen.filter((one) => one.endsWith(`/${NAME}`)).length;
            assert.equal(given, ranges ? Math.ceil(local(NAME).length / 8388608) : 1, 'the second time it was here already');
        });

    test('which ones there are is listed, here and there', async () => {
        hold();
        hold('taller-20260308T000000Z.db.sealed');
        const listed = await command(['backups']);
        assert.equal(listed.status, 0, listed.stderr);
        assert.match(listed.stdout, /taller-20260309T140000Z\.db +20\d\d-\d\d-\d\d \d\d:\d\d UTC +\d+ kB +by the clock/);
        assert.match(listed.stdout, /\/school\/copias\/x\/:\n\n +s3:taller-20260309T140000Z\.db +2026-03-09 14:00 UTC\n +s3:taller-20260308T000000Z\.db\.sealed +2026-03-08 00:00 UTC/);
    });

    const refusals = [
        ['none is there', () => {}, 's3:latest', /there is no backup at 127\.0\.0\.1:\d+\/school\/copias\/x\/\.$/m],
        ['another name', () => hold(), 's3:monday.db', /there is no backup monday\.db at .* with its record; the newest is taller-20260309T140000Z\.db\.$/m],
        ['a way out of the folder', () => storage.objects.set(key('../x'), 'x').set(key('../x.json'), 'x'), 's3:../x', /there is no backup/],
        ['one that was changed', () => {
            hold();
            const bytes = Buffer.from(local(NAME));
            bytes[5000] ^= 1;
            storage.objects.set(key(NAME), bytes);
        }, 's3:latest', /is not what it was when it was made: its SHA-256 is not the one in .*\.json\.$/m],
        ['a record that is none', () => {
            hold();
            storage.objects.set(key(`${NAME}.json`), 'hello');
        }, 's3:latest', /is not the record of a backup\.$/m],
        ['a storage that gives up', () => {
            hold();
            storage.refuse = (request) => (request.url.endsWith(`/${NAME}`) ? 503 : 0);
        }, 's3:latest', /refuses to give taller-20260309T140000Z\.db \(status 503\): SlowDown: told by the storage\.$/m],
    ];
    for (const [name, prepare, word, pattern] of refusals)
        test(`${name}: a sentence, and nothing changed`, async () => {
            prepare();
            const folder = newFolder();
            const done = await command(['restore', word], { folder });
            assert.equal(done.status, 1);
            assert.match(done.stderr, pattern);
            assert.deepEqual(fs.readdirSync(folder).filter((file) => file !== 'taller.lock' && file !== 'backups'), []);
            if (fs.existsSync(path.join(folder, 'backups')))
                assert.deepEqual(fs.readdirSync(path.join(folder, 'backups')), []);
        });

    test('another file of that name here is left alone', async () => {
        hold();
        const folder = newFolder();
        fs.mkdirSync(path.join(folder, 'backups'));
        fs.writeFileSync(path.join(folder, 'backups', NAME), 'mine');
        const done = await command(['restore', 's3:latest'], { folder });
        assert.equal(done.status, 1);
        assert.match(done.stderr, /is there already and is not the same; it is not replaced: move it away\.$/m);
        assert.deepEqual(fs.readdirSync(path.join(folder, 'backups')), [NAME]);
    });

    test('without --s3, or without its keys', async () => {
        const none = taller(['restore', 's3:latest', '--data', data]);
        assert.equal(none.status, 1);
        assert.match(none.stderr, /s3:latest: --s3 does not say where that is\.$/m);
        const keyless = taller(['backups', '--data', data, '--s3', 'https://storage.example/b']);
        assert.equal(keyless.status, 1);
        assert.match(keyless.stderr, /--s3 needs TALLER_S3_ACCESS_KEY/);
    });
});

describe('it is seen how it goes:', () => {
    test('in the administration, in the figures, by the doctor', () => during({}, async (shop) => {
        const owner = await hire(shop, 'owner');
        await until(() => shop.events('backup_sent').length);
        await until(async () => (await scrape(shop)).get('taller_offsite_backup_timestamp_seconds'));
        const figures = await scrape(shop);
        assert.equal(figures.get('taller_offsite_backup_timestamp_seconds'), Date.parse('2026-03-09T14:00:00Z') / 1000);
        assert.equal(figures.get('taller_offsite_backups_total'), 1);
        assert.equal(figures.get('taller_offsite_backup_failed'), 0);
        const page = await owner.get('/admin/backups/');
        assert.match(page.main, /La más nueva en otro lugar 9 de marzo de 2026, 9:00 a\. m\. hace \d+ días/);
        assert.ok(page.main.includes(`${storage.url.slice(7)}/school/copias/x/`));
        const found = await command(['doctor', '--json']);
        assert.ok(JSON.parse(found.stdout).some(({ level, finding }) => level === 'warning'
            && /^The newest copy at .* is \d+ hours old\.$/.test(finding)), found.stdout);
    }));

    test('when it fails', () => during({ secret: 'guessed' }, async (shop) => {
        const owner = await hire(shop, 'owner');
        await until(() => shop.events('backup_not_sent').length);
        const figures = await scrape(shop);
        assert.equal(figures.get('taller_offsite_backup_failed'), 1);
        assert.equal(figures.get('taller_offsite_backup_failures_total'), 1);
        assert.ok(!figures.has('taller_offsite_backup_timestamp_seconds'));
        const page = await owner.get('/admin/backups/');
        assert.match(page.main, /No se pudo llevar la última copia a otro lugar/);
        assert.match(page.main, /SignatureDoesNotMatch/);
        assert.match((await owner.get('/admin/')).main, /Las copias de seguridad ya no llegan a otro lugar/);
        const found = await command(['doctor', '--json'], { secret: 'guessed' });
        assert.equal(found.status, 1);
        assert.ok(JSON.parse(found.stdout).some(({ level, area, finding }) => level === 'error' && area === 'backups'
            && /^Copies elsewhere cannot be looked at: .*SignatureDoesNotMatch/.test(finding)), found.stdout);
    }));
});

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

    describe('and comes back in pieces:', () => {
        let folder;
        beforeEach(() => {
            folder = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-empty-'));
            for (const end of ['', '.json']) storage.objects.set(key(`${LARGE}${end}`), local(`${LARGE}${end}`));
        });
        afterEach(async () => {
            fs.rmSync(folder, { recursive: true, force: true });
            await storage.close();
        });

        test('whole', async () => {
            const done = await command(['restore', 's3:latest', '--verify'], { folder });
            assert.equal(done.status, 0, done.stderr);
            assert.equal(storage.seen.filter((one) => one.endsWith(`/${LARGE}`)).length, Math.ceil(local(LARGE).length / 8388608));
            assert.ok(local(LARGE).equals(fs.readFileSync(path.join(folder, 'backups', LARGE))));
        });

        test('of one object: another that takes its place meanwhile is not mixed in', async () => {
            let given = 0;
            storage.refuse = (request) => {
                if (request.url.endsWith(`/${LARGE}`) && ++given === 2)
                    storage.objects.set(key(LARGE), Buffer.alloc(local(LARGE).length, 'x'));
            };
            const done = await command(['restore', 's3:latest'], { folder });
            assert.equal(done.status, 1);
            assert.match(done.stderr, /refuses to give taller-20260310T140000Z\.db \(status 412\): PreconditionFailed/);
            assert.deepEqual(fs.readdirSync(path.join(folder, 'backups')), []);
        });

        test('an answer that is not the part asked for is not believed', async () => {
            storage.skew = 1;
            const done = await command(['restore', 's3:latest'], { folder });
            assert.equal(done.status, 1);
            assert.match(done.stderr, /sends another part of the file than was asked for\.$/m);
        });
    });

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
