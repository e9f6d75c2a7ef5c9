'use strict';
// It keeps answering: two hundred families at once behind one address and behind a proxy; a thousand
// connections at once that hold a place and want nothing; floods of handshakes, log-ins, sign-ups
// and searches; slowhttptest. All against the built program over TLS on loopback, while a family on
// the same machine looks at the list of workshops, over a connection it keeps and over new ones.
// Nobody may be turned away, memory and open files stay within what the configuration says, and
// afterwards everything is as it was. Prints a table; the last line is "N passed, N failed".
//
//     node tests/siege/siege.js               the sample that CI takes, a minute
//     SIEGE=full node tests/siege/siege.js    everything, some ten minutes
//     node tests/siege/siege.js floods        some parts only

const { execFile, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT, SLOW, addWorkshop, start, until } = require('../lib/shop.js');
const { judgeDoctor } = require('../crash/judge.js');
const { scrape } = require('../lib/metrics.js');
const { rush } = require('./families.js');
const { Table, familyCells, printHead, useCells } = require('./table.js');
const { openFiles, rssAnon, watch } = require('./watch.js');

const FULL = process.env.SIEGE === 'full';
const CLIENT = path.join(ROOT, 'build/siege');
const SECONDS = FULL ? 10 : 3;
const FAMILIES = 200, CROWD = 1000, FLOOD = 200;
/** Of the configuration's default: workers, and those who wait in line for one. */
const WORKERS = 256, LINE = 65;
/** What the database opens when it is first asked by several at once: four readers, two files each. */
const READERS = 8;
/** The longest anybody may wait for an answer, ms: a machine that others use is no reason to fail. */
const WAIT = 60000 * SLOW;
/** RssAnon, MB: at most, and when all is over. */
const MEMORY = 96, MEMORY_AFTER = 48;
/** The family's address; who besieges; the first of many of them. */
const HOME = '127.0.0.9', ONE = '127.0.0.2', MANY = '127.1.0.1';
const WHENCE = {
    'one address': { from: ONE, addresses: 1 },
    'many addresses': { from: MANY, addresses: CROWD },
    'the family’s address': { from: HOME, addresses: 1 },
};

const table = new Table();
const shops = []; // all that were opened
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Runs a client to its end; gives what it printed. `nice`: how far it steps back for others. */
function run(program, args, nice) {
    return new Promise((resolve, reject) => {
        execFile('nice', ['-n', String(nice), program, ...args], { maxBuffer: 1 << 26 },
            (error, stdout, stderr) => (error ? reject(new Error(`${program} ${args.join(' ')}: ${stderr}`))
                : resolve(stdout)));
    });
}

/** A command of the besieger's. */
async function besieger(shop, command, options, nice = 0) {
    const args = [command, '--port', String(shop.ports.https)];
    for (const [name, value] of Object.entries(options)) args.push(`--${name}`, String(value));
    return JSON.parse(await run(CLIENT, args, nice));
}

function family(shop, seconds) {
    return besieger(shop, 'family', { from: HOME, seconds, rate: 5 });
}

async function openShop(options) {
    const shop = await start({ sandbox: true, ...options });
    shops.push(shop);
    const pid = shop.process.pid;
    shop.slug = addWorkshop(shop, { capacity: null });
    for (let i = 0; i < 11; i++) addWorkshop(shop);
    await family(shop, 1); // everything that is made at first is made
    shop.before = { files: openFiles(pid), memory: rssAnon(pid) };
    return shop;
}

/** What must hold of every siege. From the family's own address all are one household, and who has
 * not sent a head within 50 ms goes: a machine that others use, too, may make the family as slow. */
function truths(shop, use, seen, title) {
    const { kept, fresh } = seen;
    const [refused, pages] = [kept.refused + fresh.refused, kept.done + fresh.done];
    const most = title.includes('the family’s address') ? Math.floor(pages / 20) : 0;
    return {
        [`${most || 'no'} page${most > 1 ? 's' : ''} refused at most (${kept.complaint}${fresh.complaint})`]:
            refused <= most,
        'the family saw pages': kept.done > 0 && fresh.done > 0,
        [`at most ${MEMORY} MB`]: use.memory <= MEMORY,
        'no more open files than workers and line': use.files <= shop.before.files + READERS + WORKERS + LINE,
    };
}

/** Somebody besieges while the family reads; `siege(seconds)` is a promise of {cpu_us, …}. */
async function row(shop, title, siege, more = () => ({})) {
    const use = watch(shop.process.pid);
    const attack = siege(SECONDS + 2);
    await pause(1000);
    const seen = await family(shop, SECONDS);
    const done = await attack;
    const used = use.stop();
    table.add(title, { ...familyCells(seen), ...useCells(used, (done.cpu_us ?? 0) / 1e6) },
        { ...truths(shop, used, seen, title), ...more(done) });
    return done;
}

