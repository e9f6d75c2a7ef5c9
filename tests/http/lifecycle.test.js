'use strict';
// How a running server ends, reloads and tells of itself: draining by signal and by `taller drain`,
// certificates and log level taken anew under load, systemd's notifications.

const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, describe, test } = require('node:test');
const { BINARY, SLOW, request, signUp, start: startShop, taller, until } = require('../lib/shop.js');
const { Raw, halfPost } = require('./lib/raw.js');

const started = [];
async function start(options) {
    started.push(await startShop(options));
    return started.at(-1);
}
after(() => started.forEach((shop) => shop.process.kill('SIGKILL'))); // of tests that failed

const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** The rows of a folder nobody serves any more. */
function rows(shop, query) {
    return JSON.parse(execFileSync('sqlite3', ['-json', shop.db, query], { encoding: 'utf8' }));
}

/** A family's new child, its form half sent. */
function halfChild(family, name) {
    return halfPost(family.shop, '/users/student-create/', `csrf_token=${family.token}`
        + `&first_name=${name}&last_name=Paz&date_of_birth=2018-01-01`,
    { Cookie: family.cookieHeader() });
}

async function familyWithForm(shop) {
    const family = await signUp(shop);
    await family.get('/users/student-create/');
    return family;
}

test('the running server stands behind the walls that the kernel gives', async (t) => {
    if (SLOW > 1) return t.skip('sanitizers need more than that');
    const shop = await start();
    const [told] = shop.events('confined');
    const status = fs.readFileSync(`/proc/${shop.process.pid}/status`, 'utf8');
    assert.equal(told.seccomp, 1);
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.match(status, /^Seccomp:\t2$/m);
    for (const thread of fs.readdirSync(`/proc/${shop.process.pid}/task`))
        assert.match(fs.readFileSync(`/proc/${shop.process.pid}/task/${thread}/status`, 'utf8'), /^Seccomp:\t2$/m);
    if (told.landlock === 0) t.diagnostic('this kernel has no Landlock');
    return shop.stop();
});

test('machines are answered at once while every worker of the site is taken', async () => {
    const WORKERS = 4;
    const shop = await start({ args: ['--workers', String(WORKERS)] });
    const family = await familyWithForm(shop);
    family.close();
    const posts = [];
    for (let i = 0; i < WORKERS; i++) posts.push(await halfChild(family, `Noche${i}`));
    for (const path of ['/healthz', '/readyz', '/metrics']) {
        const begin = Date.now();
        assert.equal((await request(shop.ops, { path })).status, 200, path);
        assert.ok(Date.now() - begin < 2000, path); // a newcomer to the site waits for seconds
    }
    assert.deepEqual(posts.map((post) => post.said), posts.map(() => ''), 'all still at work');
    for (const post of posts) post.finish();
    for (const post of posts) {
        await post.closed;
        assert.equal(post.status, 303, post.said);
    }
    await shop.stop();
});

