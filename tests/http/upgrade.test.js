'use strict';
// A school of the first version meets this one: it is copied, brought up, sells on, and can go back.
// TEST_SLOW=1: killed at many more moments.

const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { BINARY, ROOT, addStudent, addToCart, checkoutCard, mustRedirect, signUp, taller } =
    require('../lib/shop.js');
const { folder, open } = require('../lib/places.js');

const ROUNDS = process.env.TEST_SLOW ? 80 : 12;
const FIXTURES = path.join(ROOT, 'tests/fixtures');

const database = (data) => path.join(data, 'taller.db');
const shell = (file, query) =>
    execFileSync('sqlite3', [file, query], { encoding: 'utf8', stdio: 'pipe' }).trim();
const version = (data) => Number(shell(database(data), 'PRAGMA user_version'));

/** A data folder as the first version left it. */
function oldSchool() {
    const data = path.join(folder(), 'data');
    fs.mkdirSync(data, { mode: 0o700 });
    shell(database(data), `.read ${FIXTURES}/schema-1.sql`);
    shell(database(data), `.read ${FIXTURES}/school-1.sql`);
    return data;
}

const copies = (data) => fs.readdirSync(path.join(data, 'backups'))
    .filter((name) => /^before-migration-from-1-\d{4}-\d\d-\d\d\.db$/.test(name));

/** Failed with one sentence. */
function refused(done, pattern) {
    assert.equal(done.status, 1, done.stderr + done.stdout);
    assert.match(done.stderr, /^taller: [^\n]+\n$/);
    assert.match(done.stderr, pattern);
}