/** After all that: nobody is connected, nothing is held. */
async function judgeAfter(shop, title) {
    const pid = shop.process.pid;
    const idle = async () => (await scrape(shop)).get('taller_connections') === 0
        && openFiles(pid) <= shop.before.files + READERS && rssAnon(pid) <= MEMORY_AFTER;
    await until(idle, 40 * SLOW).catch(() => {});
    const left = (await scrape(shop)).get('taller_connections');
    table.add(`${title}: afterwards`, { MB: rssAnon(pid), files: openFiles(pid) }, {
        'nobody is connected any more': left === 0,
        'no file stays open': openFiles(pid) <= shop.before.files + READERS,
        [`memory comes back to ${MEMORY_AFTER} MB`]: rssAnon(pid) <= MEMORY_AFTER,
        'the log tells of nothing wrong': shop.complaints().length === 0,
    });
}

// ---- families -----------------------------------------------------------------------------------

async function rushRow(title, options, how) {
    const shop = await openShop(options);
    const use = watch(shop.process.pid);
    const began = performance.now();
    const seen = await rush(shop, shop.slug, FAMILIES, how);
    const seconds = (performance.now() - began) / 1000;
    const used = use.stop();
    const paid = shop.value("SELECT count(*) FROM orders WHERE status = 'paid'");
    const quantile = (q) => seen.times[Math.floor(q * (seen.times.length - 1))];
    for (const complaint of new Set(seen.complaints)) console.log(`  ${complaint}`);
    const { server } = useCells(used, 0);
    table.add(`${title}, ${seconds.toFixed(1)} s`,
        { pages: seen.times.length, refused: seen.complaints.length, MB: used.memory, files: used.files, server }, {
            [`all ${FAMILIES} read that they have paid`]: new Set(seen.orders).size === FAMILIES,
            'the database says the same': paid === FAMILIES,
            [`nobody waits (longest: ${(quantile(1) / 1000).toFixed(1)} s)`]: quantile(1) < WAIT,
            [`at most ${MEMORY} MB`]: used.memory <= MEMORY,
            [`the books are true: ${judgeDoctor(shop).join(' ')}`]: judgeDoctor(shop).length === 0,
        });
    console.log(`  an answer took: p50 ${quantile(0.5).toFixed(0)}, p99 ${quantile(0.99).toFixed(0)}, longest ${quantile(1).toFixed(0)} ms`);
    await judgeAfter(shop, title);
    await shop.stop();
}

const PROXY = { args: ['--behind-proxy', '127.0.0.1/32'] };

async function families() {
    await rushRow('200 families, one address', {}, {});
    await rushRow('200 families, a proxy, an address each', PROXY,
        { address: (n) => `203.0.113.${n + 1}`, pool: 64 });
    if (!FULL) return;
    await rushRow('200 families, a proxy, all from one address', PROXY,
        { address: () => '203.0.113.7', pool: 64 });
    await rushRow('200 families, a proxy, a connection each', PROXY, { address: () => '203.0.113.7' });
}

// ---- a thousand that want nothing ---------------------------------------------------------------

const CROWDS = {
    silent: 'silent', handshake: 'stuck in the handshake', head: 'slow heads', body: 'slow bodies',
    read: 'slow readers', idle: 'idle',
};
const SAMPLE = [['body', 'many addresses'], ['idle', 'one address'], ['head', 'the family’s address']];

async function crowds() {
    const shop = await openShop();
    const chosen = FULL ? Object.keys(CROWDS).flatMap((kind) => Object.keys(WHENCE).map((w) => [kind, w]))
        : SAMPLE;
    for (const [kind, whence] of chosen)
        await row(shop, `1,000 ${CROWDS[kind]}, ${whence}`,
            (seconds) => besieger(shop, 'crowd', { kind, ...WHENCE[whence], connections: CROWD, seconds }, 10),
            ({ opened }) => ({ 'a thousand came': opened + 1 > CROWD || kind !== 'silent' }));
    await judgeAfter(shop, 'crowds');
    await shop.stop();
}

// ---- floods -------------------------------------------------------------------------------------

/** What a form's POST looks like: {method, path, cookie, body}; a '#' in a value is a number that
 * never repeats. */
async function formOf(shop, address, fields) {
    const visitor = shop.browser();
    await visitor.get(address);
    const all = { csrf_token: visitor.token, ...fields };
    const body = Object.entries(all).map(([name, value]) => `${name}=${value === '#' ? '#'
        : encodeURIComponent(value).replace('%23', '#')}`).join('&');
    return { method: 'POST', path: address, cookie: visitor.cookieHeader(), body };
}

async function requestFloods(shop) {
    const word = 'cometa%20de%20papel%20';
    return {
        'wrong passwords': await formOf(shop, '/accounts/login/',
            { login: 'nadie#@example.com', password: 'no es esta' }),
        'sign-ups': await formOf(shop, '/accounts/signup/', {
            email: 'flood#@example.com', password1: 'seis peces de barro', password2: 'seis peces de barro',
            first_name: 'A', last_name: 'B', country: 'PE', role: '1', phone: '987654321' }),
        searches: { path: '/workshops/?q=taller&age=8&sort=price&x=#' },
        'searches, long texts': { path: `/workshops/?q=${word.repeat(100)}&x=#` },
    };
}

