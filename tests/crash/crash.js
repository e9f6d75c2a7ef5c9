'use strict';
// Nothing confirmed is ever lost: the server under purchase load, killed over and over; every point
// at which a disk or memory may fail; power cuts after every change of the disk. After each of them
// the school is judged. Prints a table of what was done; the last line is "N passed, N failed".
//
//     SEED=7 node tests/crash/crash.js          the sample that CI takes, a minute and a half
//     CRASH=full node tests/crash/crash.js      everything, an hour
//     node tests/crash/crash.js kills cuts      some parts only
//
// What is drawn by chance is drawn by SEED. A violation of the points names what to run again:
// `build/dev/crash/points at FAULT STEP`.

const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { BINARY, ROOT, addWorkshop, start, until } = require('../lib/shop.js');
const { makeAuthority, openMailbox } = require('../lib/mailbox.js');
const { Families } = require('./families.js');
const { judgeDoctor, judgeMails, judgeRows } = require('./judge.js');

const FULL = process.env.CRASH === 'full';
const SEED = Number(process.env.SEED ?? Date.now() % 1e6);
const TOOLS = path.join(ROOT, 'build/dev/crash');
const FAMILIES = 8;
const GENERATION = 100; // lives of a school, which gets slower to judge as it grows

/** Chance that can be had again (mulberry32). */
function makeChance(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let x = Math.imul(state ^ (state >>> 15), state | 1);
        x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
        return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
    };
}
const chance = makeChance(SEED);
const every = (full, sample) => (FULL ? full : sample);
const between = (low, high) => low + Math.floor(chance() * (high - low));
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// ---- a school and its lives ---------------------------------------------------------------------

/** A folder that is gone at the end. */
function temporary(t) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-crash-'));
    t.folders.push(folder);
    return folder;
}

/** Workshops with seats for three, for five, for all, in turn; gives their slugs. */
function addWorkshops(shop, count) {
    const model = addWorkshop(shop);
    const columns = shop.sql(`SELECT name FROM pragma_table_info('workshop')
        WHERE name NOT IN ('id', 'slug', 'capacity')`).map((column) => column.name).join(', ');
    shop.sql(`INSERT INTO workshop (slug, capacity, ${columns}) SELECT 'taller-' || value,
        CASE value % 3 WHEN 0 THEN 3 WHEN 1 THEN 5 END, ${columns}
        FROM workshop, generate_series(1, ${count}) WHERE slug = '${model}'`);
    return Array.from({ length: count }, (_, i) => `taller-${i + 1}`);
}

/** A school with families and more workshops than they can buy in so many lives. The server runs.
 * tell(order): a family was told that its order is paid. */
async function openSchool(t, options, lives, tell) {
    const shop = await start({ sandbox: true, ...options,
        settings: { signups_per_address: '1000', ...options.settings } });
    t.shops.push(shop);
    shop.allowed = [];
    const families = new Families(shop, addWorkshops(shop, 20 + 10 * lives), tell);
    await families.signUp(FAMILIES);
    return { shop, families };
}

/** Another life of the same school, if it gets so far: one that dies while it starts is no life. */
async function liveAgain({ shop, families }) {
    shop.log = [];
    shop.strange = [];
    try {
        await shop.run();
    } catch (error) {
        if (!/no start/.test(error.message)) throw error;
        return false;
    }
    families.moveTo(shop);
    return true;
}

/** Sells for so long after the server answers; then it is killed. */
async function liveFor(school, ms) {
    const { shop, families } = school;
    await liveAgain(school);
    const bought = families.buy();
    await pause(ms);
    shop.process.kill('SIGKILL');
    await bought;
    await shop.ended;
}

/** Killed while it starts, or just after. */
async function dieEarly(school) {
    const { shop, families } = school;
    const early = pause(between(0, 40)).then(() => shop.process.kill('SIGKILL'));
    if (await liveAgain(school)) await families.buy();
    await early;
    await shop.ended;
}

/** Everything that must be true now, on a server that was started for it. */
async function judge(school) {
    if (!await liveAgain(school)) return ['it does not start any more'];
    const { shop, families } = school;
    return [...judgeRows(shop, families.confirmed), ...judgeDoctor(shop), ...shop.complaints(),
        ...families.strange.splice(0)];
}

// ---- killed at any moment -----------------------------------------------------------------------

/** The id of the outbox's row that a mail was. */
function mailId(mail) { return Number(mail.messageId.match(/^<(\d+)\./)[1]); }

/** Lets all mail go out as if hours had passed, and judges it. */
async function judgeMail({ shop, families }, mailbox, lives) {
    shop.sql(`UPDATE outbox SET next_attempt_at = 1 WHERE sent_at IS NULL`);
    shop.process.kill('SIGTERM');
    await shop.ended;
    await shop.run();
    await until(() => shop.value('SELECT count(*) FROM outbox WHERE sent_at IS NULL') === 0, 60);
    return judgeMails(shop, families.confirmed, lives());
}

