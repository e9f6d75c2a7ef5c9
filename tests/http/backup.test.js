'use strict';
// Backups: by hand beside a running server, from the administration, by the clock; and what asks the
// running server whether it is ready.

const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { BINARY, addStudent, addToCart, addTopic, addWorkshop, checkoutCard, freePort, mustRedirect,
    signUp, taller, tallerBeside, until } = require('../lib/shop.js');
const { folder, open } = require('../lib/places.js');
const { hire } = require('../lib/staff.js');

const sum = (file) => crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');
const record = (file) => JSON.parse(fs.readFileSync(`${file}.json`, 'utf8'));
const shell = (file, query) =>
    execFileSync('sqlite3', [file, query], { encoding: 'utf8', stdio: 'pipe' }).trim();

/** Failed with status 1 and one sentence. */
function refused(done, pattern) {
    assert.equal(done.status, 1, done.stderr);
    assert.equal(done.stdout, '');
    assert.match(done.stderr, /^taller: [^\n]+\n$/);
    assert.match(done.stderr, pattern);
}

describe('taller backup', () => {
    let shop;
    before(async () => { shop = await open({ sandbox: true }); });
    after(() => shop.stop());

    test('beside a running server makes one file that is the school, and a record of it', async () => {
        const rosa = await signUp(shop);
        mustRedirect(await addToCart(rosa, addWorkshop(shop), await addStudent(rosa)));
        mustRedirect(await checkoutCard(rosa));
        const file = path.join(folder(), 'school.db');
        const done = taller(['backup', file, '--data', shop.data]);
        assert.equal(done.status, 0, done.stderr);
        assert.equal(done.stderr, '');
        assert.match(done.stdout, /SHA-256 [0-9a-f]{64}\n/);
        const said = record(file);
        assert.equal(said.sha256, sum(file));
        assert.equal(said.bytes, fs.statSync(file).size);
        assert.equal(said.encrypted, false);
        assert.equal(said.file, 'school.db');
        assert.ok(Math.abs(said.made_at - Date.now() / 1000) < 120);
        for (const table of ['account', 'orders', 'payment', 'receipt', 'inscription'])
            assert.equal(said.rows[table], Number(shell(file, `SELECT count(*) FROM ${table}`)), table);
        assert.ok(said.rows.orders >= 1);
        assert.equal(shell(file, 'PRAGMA integrity_check'), 'ok');
        assert.equal(fs.statSync(file).mode & 0o777, 0o600);
        assert.deepEqual(fs.readdirSync(path.dirname(file)).sort(), ['school.db', 'school.db.json']);
    });

    test('makes the folder backups/ of a school that has none yet, and no other folder', () => {
        const dir = folder();
        assert.equal(taller(['demo', '--data', dir]).status, 0);
        const file = path.join(dir, 'backups', 'by-hand.db');
        assert.equal(taller(['backup', file, '--data', dir]).status, 0);
        assert.equal(fs.statSync(path.dirname(file)).mode & 0o777, 0o700);
        refused(taller(['backup', path.join(dir, 'copies', 'x.db'), '--data', dir]), /copies/);
    });

    test('never replaces a file, nor one that is called like its record', () => {
        const file = path.join(folder(), 'school.db');
        fs.writeFileSync(file, 'mine');
        refused(taller(['backup', file, '--data', shop.data]), /school\.db exists already/);
        assert.equal(fs.readFileSync(file, 'utf8'), 'mine');
        const other = path.join(folder(), 'other.db');
        fs.writeFileSync(`${other}.json`, '{"mine": true}');
        refused(taller(['backup', other, '--data', shop.data]), /other\.db\.json exists already/);
        assert.ok(!fs.existsSync(other));
    });

    test('is made once by many who make the same file, and its record is its own', async () => {
        for (let round = 0; round < 6; round++) {
            const file = path.join(folder(), 'school.db');
            const env = round % 2 ? { TALLER_BACKUP_KEY: 'd'.repeat(64) } : {};
            const tries = [];
            for (let i = 0; i < 8; i++) {
                tries.push(tallerBeside(['backup', file, '--data', shop.data], { env }));
                addTopic(shop); // no two of them would hold the same rows
            }
            const [made, ...more] = (await Promise.all(tries)).sort((a, b) => a.status - b.status);
            assert.equal(made.status, 0, made.stderr);
            for (const done of more)
                refused(done, /school\.db (exists already|is being made by another backup already)/);
            const said = record(file);
            assert.equal(said.sha256, sum(file));
            assert.ok(made.stdout.includes(said.sha256));
            assert.equal(said.bytes, fs.statSync(file).size);
            assert.deepEqual(fs.readdirSync(path.dirname(file)).sort(), ['school.db', 'school.db.json']);
            const data = path.join(folder(), 'data'); // its rows are counted there
            assert.equal(taller(['restore', file, '--verify', '--data', data], { env }).status, 0);
        }
    });

    test('waits for nobody: what is being made is left alone, what a killed one left is not', async () => {
        const env = { TALLER_BACKUP_KEY: 'una frase que se deriva despacio' };
        const args = (file) => ['backup', file, '--data', shop.data];
        const halfWay = (file) => fs.existsSync(`${file}.hold.part`) && !fs.existsSync(file);
        /** One that is stopped half-way: {file, child}. It may be quicker than that. */
        const stopOne = async () => {
            const file = path.join(folder(), 'school.db');
            const child = spawn(BINARY, args(file), { stdio: 'ignore', env: { ...process.env, ...env } });
            const ended = new Promise((resolve) => { child.once('close', resolve); });
            await until(() => fs.existsSync(`${file}.hold.part`) || child.exitCode !== null);
            child.kill('SIGSTOP');
            const state = () => fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8').match(/\) (.)/)[1];
            await until(() => child.exitCode !== null || 'TZ'.includes(state()));
            if (halfWay(file)) return { file, child, ended };
            child.kill('SIGKILL');
            return undefined;
        };
        const { file, child, ended } = await until(stopOne);
        refused(taller(args(file)), /school\.db is being made by another backup already/);
        assert.ok(halfWay(file));
        child.kill('SIGKILL');
        await ended;
        for (const end of ['.part', '.seal.part', '.json.part'])
            fs.appendFileSync(file + end, 'half of it');
        const done = taller(args(file));
        assert.equal(done.status, 0, done.stderr);
        assert.equal(record(file).sha256, sum(file));
        assert.equal(shell(file, 'PRAGMA integrity_check'), 'ok');
        assert.deepEqual(fs.readdirSync(path.dirname(file)).sort(), ['school.db', 'school.db.json']);
    });

    test('says what is wrong, and leaves nothing behind', () => {
        const dir = folder();
        refused(taller(['backup', '/nowhere/x.db', '--data', shop.data]), /\/nowhere\/x\.db/);
        refused(taller(['backup', path.join(dir, 'x.db'), '--data', dir]), /there is no school in/);
        assert.deepEqual(fs.readdirSync(dir), []);
        const missing = path.join(dir, 'missing');
        refused(taller(['backup', path.join(dir, 'x.db'), '--data', missing]), /no school/);
        assert.ok(!fs.existsSync(missing), 'no folder was made');
    });

    test('with a key is encrypted; a short key is refused', () => {
        const file = path.join(folder(), 'sealed.db');
        const short = taller(['backup', file, '--data', shop.data],
            { env: { TALLER_BACKUP_KEY: 'corta' } });
        assert.equal(short.status, 2);
        assert.doesNotMatch(short.stderr, /corta/);
        assert.equal(taller(['backup', file, '--data', shop.data, '--backup-key', 'x'.repeat(20)])
            .status, 2, 'a secret is never a flag');
        const done = taller(['backup', file, '--data', shop.data],
            { env: { TALLER_BACKUP_KEY: 'una frase bastante larga' } });
        assert.equal(done.status, 0, done.stderr);
        const bytes = fs.readFileSync(file);
        assert.ok(!bytes.includes('SQLite format') && !bytes.includes('@example.com'));
        assert.equal(record(file).encrypted, true);
        assert.equal(record(file).sha256, sum(file));
        assert.deepEqual(fs.readdirSync(path.dirname(file)).length, 2);
    });

    test('takes the identity of the folder’s owner when root runs it',
        { skip: (process.getuid() !== 0 && 'only root can become somebody else')
            || (/[/]cover[/]/.test(BINARY) && 'somebody else may not write what was covered') }, () => {
            const dir = folder();
            const data = path.join(dir, 'data');
            fs.mkdirSync(data);
            assert.equal(taller(['demo', '--data', data]).status, 0);
            execFileSync('chown', ['-R', '65534:65534', data]);
            fs.chmodSync(dir, 0o755);
            const file = path.join(data, 'own.db');
            assert.equal(taller(['backup', file, '--data', data]).status, 0);
            assert.equal(fs.statSync(file).uid, 65534);
            assert.equal(fs.statSync(`${file}.json`).uid, 65534);
            refused(taller(['backup', path.join(dir, 'roots.db'), '--data', data]),
                /roots\.db.*Permission denied/);
        });
});