async function floods() {
    const shop = await openShop();
    const some = (kinds, sample) => (FULL ? kinds : sample);
    for (const kind of some(['hello', 'handshake'], ['hello']))
        for (const whence of some(Object.keys(WHENCE), ['one address']))
            await row(shop, `flood: ${kind === 'hello' ? 'greetings (ClientHello)' : 'handshakes'}, ${whence}`,
                (seconds) => besieger(shop, 'flood', { kind, ...WHENCE[whence], connections: FLOOD, seconds }, 10),
                ({ done }) => ({ 'the server shook hands': done > 0 }));
    const requests = await requestFloods(shop);
    for (const [name, form] of Object.entries(requests).slice(0, FULL ? 4 : 1))
        for (const whence of some(['one address', 'many addresses'], ['many addresses']))
            await row(shop, `flood: ${name}, ${whence}`, (seconds) => besieger(shop, 'flood',
                { kind: 'request', ...WHENCE[whence], connections: FLOOD, seconds, ...form }, 10),
            ({ done, failed }) => ({ 'they were answered': done > 0,
                [`503 at most (${failed} of ${done})`]: failed < done || done === 0 }));
    await judgeAfter(shop, 'floods');
    await shop.stop();
}

// ---- memory -------------------------------------------------------------------------------------

async function memory() {
    const shop = await openShop();
    const form = (await requestFloods(shop))['wrong passwords'];
    await row(shop, '1,000 slow heads and 100 log-ins', async (seconds) => {
        const [slow, logins] = await Promise.all([
            besieger(shop, 'crowd', { kind: 'head', from: ONE, connections: CROWD, seconds }, 10),
            besieger(shop, 'flood', { kind: 'request', ...form, from: MANY, addresses: CROWD, connections: 100,
                seconds }, 10)]);
        return { cpu_us: slow.cpu_us + logins.cpu_us, done: logins.done };
    }, ({ done }) => ({ 'passwords were tried': done > 0 }));
    await judgeAfter(shop, 'memory');
    await shop.stop();
}

// ---- slowhttptest -------------------------------------------------------------------------------

const SLOW_MODES = {
    'slow heads (-H)': ['-H', '-i', '2', '-x', '24', '-t', 'GET', '/workshops/'],
    'slow bodies (-B)': ['-B', '-i', '2', '-s', '8192', '-x', '10', '-t', 'POST', '/accounts/login/'],
    'ranges (-R)': ['-R', '-t', 'HEAD', '-a', '10', '-b', '3000', '/workshops/'],
    'slow readers (-X)': ['-X', '-w', '512', '-y', '1024', '-n', '5', '-z', '32', '-k', '3', '/workshops/'],
};

/** Debian's slowhttptest; its own verdict, second by second: {seconds, away, most}. */
async function slowHttpTest(shop, folder, args, seconds) {
    const report = path.join(folder, 'slow');
    const target = shop.url + args.at(-1);
    await run('slowhttptest', ['-c', String(CROWD), '-r', String(CROWD / 2), '-p', '3', '-l', String(seconds),
        '-g', '-o', report, '-u', target, ...args.slice(0, -1)], 10);
    const lines = fs.readFileSync(`${report}.csv`, 'latin1').trim().split('\n').slice(1)
        .map((line) => line.split(',').map(Number));
    return {
        seconds: lines.length, away: lines.filter((line) => line.at(-1) === 0).length,
        most: Math.max(...lines.map((line) => line[3])),
    };
}

async function slow() {
    const shop = await openShop();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-slow-'));
    for (const [name, args] of Object.entries(SLOW_MODES).slice(0, FULL ? 4 : 1))
        await row(shop, `slowhttptest: ${name}`, (seconds) => slowHttpTest(shop, folder, args, seconds),
            ({ seconds, away }) => ({ [`available all the time (not in ${away} of ${seconds} s)`]:
                seconds > 0 && away === 0 }));
    fs.rmSync(folder, { recursive: true, force: true });
    await judgeAfter(shop, 'slowhttptest');
    await shop.stop();
}

// ---- all of it ----------------------------------------------------------------------------------

const PARTS = { families, crowds, floods, memory, slow };

async function calm() {
    const shop = await openShop();
    await row(shop, 'nobody besieges', async (seconds) => {
        await pause(seconds * 1000);
        return {};
    });
    await shop.stop();
}

async function main() {
    execFileSync('test', ['-x', CLIENT]);
    const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PARTS);
    printHead();
    await calm();
    for (const name of chosen) await PARTS[name]();
    process.exit(table.end() ? 0 : 1);
}

/** What went wrong on the way leaves no server and no folder behind. */
main().catch((error) => {
    for (const shop of shops) {
        shop.process.kill('SIGKILL');
        fs.rmSync(shop.data, { recursive: true, force: true });
    }
    console.log(`FAILED ${error.stack}`);
    table.failed++;
    table.end();
    process.exit(1);
});
