'use strict';
// A running shop for a test file: the built program on a data folder of its own, on loopback, at
// ports nobody uses; and what a family does there, in one call each. The database is reached as
// schools reach it, with the sqlite3 shell while the server runs.
//
//     const shop = await start({ sandbox: true });
//     const rosa = await signUp(shop);
//     const child = await addStudent(rosa);
//     const slug = addWorkshop(shop, { price_cents: 18000 });
//     await addToCart(rosa, slug, child);
//     const paid = await checkoutCard(rosa);
//     await shop.stop();
//
// The program is named by TALLER_BIN or TALLER, else it is build/taller.

const assert = require('node:assert/strict');
const { execFile, execFileSync, spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { Browser, request } = require('./browser.js');

const ROOT = path.resolve(__dirname, '../..');
const BINARY = path.resolve(ROOT, process.env.TALLER_BIN ?? process.env.TALLER ?? 'build/taller');
/** Sanitizers and busy machines: everything may take this much longer. */
const SLOW = /[/](asan|tsan|cover|valgrind)[/]/.test(BINARY) ? 8 : 1;
const PASSWORD = 'cometa verde bajo la lluvia 9';
const CARD = {
    good: '4242 4242 4242 4242', declined: '4000 0000 0000 0002', noFunds: '4000 0000 0000 9995',
    timeout: '4000 0000 0000 0341',
};

const STATE_TABLES = ['account', 'student', 'orders', 'inscription', 'payment', 'payment_report',
    'receipt', 'receipt_line', 'consent', 'workshop', 'topic', 'setting', 'outbox'];

let counter = 0;
/** A word nobody used before, in this process or another. */
function unique(prefix = '') { return `${prefix}${process.pid}x${++counter}`; }

/** Seconds since 1970. */
function now() { return Math.floor(Date.now() / 1000); }

/** The ISO date `days` from today, in UTC. */
function day(days = 0) { return new Date(Date.now() + days * 86400e3).toISOString().slice(0, 10); }

/** The ISO date of a person who is `years` old today. */
function bornYearsAgo(years) {
    const today = new Date();
    return `${today.getUTCFullYear() - years}-01-01`;
}

function freePort() {
    return new Promise((resolve, reject) => {
        const probe = net.createServer().once('error', reject);
        probe.listen(0, '127.0.0.1', () => {
            const { port } = probe.address();
            probe.close(() => resolve(port));
        });
    });
}

/** Runs the program to its end: {status, stdout, stderr}. */
function taller(args, { input = '', env = {}, cwd = ROOT } = {}) {
    const done = spawnSync(BINARY, args, {
        input, cwd, env: { ...process.env, ...env }, encoding: 'utf8', timeout: 120000,
    });
    return { status: done.status, signal: done.signal, stdout: done.stdout, stderr: done.stderr };
}

/** The same without holding this process up, for commands that talk to a server that lives in it. */
function tallerBeside(args, { env = {}, cwd = ROOT } = {}) {
    return new Promise((resolve) => {
        execFile(BINARY, args, { cwd, env: { ...process.env, ...env }, timeout: 120000 },
            (error, stdout, stderr) => resolve({
                status: error ? error.code ?? null : 0, signal: error?.signal ?? null, stdout, stderr,
            }));
    });
}

function quote(value) {
    if (value === null || value === undefined) return 'NULL';
    return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
}

/** Fails, and shows which rows, unless two dumps are the same. */
function compare(before, after, what) {
    if (after === before) return;
    const [old, fresh] = [before, after].map((text) => new Set(text.split('\n')));
    const only = (lines, others, sign) => [...lines].filter((line) => !others.has(line))
        .map((line) => `${sign} ${line.slice(0, 600)}`);
    assert.fail([what, ...only(old, fresh, '-'), ...only(fresh, old, '+')].join('\n'));
}

class Shop {
    constructor(options) {
        this.options = options;
        this.data = options.data ?? fs.mkdtempSync(path.join(os.tmpdir(), 'taller-http-'));
        this.db = path.join(this.data, 'taller.db');
        this.binary = BINARY; // of the next start
        this.log = [];       // what the server said: parsed lines
        this.strange = [];   // lines that are no event: a sanitizer's report, for example
        // Events a test expects. Tests write orders that no shop would, and the books say so.
        this.allowed = ['books_broken'];
        this.browsers = [];
    }

    /** One browser; see browser.js for its options. */
    browser(options) {
        const browser = new Browser(this.url, options);
        browser.shop = this;
        this.browsers.push(browser);
        return browser;
    }

    /** What the sqlite3 shell prints for some statements. */
    shell(statements) {
        return execFileSync('sqlite3', ['-json', '-cmd', '.timeout 20000',
            '-cmd', 'PRAGMA foreign_keys = ON', this.db, statements],
        { encoding: 'utf8', maxBuffer: 1 << 28, stdio: 'pipe' });
    }

    /** A script of any length, without a look at foreign keys; the first error ends it. */
    script(statements) {
        execFileSync('sqlite3', ['-bail', '-cmd', '.timeout 20000', this.db], { input: statements });
    }

    /** What a query answers, as an array of objects. */
    sql(query) {
        const json = this.shell(query);
        return json.trim() ? JSON.parse(json) : [];
    }

    /** The one value a query answers. */
    value(query) { return Object.values(this.sql(query)[0] ?? { nothing: undefined })[0]; }

    /** Adds a row and gives its id. */
    insert(table, row) {
        const names = Object.keys(row);
        return this.value(`INSERT INTO ${table} (${names.join(', ')})
            VALUES (${names.map((n) => quote(row[n])).join(', ')}) RETURNING id`);
    }

    setting(key, value) {
        this.sql(value === null ? `DELETE FROM setting WHERE key = ${quote(key)}`
            : `INSERT INTO setting (key, value) VALUES (${quote(key)}, ${quote(value)})
               ON CONFLICT (key) DO UPDATE SET value = excluded.value`);
    }

    /** Everything families and money left behind, as text: equal before and after means that
     * nothing changed. (When somebody was last seen is no change.) */
    state() {
        this.stateQuery ??= STATE_TABLES.map((table) => {
            const columns = this.sql(`SELECT name FROM pragma_table_info('${table}')`)
                .map((column) => column.name).filter((name) => name !== 'last_seen_at');
            return `SELECT '${table}'; SELECT ${columns.join(', ')} FROM ${table} ORDER BY 1`;
        }).join(';');
        return this.shell(this.stateQuery);
    }

    /** Every table, sessions and the trail among them, but for what asking alone leaves behind (when
     * somebody was last seen, lines of the trail about looking, files and being refused) and what the
     * clockwork does by itself (statistics). */
    everything() {
        this.everythingQuery ??= this.sql(`SELECT name FROM sqlite_schema WHERE type = 'table'
            AND name NOT LIKE '%fts%' AND name NOT LIKE 'sqlite%'
            AND name NOT IN ('change_log', 'analytics_result')`).map(({ name: table }) => {
            const columns = this.sql(`SELECT name FROM pragma_table_info('${table}')`)
                .map((column) => column.name).filter((name) => !/^(last_)?seen_at$/.test(name))
                .map((name) => `quote(${name}) AS ${name}`);
            const only = table === 'audit' ? `WHERE action NOT IN ('view', 'export', 'refused')` : '';
            return `SELECT '${table}'; SELECT ${columns.join(', ')} FROM ${table} ${only} ORDER BY 1`;
        }).join(';');
        return this.shell(this.everythingQuery);
    }

    /** Fails, and shows which rows, unless state() is what it was. */
    unchanged(before, what = 'the database changed') { compare(before, this.state(), what); }

    /** The same of everything(). */
    untouched(before, what = 'the database changed') { compare(before, this.everything(), what); }

    /** This event is expected: it does not fail the test file at stop(). */
    allow(event) { this.allowed.push(event); }

    async run() {
        for (let tries = 0; ; tries++) {
            try {
                await this.launch();
                return;
            } catch (error) { // somebody took the port meanwhile
                if (tries === 4 || !/in use/i.test(error.message)) throw error;
            }
        }
    }

    async launch() {
        const port = await freePort();
        this.url = `https://127.0.0.1:${port}`;
        this.process = spawn(this.binary, ['serve', '--data', this.data, '--https', `127.0.0.1:${port}`,
            '--http', '127.0.0.1:0', '--ops', '127.0.0.1:0', '--log-format', 'json',
            ...(this.options.args ?? [])], {
            stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...this.options.env },
        });
        this.ended = new Promise((resolve) => {
            this.process.on('close', (status, signal) => resolve({ status, signal }));
        });
        const serving = new Promise((resolve) => this.listen(resolve));
        const first = await Promise.race([serving, this.ended]);
        if (first.event !== 'serving')
            throw new Error(`no start: ${JSON.stringify(first)} ${this.strange.join('\n')}`);
        this.ports = { https: first.https, http: first.http, ops: first.ops };
        this.http = `http://127.0.0.1:${first.http}`;
        this.ops = `http://127.0.0.1:${first.ops}`;
        this.fingerprint = first.fingerprint;
        return this;
    }

    listen(serving) {
        let rest = '';
        const take = (chunk) => {
            const lines = (rest + chunk).split('\n');
            rest = lines.pop();
            for (const line of lines) {
                if (!line.startsWith('{')) {
                    this.strange.push(line);
                    continue;
                }
                const event = JSON.parse(line);
                this.log.push(event);
                if (event.event === 'serving') serving(event);
            }
        };
        this.process.stderr.setEncoding('utf8').on('data', take);
        this.process.stdout.setEncoding('utf8').on('data', take);
    }

    /** Events of a name, in the order they came. */
    events(name) { return this.log.filter((line) => line.event === name); }

    /** What must not be in the log of a healthy server: errors, answers of 500, and lines that are
     * no events but the start's own. */
    complaints() {
        const start = /^Taller serves |^The certificate is self-signed|^A certificate for |^([0-9A-F]{2}:){31}/;
        return this.log.filter((line) => (line.level === 'error'
                || (line.event === 'request' && line.status === 500))
            && !this.allowed.includes(line.event)).map((line) => JSON.stringify(line))
            .concat(this.strange.filter((line) => line.trim() && !start.test(line)));
    }

    /** SIGTERM, and the promise of a clean end: status 0, nothing wrong in the log. */
    async stop({ keep = false } = {}) {
        for (const browser of this.browsers) browser.close();
        this.process.kill('SIGTERM');
        const end = await this.ended;
        const complaints = this.complaints();
        if (!keep) fs.rmSync(this.data, { recursive: true, force: true });
        assert.deepEqual(end, { status: 0, signal: null },
            `the server ended badly:\n${complaints.join('\n')}`);
        assert.deepEqual(complaints, [], 'the server complained');
    }
}