async function killGeneration(t, kills, authority) {
    const mailbox = await openMailbox({ authority });
    const marks = [0]; // where in mailbox.mails each life begins
    const lives = () => marks.map((at, life) =>
        mailbox.mails.slice(at, marks[life + 1] ?? mailbox.mails.length).map(mailId));
    const school = await openSchool(t, { ...mailbox.shop,
        settings: { mail_from: 'hola@academia.example' } }, kills);
    school.shop.process.kill('SIGKILL');
    await school.shop.ended;
    for (let i = 0; i < kills; i++) {
        marks.push(mailbox.mails.length);
        await (chance() < 0.1 ? dieEarly(school) : liveFor(school, between(5, 300)));
        marks.push(mailbox.mails.length);
        t.add({ kills: 1, judged: 1 }, await judge(school));
        school.shop.process.kill('SIGKILL'); // nothing is asked of a good end either
        await school.shop.ended;
    }
    marks.push(mailbox.mails.length);
    await liveAgain(school);
    t.add({ judged: 1 }, await judgeMail(school, mailbox, lives));
    t.add({ confirmed: school.families.confirmed.size, mails: mailbox.mails.length }, []);
    await school.shop.stop();
    await mailbox.close();
}

async function kills(t) {
    const authority = makeAuthority(temporary(t));
    for (let left = every(1200, 40); left > 0; left -= GENERATION)
        await killGeneration(t, Math.min(left, GENERATION), authority);
}

// ---- killed, or failing, at every step on the disk ----------------------------------------------

/** The program on a disk that fails on demand, from its next start on. */
function onFaultyDisk(shop, env) {
    shop.binary = path.join(TOOLS, 'server');
    shop.options.env = { CRASH_FOLDER: shop.data, ...env };
}

function onSoundDisk(shop) {
    shop.binary = BINARY;
    shop.options.env = {};
}

const FAULTS = ['kill', 'tear', 'kill', 'full', 'sync', 'bad', 'tear', 'short'];

/** One life that ends at step `step`, or suffers there and is killed a little later. */
async function liveToStep(school, fault, step) {
    const { shop, families } = school;
    onFaultyDisk(shop, { CRASH_FAULT: `${fault} ${step}` });
    families.allowed = new Set([200, 303, 422, 500, 503]);
    if (await liveAgain(school)) {
        const end = setTimeout(() => shop.process.kill('SIGKILL'), 250);
        await families.buy();
        clearTimeout(end);
    }
    shop.process.kill('SIGKILL');
    await shop.ended;
    families.allowed = new Set([200, 303, 422]);
    onSoundDisk(shop);
}

async function steps(t) {
    const lives = every(400, 24);
    let school;
    for (let life = 0; life < lives; life++) {
        if (life % GENERATION === 0) {
            if (school) await school.shop.stop();
            school = await openSchool(t, {}, GENERATION);
        }
        school.shop.process.kill('SIGKILL');
        await school.shop.ended;
        const told = school.families.confirmed.size;
        await liveToStep(school, FAULTS[life % FAULTS.length], FULL ? life + 1 : between(1, 300));
        t.add({ kills: 1, judged: 1, confirmed: school.families.confirmed.size - told },
            await judge(school));
    }
    await school.shop.stop();
}

// ---- power cuts under a server ------------------------------------------------------------------

const ENOUGH = 20; // orders

/** A mark in the trace, as tests/crash/trace.h has it. */
function writeMark(file, text) {
    const MARK = 12;
    const bytes = Buffer.alloc(24 + text.length + 1);
    bytes.writeUInt32LE(MARK, 0);
    bytes.writeUInt32LE(text.length + 1, 4);
    bytes.write(text, 24, 'latin1');
    fs.appendFileSync(file, bytes);
}

/** Some lives on a disk that is written down, some more where a busy machine sold next to nothing in
 * them. Gives what the disk held before, and the trace. */
async function recordLives(t, lives, most, env = {}) {
    const folder = temporary(t);
    const [disk, before, trace] = ['disk', 'before', 'trace'].map((name) => path.join(folder, name));
    const data = path.join(disk, 'data');
    fs.mkdirSync(disk);
    execFileSync(path.join(TOOLS, 'points'), ['school', data]);
    const school = await openSchool(t, { data, sandbox: false }, lives,
        (order) => writeMark(trace, `paid ${order}`));
    await school.shop.stop({ keep: true });
    fs.cpSync(disk, before, { recursive: true });
    const sold = school.families.confirmed;
    for (let life = 0; life < lives || (sold.size < ENOUGH && life < 10 * lives); life++) {
        onFaultyDisk(school.shop, { CRASH_FOLDER: disk, CRASH_TRACE: trace, ...env });
        await liveFor(school, between(most / 2, most));
        t.add({ kills: 1 }, []);
    }
    t.add({ confirmed: sold.size }, []);
    return [before, trace];
}

/** A power cut after every change of the disk. */
async function power(t) {
    const [before, trace] = await recordLives(t, every(10, 3), every(800, 300));
    await points(t, ['trace', before, trace, every(40, 200), SEED], {},
        (f) => ({ judged: f.tried, points: f.points }));
}

