'use strict';
// Restoring: what is put back, what is refused, what is kept, and that whoever is killed half-way
// leaves the old school or the new one. TEST_SLOW=1: many more moments to be killed at.

const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { BINARY, addStudent, addToCart, addWorkshop, checkoutCard, mustRedirect, signUp, taller,
    until } = require('../lib/shop.js');
const { folder, open } = require('../lib/places.js');

const ROUNDS = process.env.TEST_SLOW ? 80 : 12;

const shell = (file, query) =>
    execFileSync('sqlite3', [file, query], { encoding: 'utf8', stdio: 'pipe' }).trim();
const sum = (file) => crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');
const database = (data) => path.join(data, 'taller.db');
const count = (data) => Number(shell(database(data), 'SELECT count(*) FROM topic'));
const addTopic = (data, name) =>
    shell(database(data), `INSERT INTO topic (name) VALUES ('${name}')`);

/** A data folder with a demonstration school, and a backup of it beside: {dir, data, file}. */
function school() {
    const dir = folder();
    const data = path.join(dir, 'data');
    const file = path.join(dir, 'school.db');
    ok(taller(['demo', '--data', data]));
    ok(taller(['backup', file, '--data', data]));
    return { dir, data, file };
}

function ok(done) {
    assert.equal(done.status, 0, done.stderr);
    return done;
}

function restore(place, args = [], options = {}) {
    return taller(['restore', place.file, ...args, '--data', place.data], options);
}

/** Refused with one sentence, and the school is as it was. */
function refused(place, pattern, args, options) {
    const before = fs.existsSync(database(place.data)) && shell(database(place.data), '.dump');
    const done = restore(place, args, options);
    assert.equal(done.status, 1, done.stderr);
    assert.equal(done.stdout, '');
    assert.match(done.stderr, /^taller: [^\n]+\n$/);
    assert.match(done.stderr, pattern);
    if (before !== false) assert.equal(shell(database(place.data), '.dump'), before);
    assert.deepEqual(fs.readdirSync(place.data).filter((name) => name.includes('restoring')), []);
}

/** Changes a backup and makes its record say the new sum, as nobody but a test would. */
function forge(file, change) {
    change(file);
    const record = JSON.parse(fs.readFileSync(`${file}.json`, 'utf8'));
    record.sha256 = sum(file);
    fs.writeFileSync(`${file}.json`, JSON.stringify(record));
}