/** Starts a shop. options:
 *   demo      the school that `taller demo` makes
 *   sandbox   an empty school that is a demonstration: the test card exists
 *   settings  {key: value}, args (flags), env (environment), data (an existing folder) */
async function start(options = {}) {
    const shop = new Shop(options);
    if (options.demo) {
        const made = taller(['demo', '--data', shop.data]);
        assert.equal(made.status, 0, made.stderr);
        shop.accounts = Object.fromEntries(made.stdout.split('\n')
            .map((line) => line.trim().split(/\s{2,}/)).filter((words) => words.length === 3)
            .map(([who, email, password]) => [who, { email, password }]));
    }
    await shop.run();
    if (options.sandbox) shop.setting('demo', '1');
    for (const [key, value] of Object.entries(options.settings ?? {})) shop.setting(key, value);
    return shop;
}

// ---- what a school does -------------------------------------------------------------------------

/** A topic; gives its id. */
function addTopic(shop, row = {}) {
    return shop.insert('topic', { name: unique('Tema '), ...row });
}

/** A workshop on sale; gives its slug. Columns may be set through `row`. */
function addWorkshop(shop, row = {}) {
    shop.topic ??= addTopic(shop);
    const slug = row.slug ?? unique('taller-');
    shop.insert('workshop', {
        slug, topic_id: shop.topic, title: `Taller ${slug}`, description: 'Un taller de prueba.',
        price_cents: 18000, min_age: 6, max_age: 12, place: 'Miraflores', start_date: day(30),
        end_date: day(60), weekdays: 2, start_minute: 960, end_minute: 1050, weeks: 4, level: 1,
        capacity: 10, created_at: now(), ...row,
    });
    return slug;
}