describe('the administration', () => {
    test('shows the last backup, makes one more, and says when it could not', async () => {
        const shop = await open({ settings: { language: 'es' } });
        const owner = await hire(shop, 'owner');
        const backups = path.join(shop.data, 'backups');
        const first = await owner.get('/admin/backups/');
        assert.equal(first.status, 200);
        assert.match(first.main, /Aún no hay ninguna/);
        mustRedirect(await owner.submit('/admin/backups/make/', {}), /^\/admin\/backups\/$/);
        await until(() => fs.existsSync(backups)
            && fs.readdirSync(backups).some((name) => /^taller-\d{8}T\d{6}Z\.db$/.test(name)));
        const second = await owner.get('/admin/backups/');
        assert.match(second.main, /De rutina/);
        assert.match(second.main, /recién|hace/);
        assert.match(second.main, /kB/);
        assert.doesNotMatch((await owner.get('/admin/')).main, /Necesita|última copia/);

        fs.rmSync(backups, { recursive: true });
        fs.writeFileSync(backups, 'in the way');
        shop.allow('backup_failed');
        await owner.get('/admin/backups/');
        mustRedirect(await owner.submit('/admin/backups/make/', {}));
        await until(() => shop.events('backup_failed').length === 1);
        assert.match((await owner.get('/admin/backups/')).main, /No se pudo hacer la última copia/);
        assert.match((await owner.get('/admin/')).main, /No se pudo hacer la última copia/);
        fs.rmSync(backups);
        await owner.get('/admin/backups/');
        mustRedirect(await owner.submit('/admin/backups/make/', {}));
        await until(async () => !(await owner.get('/admin/backups/')).main.includes('No se pudo'));
        await shop.stop();
    });

    test('with a key, what the clock makes is encrypted', async () => {
        const shop = await open({ env: { TALLER_BACKUP_KEY: 'c'.repeat(64) } });
        const owner = await hire(shop, 'owner');
        await owner.get('/admin/backups/');
        mustRedirect(await owner.submit('/admin/backups/make/', {}));
        const backups = path.join(shop.data, 'backups');
        const name = await until(() => fs.existsSync(backups)
            && fs.readdirSync(backups).find((n) => n.endsWith('.db.sealed')));
        assert.ok(!fs.readFileSync(path.join(backups, name)).includes('SQLite format'));
        await shop.stop();
    });
});