describe('draining', () => {
    const WORKERS = 12;

    test('drops no response, with as many requests at work as there are workers', async () => {
        const shop = await start({ args: ['--workers', String(WORKERS)] });
        const family = await familyWithForm(shop);
        family.close();
        const posts = [];
        for (let i = 0; i < WORKERS; i++) posts.push(await halfChild(family, `Tarde${i}`));
        await sleep(300); // the last head is read
        shop.process.kill('SIGTERM');
        await until(() => shop.events('draining').length);
        const late = new Raw(shop);
        late.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
        await sleep(500);
        assert.deepEqual(posts.map((post) => post.said), posts.map(() => ''), 'all still at work');
        for (const post of posts) post.finish();
        for (const post of posts) {
            await post.closed;
            assert.equal(post.status, 303, post.said);
            assert.match(post.said, /\r\nConnection: close\r\n/);
        }
        await late.closed;
        assert.equal(late.status, 503, 'told, not dropped');
        assert.match(late.said, /\r\nRetry-After: \d+\r\n/);
        await shop.stop({ keep: true });
        assert.deepEqual(rows(shop, "SELECT count(*) AS n FROM student WHERE first_name LIKE 'Tarde%'"),
            [{ n: WORKERS }]);
        const wal = `${shop.db}-wal`;
        assert.ok(!fs.existsSync(wal) || fs.statSync(wal).size === 0,
            'the log was brought into the database');
        assert.deepEqual(shop.events('drain_deadline'), []);
        fs.rmSync(shop.data, { recursive: true });
    });

    test('is told by /readyz first, while the site says 503 and liveness goes on', async () => {
        const shop = await start();
        const family = await familyWithForm(shop);
        const post = await halfChild(family, 'Tarde');
        await sleep(200);
        shop.process.kill('SIGTERM');
        await until(() => shop.events('draining').length);
        const ready = await request(shop.ops, { path: '/readyz' });
        assert.equal(ready.status, 503);
        assert.match(ready.body, /draining/);
        assert.ok(Number(ready.headers['retry-after']) > 0);
        assert.equal((await request(shop.ops, { path: '/healthz' })).status, 200);
        const visitor = await shop.browser().get('/workshops/');
        assert.equal(visitor.status, 503);
        assert.ok(Number(visitor.headers['retry-after']) > 0);
        assert.match(visitor.body, /<h1/, 'a page, in the look of the site');
        post.finish();
        await post.closed;
        assert.equal(post.status, 303);
        await shop.stop();
    });

    test('ends at its deadline, and what was not finished left nothing', async () => {
        const shop = await start({ args: ['--drain-seconds', '1'] });
        const family = await familyWithForm(shop);
        const post = await halfChild(family, 'Nunca');
        await sleep(200);
        await shop.stop({ keep: true });
        assert.equal(shop.events('drain_deadline').length, 1);
        await post.closed;
        assert.equal(post.status, 0);
        assert.deepEqual(rows(shop, "SELECT count(*) AS n FROM student"), [{ n: 0 }]);
        fs.rmSync(shop.data, { recursive: true });
    });

    test('is not waited for by whoever presses Ctrl-C twice', async () => {
        const shop = await start();
        const family = await familyWithForm(shop);
        const post = await halfChild(family, 'Nunca');
        await sleep(200);
        shop.process.kill('SIGINT');
        await until(() => shop.events('draining').length);
        shop.process.kill('SIGTERM'); // no reason to hurry
        await sleep(500);
        assert.equal(shop.events('stopped').length, 0);
        shop.process.kill('SIGINT');
        await until(() => shop.events('stopped').length);
        post.socket.destroy();
        await shop.stop();
    });

    test('tears no response under load', async () => {
        const shop = await start({ demo: true });
        const seen = { whole: 0, told: 0, refused: 0 };
        let over = false;
        const visitor = async () => {
            while (!over) {
                const raw = new Raw(shop);
                try {
                    await raw.open;
                    raw.write('GET /workshops/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
                    await raw.closed;
                } catch {
                    // no connection any more
                }
                const length = Number(raw.said.match(/\r\nContent-Length: (\d+)\r\n/)?.[1] ?? 0);
                const body = Buffer.byteLength(raw.said.slice(raw.said.indexOf('\r\n\r\n') + 4));
                if (raw.said !== '') assert.equal(body, length, 'a torn response');
                if (raw.status === 200) seen.whole++;
                else if (raw.status === 503) seen.told++;
                else seen.refused++;
                if (raw.said === '') over = true;
            }
        };
        const visitors = Array.from({ length: 8 }, visitor);
        await until(() => seen.whole > 50);
        shop.process.kill('SIGTERM');
        await Promise.all(visitors);
        assert.ok(seen.refused <= visitors.length, JSON.stringify(seen));
        await shop.stop();
    });
});

describe('taller drain', () => {
    const drain = (data, ...more) => taller(['drain', '--data', data, ...more]);

    test('waits until the server beside it has drained', async () => {
        const shop = await start();
        const family = await familyWithForm(shop);
        const post = await halfChild(family, 'Tarde');
        await sleep(200);
        const command = spawn(BINARY, ['drain', '--data', shop.data], { stdio: 'pipe' });
        const second = spawn(BINARY, ['drain', '--data', shop.data], { stdio: 'pipe' });
        const ends = [command, second].map((child) => new Promise((resolve) => {
            let said = '';
            child.stdout.on('data', (text) => { said += text; });
            child.on('close', (status) => resolve({ status, said }));
        }));
        await until(() => shop.events('draining').length);
        await sleep(300);
        assert.equal(command.exitCode, null, 'it waits');
        post.finish();
        await post.closed;
        assert.equal(post.status, 303);
        for (const end of ends)
            assert.deepEqual(await end, { status: 0, said: 'The server has drained.\n' });
        assert.equal(shop.events('stopped').length, 1);
        assert.deepEqual(await shop.ended, { status: 0, signal: null });
        const again = drain(shop.data);
        assert.equal(again.status, 1);
        assert.match(again.stderr,
            /^taller: no server holds the data folder .*: there is nothing to drain\.\n$/);
        await shop.stop();
    });

    test('leaves a folder that can be served at once', async () => {
        const shop = await start();
        assert.equal(drain(shop.data).status, 0);
        const next = await start({ data: shop.data });
        assert.equal((await next.browser().get('/')).status, 200);
        await next.stop();
    });

    test('says so when the server does not end in time', async () => {
        const shop = await start();
        shop.process.kill('SIGSTOP');
        try {
            const done = drain(shop.data, '--drain-seconds', '0');
            assert.equal(done.status, 1);
            assert.match(done.stderr, /^taller: the server \(process \d+\) has not drained within 15 seconds\.\n$/);
        } finally {
            shop.process.kill('SIGCONT');
        }
        await shop.stop();
    });

    test('makes nothing where nothing is, and sends nothing to a number in a file', () => {
        const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-drain-'));
        const missing = path.join(dir, 'none');
        const none = drain(missing);
        assert.equal(none.status, 1);
        assert.match(none.stderr, /^taller: the data folder .*none is not a folder\.\n$/);
        assert.ok(!fs.existsSync(missing));
        const empty = drain(dir);
        assert.equal(empty.status, 1);
        assert.deepEqual(fs.readdirSync(dir), []);
        fs.writeFileSync(path.join(dir, 'taller.lock'), `${process.pid}\n`); // left by a crash
        const stale = drain(dir);
        assert.equal(stale.status, 1);
        assert.match(stale.stderr, /no server holds/);
        assert.equal(taller(['drain', 'now', '--data', dir]).status, 2);
        fs.rmSync(dir, { recursive: true });
    });
});

// ---- reloading ----------------------------------------------------------------------------------

/** A certificate authority of its own, and site.crt and site.key anew for each name. */
class Authority {
    constructor() {
        this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-ca-'));
        this.openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
            '-nodes', '-subj', '/CN=Test CA', '-days', '2', '-keyout', 'ca.key', '-out', 'ca.crt');
        this.args = ['--tls-cert', path.join(this.dir, 'site.crt'), '--tls-key',
            path.join(this.dir, 'site.key')];
    }

    openssl(...args) { execFileSync('openssl', args, { cwd: this.dir, stdio: 'pipe' }); }

    issue(name) {
        this.openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
            '-subj', `/CN=${name}`, '-keyout', 'new.key', '-out', 'new.csr');
        this.openssl('x509', '-req', '-in', 'new.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-days',
            '2', '-set_serial', String(Math.floor(Math.random() * 1e9)), '-out', 'new.crt');
        for (const kind of ['key', 'crt'])
            fs.renameSync(path.join(this.dir, `new.${kind}`), path.join(this.dir, `site.${kind}`));
    }

    remove() { fs.rmSync(this.dir, { recursive: true }); }
}