describe('an older school', () => {
    test('is copied, brought up and sells on; rollback lists what came since and returns', async () => {
        const data = oldSchool();
        const before = shell(database(data), '.dump');
        const shop = await open({ data });
        assert.ok(version(data) > 1);
        assert.equal(copies(data).length, 1);
        const copy = path.join(data, 'backups', copies(data)[0]);
        assert.equal(shell(copy, '.dump'), before);
        const rosa = await signUp(shop, { first_name: '=Rosa', last_name: 'Nueva' });
        mustRedirect(await addToCart(rosa, 'robots', await addStudent(rosa)));
        const { order } = mustRedirect(await checkoutCard(rosa));
        // A transfer that was pending before, confirmed since, is money since.
        shop.sql(`UPDATE payment SET settled_at = ${Math.floor(Date.now() / 1000)} WHERE id = 1`);
        const code = shop.value(`SELECT code FROM orders WHERE id = ${order}`);

        const listed = taller(['rollback', '--data', data]); // beside the server
        assert.equal(listed.status, 0, listed.stderr);
        assert.match(listed.stdout, new RegExp(`${code} .* paid .*=Rosa Nueva +PEN 180\\.00`));
        assert.match(listed.stdout, /TAL-AAAA/);
        assert.doesNotMatch(listed.stdout, /TAL-BBBB/);
        assert.match(listed.stdout, /New since: 1 accounts, 1 students/);
        assert.match(listed.stdout, /Nothing was changed/);
        const file = listed.stdout.match(/written to (\S+\.csv)\./)[1];
        const csv = fs.readFileSync(file, 'utf8');
        assert.match(csv, /^\ufefforder,code,status,created,paid,total,/);
        assert.match(csv, new RegExp(`\\r\\n${order},${code},paid,.*180\\.00,PEN,"'=Rosa Nueva",`));
        assert.match(csv, /Robots que caminan,confirmed,180\.00,card /);
        assert.equal(fs.statSync(file).mode & 0o777, 0o600);
        refused(taller(['rollback', '--yes', '--data', data]), /another server holds/);
        await shop.stop({ keep: true });

        const back = taller(['rollback', '--yes', '--data', data]);
        assert.equal(back.status, 0, back.stderr);
        assert.match(back.stdout, /from before the upgrade.*\nStart the older program/);
        assert.equal(shell(database(data), '.dump'), before, 'the older program can go on with it');
        assert.equal(version(data), 1);
        const kept = back.stdout.match(/is kept as (\S+\.db)\./)[1];
        assert.equal(shell(kept, `SELECT status FROM orders WHERE id = ${order}`), 'paid');
        refused(taller(['rollback', '--yes', '--data', data]), /this program has not upgraded it/);

        const again = await open({ data }); // and it can be upgraded once more
        assert.equal(again.value('SELECT count(*) FROM orders'), 3);
        await again.stop();
    });

    test('of which a backup was made is restored in the schema of today', async () => {
        const data = oldSchool();
        const file = path.join(path.dirname(data), 'old.db');
        assert.equal(taller(['backup', file, '--data', data]).status, 0);
        assert.equal(version(data), 1, 'a backup upgrades nothing');
        const fresh = path.join(path.dirname(data), 'fresh');
        const done = taller(['restore', file, '--verify', '--data', fresh]);
        assert.equal(done.status, 0, done.stderr);
        assert.ok(version(fresh) > 1);
        assert.equal(shell(database(fresh), 'SELECT count(*) FROM orders'), '3');
        assert.ok(fs.readdirSync(fresh).every((name) => name !== 'backups'), 'no copy of a copy');
    });

    test('is looked at by the doctor, not upgraded', () => {
        const data = oldSchool();
        const done = taller(['doctor', '--data', data]);
        assert.equal(done.status, 0);
        assert.match(done.stdout, /is of an older version \(schema 1 of \d+\)/);
        assert.equal(version(data), 1);
    });

    test('killed in the middle of its upgrade is wholly old or wholly new', async () => {
        const data = oldSchool();
        shell(database(data), `WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n
            WHERE i < 20000) INSERT INTO account (id, email, first_name, last_name)
            SELECT i, 'f' || i || '@example.org', 'F' || i, 'Grande' FROM n`);
        const original = path.join(path.dirname(data), 'original.db');
        fs.copyFileSync(database(data), original);
        const seen = { old: 0, new: 0 };
        let whole = 1500;
        for (let round = 0; round < ROUNDS; round++) {
            for (const end of ['-wal', '-shm']) fs.rmSync(database(data) + end, { force: true });
            fs.copyFileSync(original, database(data));
            const child = spawn(BINARY, ['analytics', '--data', data], { stdio: 'ignore' });
            const begin = Date.now();
            const end = new Promise((resolve) => { child.once('close', resolve); });
            const timer = round && setTimeout(() => child.kill('SIGKILL'), Math.random() * whole);
            await end;
            clearTimeout(timer);
            if (!round) whole = Date.now() - begin;
            assert.equal(shell(database(data), 'PRAGMA integrity_check'), 'ok');
            const is = version(data);
            assert.ok(is === 1 || is > 2, `schema ${is}`);
            assert.equal(shell(database(data), 'SELECT count(*) FROM account'), '19993');
            seen[is === 1 ? 'old' : 'new']++;
        }
        assert.ok(seen.old > 0 && seen.new > 0, JSON.stringify(seen));
        assert.equal(taller(['analytics', '--data', data]).status, 0, 'the next start finishes it');
        assert.ok(version(data) > 1);
    });
});

test('a newer school is refused with a sentence, by every command that would open it', () => {
    const data = oldSchool();
    shell(database(data), 'PRAGMA user_version = 999');
    const before = fs.readFileSync(database(data));
    for (const args of [['serve', '--https', '127.0.0.1:0'], ['analytics'], ['rollback']])
        refused(taller([...args, '--data', data]), /newer version|no upgrade has left/);
    assert.deepEqual(fs.readFileSync(database(data)), before);
});

test('without an upgrade there is nothing to return to', () => {
    const data = path.join(folder(), 'data');
    assert.equal(taller(['demo', '--data', data]).status, 0);
    refused(taller(['rollback', '--data', data]), /no upgrade has left a copy/);
    refused(taller(['rollback', '--yes', '--data', data]), /no upgrade has left a copy/);
});