// ---- what a family does -------------------------------------------------------------------------

function mustRedirect(response, to) {
    assert.equal(response.status, 303, `${response.path}: ${response.status} ${response.main}`);
    if (to) assert.match(response.location, to);
    return response;
}

/** A new account, logged in: its browser, with email, password and account (the id). */
async function signUp(shop, values = {}, browser = shop.browser()) {
    const fields = {
        email: `${unique('familia')}@example.com`, password1: PASSWORD, password2: PASSWORD,
        first_name: 'Rosa', last_name: 'Quispe', country: 'PE', role: '1', phone: '987 654 321',
        ...values,
    };
    const page = await browser.get('/accounts/signup/');
    if (page.body.includes('name="terms"')) fields.terms ??= '1';
    mustRedirect(await browser.submit('/accounts/signup/', fields));
    browser.email = fields.email;
    browser.password = fields.password1;
    browser.account = shop.value(`SELECT id FROM account WHERE email = ${quote(fields.email)}`);
    return browser;
}

async function logIn(browser, email = browser.email, password = browser.password, values = {}) {
    await browser.get('/accounts/login/');
    return browser.submit('/accounts/login/', { login: email, password, ...values });
}

/** A child of the family, 8 years old; gives {id, slug}. */
async function addStudent(browser, values = {}) {
    await browser.get('/users/student-create/');
    mustRedirect(await browser.submit('/users/student-create/', {
        first_name: 'Sofía', last_name: unique('Quispe'), date_of_birth: bornYearsAgo(8), ...values,
    }));
    return browser.shop.sql(`SELECT id, slug FROM student WHERE parent_id = ${browser.account}
        ORDER BY id DESC LIMIT 1`)[0];
}