describe('taller restore', () => {
    test('puts the school back as it was, and keeps the one that was there', () => {
        const place = school();
        const before = count(place.data);
        addTopic(place.data, 'later');
        const done = ok(restore(place, ['--verify']));
        assert.equal(done.stderr, '');
        assert.match(done.stdout, /is the school's database now: \d+ rows in \d+ tables, made just now/);
        assert.equal(count(place.data), before);
        const kept = fs.readdirSync(path.join(place.data, 'backups'))
            .filter((name) => /^replaced-\d{8}T\d{6}Z\.db$/.test(name));
        assert.equal(kept.length, 1);
        const old = path.join(place.data, 'backups', kept[0]);
        assert.equal(shell(old, "SELECT count(*) FROM topic WHERE name = 'later'"), '1');
        assert.equal(shell(database(place.data), 'PRAGMA integrity_check'), 'ok');
        assert.equal(shell(database(place.data),
            "SELECT count(*) FROM audit WHERE action = 'restore' AND entity = 'database'"), '1');
        assert.equal(fs.statSync(database(place.data)).mode & 0o777, 0o600);
        for (const end of ['-wal', '-shm'])
            assert.ok(!fs.existsSync(database(place.data) + end), end);
        ok(restore({ ...place, file: old })); // and back again: it has no record, which is told
        assert.equal(count(place.data), before + 1);
    });

    test('what was counted before is counted anew', () => {
        const place = school();
        const json = () => JSON.parse(ok(taller(['analytics', '--json', '--data', place.data])).stdout);
        const first = json();
        shell(database(place.data), `UPDATE inscription SET price_cents = price_cents - 1
            WHERE status = 'confirmed' AND price_cents > 0`);
        assert.notDeepEqual(json().reports.totals, first.reports.totals);
        ok(restore(place));
        assert.deepEqual(json().reports, first.reports);
    });

    test('into an empty folder, as on a new machine', () => {
        const place = school();
        const fresh = { ...place, data: path.join(place.dir, 'fresh') };
        ok(restore(fresh, ['--verify']));
        assert.equal(count(fresh.data), count(place.data));
    });

    test('an encrypted one with its key only', () => {
        const place = school();
        const rights = { env: { TALLER_BACKUP_KEY: 'una frase bastante larga' } };
        place.file = path.join(place.dir, 'sealed.db');
        ok(taller(['backup', place.file, '--data', place.data], rights));
        addTopic(place.data, 'later');
        refused(place, /is encrypted: set TALLER_BACKUP_KEY/);
        refused(place, /cannot be decrypted/, [], { env: { TALLER_BACKUP_KEY: 'otra frase bien larga' } });
        forge(place.file, (file) => fs.truncateSync(file, fs.statSync(file).size - 70000));
        refused(place, /cannot be decrypted/, [], rights);
        fs.rmSync(place.file);
        fs.rmSync(`${place.file}.json`);
        const hex = { env: { TALLER_BACKUP_KEY: '0123456789abcdef'.repeat(4) } };
        ok(taller(['backup', place.file, '--data', place.data], hex));
        addTopic(place.data, 'later still');
        const now = count(place.data);
        ok(restore(place, ['--verify'], hex));
        assert.equal(count(place.data), now - 1);
    });

    test('refuses what is not the backup that was made', () => {
        const place = school();
        const whole = fs.readFileSync(place.file);
        fs.appendFileSync(place.file, 'x');
        refused(place, /is not what it was when it was made/);
        fs.writeFileSync(place.file, whole.subarray(0, 100000));
        refused(place, /is not what it was when it was made/);
        forge(place.file, () => {});
        refused(place, /is damaged/);
        forge(place.file, (file) => fs.writeFileSync(file, 'Dear diary, '.repeat(5000)));
        refused(place, /is damaged, or no database/);
        forge(place.file, (file) => fs.writeFileSync(file, whole));
        forge(place.file, (file) => shell(file, "INSERT INTO topic (name) VALUES ('slipped in')"));
        refused(place, /has \d+ rows in (topic|change_log), its record says \d+/);
        forge(place.file, (file) => shell(file, 'PRAGMA user_version = 999'));
        refused(place, /made by a newer version of this program/);
        forge(place.file, (file) => shell(file, 'PRAGMA application_id = 7'));
        refused(place, /database of another program/);
        fs.writeFileSync(`${place.file}.json`, '{}');
        refused(place, /is not the record of a backup/);
        refused({ ...place, file: '/nowhere/x.db' }, /\/nowhere\/x\.db cannot be read/);
    });

    test('refuses a database copied with its log beside', () => {
        const place = school();
        fs.writeFileSync(`${place.file}-wal`, 'part of it');
        refused(place, /was copied from a running database/);
    });

    test('a page torn inside the file is found', () => {
        const place = school();
        forge(place.file, (file) => {
            const bytes = fs.readFileSync(file);
            for (let page = 20; page < 60; page++) bytes.fill(0xff, page * 4096 + 8, page * 4096 + 200);
            fs.writeFileSync(file, bytes);
        });
        refused(place, /is damaged/);
    });

    test('what is doubtful is told, and refused with --verify', () => {
        const place = school();
        fs.rmSync(`${place.file}.json`);
        refused(place, /not restored with --verify: .*school\.db\.json, its record/, ['--verify']);
        assert.match(ok(restore(place)).stderr, /^taller: mind: .*school\.db\.json[^\n]*\n$/);
        const other = school();
        forge(other.file, (file) => shell(file, `UPDATE orders SET total_cents = total_cents + 1
            WHERE id = (SELECT min(id) FROM orders WHERE status = 'paid')`));
        refused(other, /--verify: the books are not true: \w+ of \w+ \d+/, ['--verify']);
        assert.match(ok(restore(other)).stderr, /mind: the books are not true/);
    });

    test('refuses while a server holds the folder, or somebody else the database', async () => {
        const place = school();
        const shop = await open({ data: place.data });
        const done = restore(place);
        assert.equal(done.status, 1);
        assert.match(done.stderr, /^taller: another server holds the data folder [^\n]+\n$/);
        await shop.stop({ keep: true });
        const other = spawn('sqlite3', [database(place.data)], { stdio: ['pipe', 'pipe', 'ignore'] });
        other.stdin.write('SELECT count(*) FROM topic; BEGIN; SELECT 1 FROM topic;\n');
        await new Promise((resolve) => { other.stdout.once('data', resolve); });
        refused(place, /another program has the database .* open/);
        other.kill('SIGKILL');
        await new Promise((resolve) => { other.once('close', resolve); });
        ok(restore(place));
    });

    test('keeps what a killed server had confirmed', async () => {
        const place = school();
        const shop = await open({ data: place.data });
        shop.sql("INSERT INTO topic (name) VALUES ('confirmed')");
        shop.process.kill('SIGKILL');
        await shop.ended;
        ok(restore(place));
        const backups = path.join(place.data, 'backups');
        const kept = () => fs.readdirSync(backups).filter((name) => name.startsWith('replaced-'));
        assert.equal(shell(path.join(backups, kept()[0]),
            "SELECT count(*) FROM topic WHERE name = 'confirmed'"), '1');
    });
});

// The log of a database that cannot take it up any more, left by a server that was killed or by a
// shell in the middle of a change. SQLite would read either into whatever has the name.
describe('a log that was left beside a database', () => {
    /** {place, log}: as a killed server leaves it. */
    async function killedServer() {
        const place = school();
        const shop = await open({ data: place.data });
        shop.sql("INSERT INTO topic (name) VALUES ('in the log')");
        shop.process.kill('SIGKILL');
        await shop.ended;
        return { place, log: '-wal' };
    }

    /** The same of a program that keeps a rollback journal, killed half-way. */
    async function killedShell() {
        const place = school();
        const shell = spawn('sqlite3', [database(place.data)], { stdio: ['pipe', 'pipe', 'inherit'] });
        shell.stdin.write('PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN;\n'
            + "UPDATE topic SET name = name || ' half-way';\n"
            + "UPDATE account SET first_name = first_name || '!'; SELECT 'changed';\n");
        let said = '';
        shell.stdout.on('data', (chunk) => { said += chunk; });
        await until(() => said.includes('changed'));
        shell.kill('SIGKILL');
        await new Promise((resolve) => { shell.once('close', resolve); });
        return { place, log: '-journal' };
    }

    const damages = {
        damaged: (file) => {
            const handle = fs.openSync(file, 'r+');
            fs.writeSync(handle, Buffer.from('garbage '.repeat(512)), 0, 4096, 0);
            fs.closeSync(handle);
        },
        empty: (file) => fs.truncateSync(file, 0),
        gone: (file) => fs.rmSync(file),
    };

    for (const left of [killedServer, killedShell])
        for (const [how, damage] of Object.entries(damages)) {
            // A journal has the old first page: it mends this damage.
            if (left === killedShell && how === 'damaged') continue;
            test(`that is ${how} is kept with it, and not read into the new one (${left.name})`, async () => {
                const { place, log } = await left();
                const file = database(place.data);
                damage(file);
                const old = { log: sum(file + log), file: fs.existsSync(file) && sum(file) };
                const done = ok(restore(place, ['--verify']));
                assert.equal(done.stderr, '');
                assert.equal(shell(file, 'PRAGMA integrity_check'), 'ok');
                assert.equal(count(place.data), 6);
                assert.equal(shell(file, "SELECT count(*) FROM topic WHERE name LIKE '%the log'"
                    + " OR name LIKE '%half-way'"), '0');
                for (const end of ['-wal', '-shm', '-journal'])
                    assert.ok(!fs.existsSync(file + end), end);
                const backups = path.join(place.data, 'backups');
                const kept = fs.readdirSync(backups).filter((name) => name.startsWith('replaced-')).sort();
                assert.deepEqual(kept.map((name) => name.replace(/^replaced-\d{8}T\d{6}Z/, '')),
                    old.file ? ['.db', `.db${log}`] : [`.db${log}`]);
                assert.equal(sum(path.join(backups, kept.at(-1))), old.log);
                if (old.file) assert.equal(sum(path.join(backups, kept[0])), old.file);
            });
        }
});

/** Starts a command and kills it after so many milliseconds; true if it had ended by itself. */
async function killed(args, ms, env = {}) {
    const child = spawn(BINARY, args, { stdio: 'ignore', env: { ...process.env, ...env } });
    const end = new Promise((resolve) => { child.once('close', (status) => resolve(status)); });
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    const status = await end;
    clearTimeout(timer);
    return status === 0;
}

/** How long it takes when nobody kills it, in milliseconds. */
async function duration(args, env) {
    const begin = Date.now();
    assert.ok(await killed(args, 60000, env));
    return Date.now() - begin;
}

describe(`killed at ${ROUNDS} moments`, () => {
    test('a restore leaves the old school or the new one, whole', async () => {
        const place = school();
        const args = ['restore', place.file, '--verify', '--data', place.data];
        const whole = await duration(args);
        const seen = { old: 0, new: 0 };
        for (let round = 0; round < ROUNDS; round++) {
            if (count(place.data) === 6) addTopic(place.data, 'later');
            const done = await killed(args, Math.random() * whole * 1.2);
            assert.equal(shell(database(place.data), 'PRAGMA integrity_check'), 'ok');
            const is = count(place.data);
            assert.ok(is === 6 || (is === 7 && !done), `${is} topics`);
            seen[is === 6 ? 'new' : 'old']++;
        }
        ok(taller(['backup', path.join(place.dir, 'after.db'), '--data', place.data]));
        ok(restore(place, ['--verify']));
        assert.deepEqual(fs.readdirSync(place.data).filter((name) => name.includes('restoring')), []);
        assert.ok(seen.old > 0, JSON.stringify(seen));
    });

    test('a backup leaves no file that is not one', async () => {
        const place = school();
        const env = { TALLER_BACKUP_KEY: 'e'.repeat(64) };
        const first = path.join(place.dir, 'first.db');
        const whole = await duration(['backup', first, '--data', place.data], env);
        for (let round = 0; round < ROUNDS; round++) {
            const file = path.join(place.dir, `copy${round}.db`);
            await killed(['backup', file, '--data', place.data], Math.random() * whole * 1.2, env);
            if (!fs.existsSync(file)) { // what is left is no obstacle
                ok(taller(['backup', file, '--data', place.data], { env }));
            }
            const record = JSON.parse(fs.readFileSync(`${file}.json`, 'utf8'));
            assert.equal(record.sha256, sum(file));
            fs.rmSync(file);
        }
        ok(restore({ ...place, file: first }, ['--verify'], { env }));
    });
});

test('a backup made while purchases run has books that balance', async () => {
    const shop = await open({ sandbox: true, settings: { signups_per_address: '100000' } });
    const slug = addWorkshop(shop, { capacity: 1000 });
    let buying = true;
    let bought = 0;
    const buyer = async () => {
        while (buying) {
            const rosa = await signUp(shop);
            mustRedirect(await addToCart(rosa, slug, await addStudent(rosa)));
            mustRedirect(await checkoutCard(rosa));
            bought++;
        }
    };
    const buyers = [buyer(), buyer(), buyer()];
    const dir = folder();
    const files = [];
    await until(() => bought >= 3);
    for (let i = 0; i < (process.env.TEST_SLOW ? 20 : 4); i++) {
        const file = path.join(dir, `at${i}.db`);
        const child = spawn(BINARY, ['backup', file, '--data', shop.data], { stdio: 'ignore' });
        assert.equal(await new Promise((resolve) => { child.once('close', resolve); }), 0);
        files.push(file);
        const goal = bought + 2;
        await until(() => bought >= goal);
    }
    buying = false;
    await Promise.all(buyers);
    await shop.stop();
    let last = 0;
    for (const [i, file] of files.entries()) {
        const data = path.join(dir, `data${i}`);
        ok(taller(['restore', file, '--verify', '--data', data]));
        const paid = Number(shell(database(data), "SELECT count(*) FROM orders WHERE status = 'paid'"));
        assert.ok(paid > last, `${paid} orders after ${last}`);
        last = paid;
    }
    const shop2 = await open({ data: path.join(dir, 'data0') }); // and it sells on
    const rosa = await signUp(shop2);
    mustRedirect(await addToCart(rosa, slug, await addStudent(rosa)));
    mustRedirect(await checkoutCard(rosa));
    await shop2.stop();
});