// ---- the points, by tests/crash/points.c --------------------------------------------------------

/** Runs points; `count` takes its figures apart. */
function points(t, args, env = {}, count = (f) => ({
    judged: f.tried, kills: f.kills, points: f.points, confirmed: f.told })) {
    return new Promise((resolve) => {
        const process_ = spawn(path.join(TOOLS, 'points'), args.map(String),
            { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'ignore'] });
        let out = '';
        process_.stdout.setEncoding('utf8').on('data', (chunk) => { out += chunk; });
        process_.on('close', (status, signal) => {
            const lines = out.trim().split('\n');
            const figures = lines.at(-1).startsWith('{') ? JSON.parse(lines.at(-1)) : {};
            const violations = lines.filter((line) => line.startsWith('VIOLATION'));
            if (status !== 0 && !violations.length)
                violations.push(`points ${args.join(' ')} ended with ${status ?? signal}`);
            t.add(count(figures), violations);
            resolve(violations);
        });
    });
}

/** A product or a disk that promises less: the cuts must find out. */
async function weak(t) {
    const own = { ...t, add: () => {} };
    const expect = async (what, args, env) => {
        const count = (f) => ({ judged: f.tried, points: f.points });
        const found = await points({ add: (figures) => t.add(figures, []) }, args, env, count);
        if (!found.some((line) => /told and lost/.test(line)))
            t.add({}, [`${what} was not noticed`]);
    };
    for (const env of [{ CRASH_SYNCHRONOUS: 'OFF' }, { CRASH_SYNCHRONOUS: 'NORMAL' },
        { CRASH_FORGET_FOLDERS: '1' }])
        await expect(JSON.stringify(env), ['cuts', every(20, 150), SEED], env);
    const [before, trace] = await recordLives(own, 2, 300, { CRASH_SYNCHRONOUS: 'OFF' });
    await expect('a server with synchronous=OFF', ['trace', before, trace, every(100, 300), SEED]);
}

const PARTS = {
    kills: ['server killed at any moment', kills],
    steps: ['server killed or failing at a step on the disk', steps],
    power: ['power cuts under a server', power],
    cuts: ['power cuts under a crowd', (t) => points(t, ['cuts', every(1, 40), SEED])],
    syncs: ['a sync fails, restart, power cut', (t) => points(t, ['syncs', every(1, 10), SEED])],
    again: ['a kill before a sync, restart, power cut',
        (t) => points(t, ['kills', every(1, 4), SEED])],
    restore: ['power cuts while a backup is put back',
        (t) => points(t, ['restore', every(1, 20), SEED])],
    upgrade: ['power cuts while an old school is brought up',
        (t) => points(t, ['upgrade', every(1, 20), SEED])],
    faults: ['each step on the disk fails', (t) => points(t, ['faults', every(1, 50), SEED])],
    memory: ['each allocation fails', (t) => points(t, ['memory', every(1, 300), SEED])],
    weak: ['weaker promises are noticed', weak],
};

// ---- the table ----------------------------------------------------------------------------------

const COLUMNS = ['points', 'judged', 'kills', 'confirmed', 'mails', 'violations', 'seconds'];

function line(name, figures) {
    return name.padEnd(48) + COLUMNS.map((c) => String(figures[c] ?? '').padStart(11)).join('');
}

async function runPart(name) {
    const [title, run] = PARTS[name];
    const figures = { violations: 0 };
    const t = {
        folders: [],
        shops: [],
        add(more, violations) {
            for (const [key, value] of Object.entries(more))
                figures[key] = (figures[key] ?? 0) + (value ?? 0);
            figures.violations += violations.length;
            for (const text of violations.slice(0, 10)) console.log(`  ${name}: ${text}`);
        },
    };
    const began = Date.now();
    try {
        await run(t);
    } catch (error) {
        t.add({}, [error.stack]);
    }
    figures.seconds = Math.round((Date.now() - began) / 1000);
    for (const shop of t.shops) {
        shop.process.kill('SIGKILL');
        t.folders.push(shop.data);
    }
    for (const folder of t.folders) fs.rmSync(folder, { recursive: true, force: true });
    console.log(line(title, figures));
    return figures;
}

async function main() {
    const names = process.argv.slice(2);
    console.log(`SEED=${SEED}`);
    console.log(line('', Object.fromEntries(COLUMNS.map((c) => [c, c]))));
    const total = {};
    let failed = 0;
    const chosen = names.length ? names : Object.keys(PARTS);
    for (const name of chosen) {
        const figures = await runPart(name);
        failed += figures.violations > 0;
        for (const c of COLUMNS) if (figures[c]) total[c] = (total[c] ?? 0) + figures[c];
    }
    console.log(line('', { ...total, violations: total.violations ?? 0 }));
    console.log(`${chosen.length - failed} passed, ${failed} failed`);
    process.exit(failed ? 1 : 0);
}

main();