/** Puts a student into a workshop: the form on the workshop's page, sent. Gives the answer. */
async function addToCart(browser, slug, student, { key } = {}) {
    const page = await browser.get(`/workshops/${slug}/${key ? `?key=${key}` : ''}`);
    assert.equal(page.status, 200, `${slug}: ${page.status}`);
    return browser.submit(`/store/add-to-cart/${slug}/`, { student: student.slug });
}

/** The id of the family's cart. */
function cartOf(browser) {
    return browser.shop.value(
        `SELECT id FROM orders WHERE account_id = ${browser.account} AND status = 'cart'`);
}

/** The cart's checkout page, filled in and sent. Gives the answer, with order (the id). */
async function checkout(browser, values = {}, options = {}) {
    const cart = await browser.get('/store/order-summary/');
    const address = cart.body.match(/href="(\/store\/checkout\/(\d+)\/)"/);
    assert.ok(address, `nothing to pay: ${cart.main}`);
    const page = await browser.get(address[1]);
    assert.equal(page.status, 200);
    const response = await browser.submit(address[1], values, options);
    response.order = Number(address[2]);
    return response;
}

function card(number = CARD.good, values = {}) {
    return {
        method: 'card', cc_number: number, cc_month: '12',
        cc_year: String(new Date().getUTCFullYear() + 3), cc_cvv: '123', ...values,
    };
}

/** Pays the cart with the test card. */
function checkoutCard(browser, number, values) { return checkout(browser, card(number, values)); }

/** Orders the cart by transfer. */
function checkoutTransfer(browser, values = {}) {
    return checkout(browser, { method: 'transfer', ...values });
}

/** Waits until something is true, at most `seconds`; gives what it answered. */
async function until(condition, seconds = 15 * SLOW) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const answer = await condition();
        if (answer) return answer;
        if (Date.now() > end) throw new Error(`never happened: ${condition}`);
        await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
}

module.exports = {
    ROOT, BINARY, SLOW, PASSWORD, CARD, start, taller, tallerBeside, unique, now, day, bornYearsAgo, quote,
    freePort, addTopic, addWorkshop, signUp, logIn, addStudent, addToCart, cartOf, checkout, card,
    checkoutCard, checkoutTransfer, mustRedirect, until, request,
};
