'use strict';
// A disk that is full, read-only or gone: the site reads where it can, says 503 with Retry-After
// where it must, loses nothing it has confirmed, and recovers by itself. The disks are small file
// systems in memory, mounted for the test; where nothing can be mounted this is said and skipped.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, test } = require('node:test');
const { addStudent, addToCart, addWorkshop, checkoutCard, mustRedirect, signUp, start, taller, until } =
    require('../lib/shop.js');
const { hire } = require('../lib/staff.js');

const run = (command, ...args) => spawnSync(command, args, { encoding: 'utf8' });
const mounted = [];
/** A server that ends with the file, however its test does. */
const shops = [];
async function open(options) {
    shops.push(await start(options));
    return shops.at(-1);
}
after(() => shops.forEach((shop) => shop.process.kill('SIGKILL')));

const made = [];
function folder() {
    made.push(fs.mkdtempSync(path.join(os.tmpdir(), 'taller-disk-')));
    return made.at(-1);
}

/** A file system of so many megabytes; undefined where none can be mounted. */
function disk(size, dir = folder()) {
    const done = run('mount', '-t', 'tmpfs', '-o', `size=${size}m,mode=700`, 'none', dir);
    if (done.error || done.status !== 0) return undefined;
    mounted.push(dir);
    return dir;
}

after(() => {
    for (const dir of mounted) run('umount', '-l', dir);
    for (const dir of made) fs.rmSync(dir, { recursive: true, force: true });
});

const probe = disk(1);
const needs = { skip: !probe && 'no file system can be mounted here (it takes root)' };

/** Fills a disk to the last byte; gives what empties it again. */
function fill(dir) {
    const file = path.join(dir, 'ballast');
    run('dd', 'if=/dev/zero', `of=${file}`, 'bs=64k');
    run('dd', 'if=/dev/zero', `of=${file}`, 'bs=512', 'oflag=append', 'conv=notrunc');
    return () => fs.rmSync(file);
}

function unavailable(answer) {
    assert.equal(answer.status, 503, answer.main);
    assert.match(String(answer.headers['retry-after']), /^\d+$/);
}

const ready = async (shop) => (await fetch(`${shop.ops}/readyz`)).status;

function allowDiskTrouble(shop) {
    for (const event of ['sql_failed', 'backup_failed', 'database_gone']) shop.allow(event);
}

test('a full disk: pages are read, nothing is half-done, and with room again it goes on', needs, async () => {
    const data = disk(16);
    const shop = await open({ sandbox: true, data });
    allowDiskTrouble(shop);
    const rosa = await signUp(shop);
    const slug = addWorkshop(shop);
    mustRedirect(await addToCart(rosa, slug, await addStudent(rosa)));
    const owner = await hire(shop, 'owner');
    await owner.get('/admin/backups/');
    const empty = fill(data);
    const before = shop.state();
    await until(async () => await ready(shop) === 503);
    for (const address of ['/', '/workshops/', `/workshops/${slug}/`, '/store/order-summary/'])
        assert.equal((await rosa.get(address)).status, 200, address);
    await rosa.get('/store/order-summary/');
    unavailable(await checkoutCard(rosa));
    shop.unchanged(before);
    assert.equal((await fetch(`${shop.ops}/healthz`)).status, 200, 'alive all the same');

    await owner.get('/admin/backups/');
    mustRedirect(await owner.submit('/admin/backups/make/', {}));
    await until(() => shop.events('backup_failed').length > 0);
    assert.match(shop.events('backup_failed')[0].reason, /there is no room for the backup/);
    const byHand = taller(['backup', path.join(data, 'x.db'), '--data', data]);
    assert.equal(byHand.status, 1);
    assert.match(byHand.stderr, /there is no room for the backup .*MB are free/);
    const doctor = taller(['doctor', '--data', data]);
    assert.equal(doctor.status, 1);
    assert.match(doctor.stdout, /✗ disk +The disk of .* has 0 MB left/);

    empty();
    await until(async () => await ready(shop) === 200);
    mustRedirect(await checkoutCard(rosa));
    assert.equal(shop.value("SELECT count(*) FROM orders WHERE status = 'paid'"), 1);
    await shop.stop({ keep: true });
    assert.equal(taller(['backup', path.join(folder(), 'after.db'), '--data', data]).status, 0);
});

test('a disk that is read-only: commands say so in a sentence, and change nothing', needs, () => {
    const data = disk(16);
    assert.equal(taller(['demo', '--data', data]).status, 0);
    const copy = path.join(folder(), 'copy.db');
    assert.equal(taller(['backup', copy, '--data', data]).status, 0);
    assert.equal(run('mount', '-o', 'remount,ro', data).status, 0);
    for (const args of [['serve', '--https', '127.0.0.1:0', '--http', '', '--ops', ''],
        ['restore', copy], ['backup', path.join(data, 'x.db')]]) {
        const done = taller([...args, '--data', data]);
        assert.equal(done.status, 1, args[0]);
        assert.match(done.stderr, /^taller: [^\n]*(cannot be written|Read-only)[^\n]*\n$/, args[0]);
    }
    const doctor = taller(['doctor', '--data', data]);
    assert.equal(doctor.status, 1);
    assert.match(doctor.stdout, /✗ folder +.*cannot be written/);
});

test('a folder that is gone: reading goes on, nothing is written to a file without a name', async () => {
    const home = path.join(folder(), 'home');
    fs.mkdirSync(home, { mode: 0o700 });
    const shop = await open({ sandbox: true, data: home });
    allowDiskTrouble(shop);
    const rosa = await signUp(shop);
    const slug = addWorkshop(shop);
    mustRedirect(await addToCart(rosa, slug, await addStudent(rosa)));
    await rosa.get('/store/order-summary/');
    const away = `${home}.away`;
    fs.renameSync(home, away);
    await until(async () => await ready(shop) === 503);
    assert.equal((await rosa.get(`/workshops/${slug}/`)).status, 200);
    unavailable(await checkoutCard(rosa));
    assert.equal(shop.events('database_gone').length, 1, 'said once');
    fs.renameSync(away, home);
    await until(async () => await ready(shop) === 200);
    mustRedirect(await checkoutCard(rosa));
    assert.equal(shop.events('database_back').length, 1);
    await shop.stop();
});

test('another database in its place ends the process, for a new one to open it', async () => {
    const home = path.join(folder(), 'home');
    fs.mkdirSync(home, { mode: 0o700 });
    const shop = await open({ data: home });
    fs.renameSync(home, `${home}.away`);
    assert.equal(taller(['demo', '--data', home]).status, 0);
    await Promise.race([fetch(`${shop.ops}/readyz`).catch(() => {}), shop.ended]);
    const end = await shop.ended;
    assert.deepEqual(end, { status: 1, signal: null });
    assert.equal(shop.events('database_replaced').length, 1);
    for (const browser of shop.browsers) browser.close();
});