describe('SIGHUP', () => {
    test('takes certificates anew under load without a failed request', async () => {
        const authority = new Authority();
        authority.issue('n0.example');
        const shop = await start({ args: authority.args });
        const names = new Set();
        let over = false;
        let answered = 0;
        const visitor = async (keep) => {
            const browser = shop.browser();
            while (!over) {
                if (keep) {
                    assert.equal((await browser.get('/')).status, 200);
                } else {
                    const raw = await new Raw(shop).open;
                    names.add(raw.socket.getPeerCertificate().subject.CN);
                    raw.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
                    await raw.closed;
                    assert.equal(raw.status, 200, raw.said);
                }
                answered++;
            }
        };
        try {
            const visitors = Promise.all(Array.from({ length: 8 }, (_, i) => visitor(i % 2)));
            await until(() => names.has('n0.example') || over);
            for (let i = 1; i <= 8; i++) {
                authority.issue(`n${i}.example`);
                shop.process.kill('SIGHUP');
                await until(() => names.has(`n${i}.example`) || over);
            }
            over = true;
            await visitors;
            assert.equal(names.size, 9, `${answered} requests`);
        } finally {
            over = true;
            await shop.stop();
            authority.remove();
        }
    });

    test('reads the log level of taller.conf again, and refuses a bad file', async () => {
        const shop = await start();
        const conf = path.join(shop.data, 'taller.conf');
        const requests = async () => {
            const before = shop.events('request').length;
            await shop.browser().get('/');
            await sleep(100);
            return shop.events('request').length - before;
        };
        const reload = async (text) => {
            const count = () => shop.events('reload').length + shop.events('reload_refused').length;
            const before = count();
            fs.writeFileSync(conf, text);
            shop.process.kill('SIGHUP');
            await until(() => count() > before);
        };
        assert.equal(await requests(), 0);
        await reload('log-level = debug\n');
        assert.ok(await requests() > 0);
        await reload('log-level = loud\n');
        const [refused] = shop.events('reload_refused');
        assert.match(refused.error, /--log-level \(from taller\.conf\) is 'loud'/);
        assert.ok(await requests() > 0, 'as before');
        await reload('');
        assert.equal(await requests(), 0, 'the default again');
        await shop.stop();
    });

    test('leaves a log level alone that a flag has set', async () => {
        const shop = await start({ args: ['--log-level', 'info'] });
        fs.writeFileSync(path.join(shop.data, 'taller.conf'), 'log-level = debug\n');
        shop.process.kill('SIGHUP');
        await until(() => shop.events('reload').length);
        await shop.browser().get('/');
        assert.equal(shop.events('request').length, 0);
        await shop.stop();
    });
});

