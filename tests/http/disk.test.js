'use strict';
// A disk that is full, read-only or gone: the site reads where it can, says 503 with Retry-After
// where it must, loses nothing it has confirmed, and recovers by itself. The disks are small file
// systems, mounted for the test; where nothing can be mounted this is said and skipped.
//
// Nobody can remount a file system read-only while a server writes to it: it is busy. It becomes so
// by itself, after an error: ext4 in a file is told to behave as after one, for good, and a file
// system of our own (disk_fuse.c) does so for a while.

const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, test } = require('node:test');
const { BINARY, addStudent, addToCart, addWorkshop, checkoutCard, mustRedirect, signUp, start, taller,
    until } = require('../lib/shop.js');
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

/** A disk of ext4 in a file: {dir, data, elsewhere()}; undefined where there is none. */
function journaledDisk() {
    const image = path.join(folder(), 'image');
    const mount = (file) => {
        const dir = folder();
        if (run('mount', '-o', 'loop', file, dir).status !== 0) return undefined;
        mounted.push(dir);
        return dir;
    };
    fs.writeFileSync(image, '');
    fs.truncateSync(image, 64 << 20);
    const dir = run('mkfs.ext4', '-q', '-F', image).status === 0 ? mount(image) : undefined;
    if (!dir) return undefined;
    const data = path.join(dir, 'data');
    fs.mkdirSync(data, { mode: 0o700 });
    /** The data folder as another machine finds it that is given the disk. (It cannot be mounted
     * anew here for as long as another name space of mounts still has it.) */
    const elsewhere = () => {
        fs.copyFileSync(image, `${image}.copy`);
        return path.join(mount(`${image}.copy`), 'data');
    };
    return { dir, data, elsewhere };
}

const disks = [];
/** A disk that is 'ro' or 'rw' as it is told: {data, become(mode)}; undefined where there is none. */
async function fickleDisk() {
    const data = folder();
    const beside = path.join(path.dirname(BINARY), 'disk_fuse');
    const program = fs.existsSync(beside) ? beside : path.resolve(__dirname, '../../build/dev/disk_fuse');
    const child = spawn(program, [folder(), data], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => { child.once('close', resolve); });
    let said = '';
    child.stdout.on('data', (chunk) => { said += chunk; });
    const says = (word) => until(() => said.endsWith(`${word}\n`) || child.exitCode !== null);
    disks.push({ child, ended });
    await says('mounted');
    if (child.exitCode !== null) return undefined;
    const become = (mode) => {
        child.stdin.write(`${mode}\n`);
        return says(mode);
    };
    return { data, become };
}

after(async () => {
    for (const { child, ended } of disks) {
        child.stdin.end();
        await ended;
    }
});

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
    for (const event of ['sql_failed', 'backup_failed', 'database_gone', 'disk_read_only', 'snapshot_folder',
        'snapshot_not_made'])
        shop.allow(event);
}

const readers = [];
after(() => readers.forEach((child) => child.kill('SIGKILL')));
/** Somebody with a shell, in the middle of reading: what is written meanwhile is not copied from the
 * log into the database before close(). */
async function reading(shop) {
    const child = spawn('sqlite3', [shop.db], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => { child.once('close', resolve); });
    readers.push(child);
    child.stdin.write('BEGIN; SELECT count(*) FROM topic;\n');
    await new Promise((resolve) => { child.stdout.once('data', resolve); });
    return {
        close: () => {
            child.kill('SIGKILL');
            return ended;
        },
    };
}

/** A shop with one order that is paid and one that is about to be; nothing is being written. */
async function shopOn(data) {
    const shop = await open({ sandbox: true, data });
    allowDiskTrouble(shop);
    const slug = addWorkshop(shop);
    const reader = await reading(shop);
    const rosa = await signUp(shop);
    mustRedirect(await addToCart(rosa, slug, await addStudent(rosa)));
    mustRedirect(await checkoutCard(rosa));
    mustRedirect(await addToCart(rosa, slug, await addStudent(rosa)));
    await rosa.get('/store/order-summary/');
    assert.equal(await ready(shop), 200); // it waits in line behind what is being written
    return { shop, rosa, slug, reader };
}

/** Pages are read, nothing is sold, and both are said to whoever asks. */
async function readsOnly({ shop, rosa, slug, reader }) {
    for (const address of ['/', '/workshops/', `/workshops/${slug}/`, '/store/order-summary/'])
        assert.equal((await rosa.get(address)).status, 200, address);
    await rosa.get('/store/order-summary/');
    unavailable(await checkoutCard(rosa));
    await until(async () => await ready(shop) === 503);
    await reader.close(); // the log could be copied now, if the disk took it
    await until(() => shop.events('disk_read_only').length > 0);
    unavailable(await checkoutCard(rosa));
    assert.equal(await ready(shop), 503);
    assert.equal((await fetch(`${shop.ops}/healthz`)).status, 200, 'alive all the same');
    assert.equal((await shop.browser().get(`/workshops/${slug}/`)).status, 200, 'for strangers too');
    assert.equal(shop.events('disk_read_only').length, 1, 'said once');
}

const paid = (shop) => shop.value("SELECT count(*) FROM orders WHERE status = 'paid'");

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
    assert.match((await owner.get('/admin/backups/')).main, /No queda sitio en el disco\.|There is no room left on the disk\./);
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

test('a disk that is read-only for a while: pages are read, and then it sells on by itself', needs, async (t) => {
    const disk = await fickleDisk();
    if (!disk) return t.skip('no file system in user space can be mounted here');
    const place = await shopOn(disk.data);
    const { shop, rosa } = place;
    const before = shop.state();
    await disk.become('ro');
    await readsOnly(place);
    await disk.become('rw');
    await until(async () => await ready(shop) === 200);
    shop.unchanged(before);
    mustRedirect(await checkoutCard(rosa));
    assert.equal(paid(shop), 2);
    assert.equal(shop.value('PRAGMA integrity_check'), 'ok');
    await shop.stop({ keep: true });
    assert.equal(taller(['backup', path.join(folder(), 'after.db'), '--data', disk.data]).status, 0);
});

test('a disk that fails for good: pages are read, and all that was sold is on it', needs, async (t) => {
    const disk = journaledDisk();
    if (!disk) return t.skip('no ext4 can be mounted from a file here');
    const place = await shopOn(disk.data);
    const { shop } = place;
    const before = shop.state();
    assert.equal(run('mount', '-o', 'remount,abort', disk.dir).status, 0);
    try {
        fs.readFileSync(path.join(disk.data, 'taller.lock'));
    } catch (error) { // Linux 6.6 to 6.13 reads nothing from such a disk either
        shop.process.kill('SIGKILL');
        return t.skip(`this kernel reads nothing from a disk after an error (${error.code})`);
    }
    await readsOnly(place);
    await shop.stop({ keep: true });
    const next = await open({ data: disk.elsewhere() });
    next.unchanged(before);
    assert.equal(next.value('PRAGMA integrity_check'), 'ok');
    const browser = await signUp(next, {}, next.browser()); // it sells on
    mustRedirect(await addToCart(browser, place.slug, await addStudent(browser)));
    mustRedirect(await checkoutCard(browser));
    assert.equal(paid(next), 2);
    await next.stop({ keep: true });
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