describe('taller doctor --live', () => {
    test('is 0 for a server that is ready', async () => {
        const shop = await open();
        const done = taller(['doctor', '--live', '--ops', `127.0.0.1:${shop.ports.ops}`]);
        assert.equal(done.status, 0, done.stderr);
        assert.equal(done.stdout, 'ready\n');
        assert.equal(taller(['doctor', '--live'],
            { env: { TALLER_OPS: `0.0.0.0:${shop.ports.ops}` } }).status, 0);
        await shop.stop();
    });

    test('is 1 and a sentence for one that is not ready, not there, or not ours', async () => {
        const answers = { body: 'the database cannot be written\n', status: 503 };
        const server = http.createServer((request, response) => {
            response.writeHead(answers.status, { 'Content-Length': answers.body.length })
                .end(answers.body);
        });
        await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
        const { port } = server.address();
        const ask = () => new Promise((resolve) => {
            const child = spawn(BINARY, ['doctor', '--live', '--ops', `127.0.0.1:${port}`]);
            let stderr = '';
            child.stderr.on('data', (chunk) => { stderr += chunk; });
            child.on('close', (status) => resolve({ status, stderr, stdout: '' }));
        });
        refused(await ask(), /not ready: the database cannot be written \(503\)/);
        server.close();
        refused(taller(['doctor', '--live', '--ops', `127.0.0.1:${await freePort()}`]),
            /no server answers at 127\.0\.0\.1:\d+ \(--ops\)/);
        refused(taller(['doctor', '--live', '--ops', '']), /--ops is ''/);
    });
});