// ---- systemd ------------------------------------------------------------------------------------

/** The program that prints what a service manager is told (notify_listen.c). */
function listenFor(address) {
    const beside = path.join(path.dirname(BINARY), 'notify_listen');
    const program = fs.existsSync(beside) ? beside
        : path.join(__dirname, '../../build/dev/notify_listen');
    const child = spawn(program, [address], { stdio: ['ignore', 'pipe', 'inherit'] });
    const states = [];
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        for (const line of lines) states.push(Object.fromEntries(line.split('\t')
            .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])));
    });
    return {
        states,
        listening: until(() => states.some((state) => state.LISTENING)),
        of: (name) => states.filter((state) => name in state),
        stop: () => child.kill(),
    };
}

describe('the service manager', () => {
    for (const [kind, name] of [['a path', path.join(os.tmpdir(), `taller-notify-${process.pid}`)],
        ['an abstract address', `@taller-notify-${process.pid}`]]) {
        test(`is told at ${kind}: ready, reloading, alive, stopping`, async () => {
            const manager = listenFor(name);
            await manager.listening;
            const shop = await start({ env: { NOTIFY_SOCKET: name, WATCHDOG_USEC: '400000' } });
            try {
                await until(() => manager.of('READY').length);
                assert.equal(manager.of('READY')[0].MAINPID, String(shop.process.pid));
                assert.match(manager.of('READY')[0].STATUS, /^Serving https:/);
                await until(() => manager.of('WATCHDOG').length >= 3);
                shop.process.kill('SIGHUP');
                await until(() => manager.of('READY').length === 2);
                const [reloading] = manager.of('RELOADING');
                assert.match(reloading.MONOTONIC_USEC, /^\d+$/);
                shop.process.kill('SIGTERM');
                await until(() => manager.of('STOPPING').length);
                assert.match(manager.of('STOPPING')[0].STATUS, /^Draining/);
                await shop.stop();
            } finally {
                manager.stop();
                fs.rmSync(name, { force: true });
            }
        });
    }

    test('gets no sign of life from a server that does not answer', async () => {
        const name = `@taller-silent-${process.pid}`;
        const manager = listenFor(name);
        await manager.listening;
        const shop = await start({ env: { NOTIFY_SOCKET: name, WATCHDOG_USEC: '400000' } });
        const holder = spawn('sqlite3', [shop.db], { stdio: ['pipe', 'pipe', 'inherit'] });
        try {
            await until(() => manager.of('WATCHDOG').length);
            holder.stdin.write("BEGIN IMMEDIATE;\nSELECT 'held';\n");
            await new Promise((resolve) => { holder.stdout.once('data', resolve); });
            // Everybody who answers machines waits for the disk.
            const asked = Array.from({ length: 8 }, () => request(shop.ops, { path: '/readyz' }));
            await until(() => shop.events('watchdog_no_answer').length);
            const silent = manager.of('WATCHDOG').length;
            holder.stdin.end('COMMIT;\n');
            await until(() => manager.of('WATCHDOG').length > silent);
            await Promise.all(asked);
            await shop.stop();
        } finally {
            holder.kill();
            manager.stop();
        }
    });

    test('that is not there, or not meant, changes nothing', async () => {
        const shop = await start({ env: { NOTIFY_SOCKET: '/nonexistent/notify' } });
        await until(() => shop.events('notify_failed').length);
        await shop.stop();
        const odd = await start({ env: { NOTIFY_SOCKET: 'relative' } });
        assert.equal(odd.events('notify_socket_unusable').length, 1);
        await odd.stop();
    });
});
