'use strict';
// The command line: what it says, what it answers, and that it works beside a running server.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { PASSWORD, logIn, mustRedirect, quote, signUp, start, taller, unique } =
    require('../lib/shop.js');

const folder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'taller-cmd-'));
const made = [];
function data() {
    made.push(folder());
    return made.at(-1);
}
after(() => made.forEach((dir) => fs.rmSync(dir, { recursive: true, force: true })));

/** Failed with a status and exactly one line on standard error, nothing on standard output. */
function fails(status, args, pattern, options) {
    const done = taller(args, options);
    assert.equal(done.status, status, `${args.join(' ')}: ${done.status} ${done.stderr}`);
    assert.equal(done.stdout, '', args.join(' '));
    assert.match(done.stderr, /^taller: [^\n]+\n$/, 'one sentence');
    assert.match(done.stderr, pattern);
    return done;
}

describe('wrong usage is status 2 and one clear sentence:', () => {
    const cases = [
        [['nothing'], /no command 'nothing'/],
        [['help', 'nothing'], /no command 'nothing'/],
        [['serve', 'extra'], /usage: taller serve/],
        [['serve', '--nothing', 'x'], /--nothing/],
        [['serve', '--https'], /--https needs a value/],
        [['serve', '--https', 'nonsense'], /--https.*nonsense/],
        [['serve', '--https', '127.0.0.1:99999'], /--https.*99999/],
        [['serve', '--http', '127.0.0.1:'], /--http/],
        [['serve', '--workers', 'many'], /--workers.*many/],
        [['serve', '--workers', '0'], /--workers/],
        [['serve', '--workers', '-5'], /--workers/],
        [['serve', '--drain-seconds', '-1'], /--drain-seconds/],
        [['serve', '--log-level', 'loud'], /--log-level.*loud.*error warn info debug/],
        [['serve', '--log-format', 'xml'], /--log-format/],
        [['serve', '--base-url', 'shop.example'], /--base-url/],
        [['serve', '--base-url', 'https://shop.example/path'], /--base-url/],
        [['serve', '--smtp-password', 'x'], /secret.*never taken from a flag/],
        [['serve', '--metrics-token', 'x'], /secret.*never taken from a flag/],
        [['serve', '--domain', '*.shop.example'], /--domain.*'\*\.shop\.example'.*no wildcards/],
        [['serve', '--domain', '192.0.2.7'], /--domain.*no numbers/],
        [['serve', '--domain', 'año.example'], /--domain.*xn--/],
        [['serve', '--domain', 'a.example,A.example'], /--domain.*each once/],
        [['serve', '--domain', 'a.example', '--tls-cert', 'x.pem'], /--domain.*--tls-cert/],
        [['serve', '--domain', 'a.example', '--https', ''], /--domain needs the TLS listener/],
        [['serve', '--acme-directory', 'ca.example'], /--acme-directory/],
        [['serve', '--acme-email', 'nobody'], /--acme-email/],
        [['serve', '--s3', 'https://storage.example'], /--s3.*https:\/\/host\/bucket/],
        [['serve', '--s3', 'https://storage.example/b'], /--s3 needs TALLER_S3_ACCESS_KEY/],
        [['serve', '--s3-secret-key', 'x'], /secret.*never taken from a flag/],
        [['serve', '--owner'], /does not take that flag/],
        [['version', '--json'], /does not take that flag/],
        [['account'], /usage: taller account/],
        [['account', 'create'], /usage: taller account/],
        [['account', 'delete', 'a@b.pe'], /'delete'/],
        [['account', 'create', 'a@b.pe', 'c@d.pe'], /usage: taller account/],
        [['demo', 'grow', 'many', '1'], /usage: taller demo grow/],
    ];
    for (const [args, pattern] of cases) {
        test(args.join(' '), () => {
            const dir = folder();
            fs.rmdirSync(dir);
            fails(2, args, pattern, { cwd: os.tmpdir(), env: { TALLER_DATA: dir } });
            assert.ok(!fs.existsSync(dir), 'nothing was made');
        });
    }

    test('no command at all prints the usage', () => {
        const done = taller([]);
        assert.equal(done.status, 2);
        assert.match(done.stderr, /^usage: taller COMMAND/);
    });

    test('a bad value from the environment or the file is told with its place', () => {
        const dir = data();
        fails(2, ['serve', '--data', dir], /--https \(from environment\)/,
            { env: { TALLER_HTTPS: 'x' } });
        fs.writeFileSync(path.join(dir, 'taller.conf'), 'workers = none\n');
        fails(2, ['serve', '--data', dir], /--workers \(from taller\.conf\)/);
        fs.writeFileSync(path.join(dir, 'taller.conf'), '# ours\n\nworkerz = 3\n');
        fails(2, ['serve', '--data', dir], /taller\.conf, line 3.*workerz/);
        fs.writeFileSync(path.join(dir, 'taller.conf'), 'workers = 3\nhttp =\nworkers = 4\n');
        fails(2, ['serve', '--data', dir], /taller\.conf, line 3: workers has a value further up/);
    });
});

describe('what cannot be done is status 1 and one clear sentence:', () => {
    test('a data folder that is a file, or cannot be written', () => {
        const file = path.join(data(), 'file');
        fs.writeFileSync(file, '');
        fails(1, ['serve', '--data', file], new RegExp(`${file}.*not a folder`));
        fails(1, ['serve', '--data', path.join(file, 'x')], /cannot be created|not a folder/);
        fails(1, ['serve', '--data', '/nowhere/at/all'], /\/nowhere\/at\/all.*cannot be created/);
    });

    test('a certificate that is not there or does not fit', () => {
        const dir = data();
        const listeners = ['--https', '127.0.0.1:0', '--http', '', '--ops', ''];
        const none = taller(['serve', '--data', dir, ...listeners, '--tls-cert', '/nothing.pem',
            '--tls-key', '/nothing.key']);
        assert.equal(none.status, 1);
        assert.match(none.stderr, /\/nothing\.pem/);
        const half = taller(['serve', '--data', dir, ...listeners, '--tls-cert', '/nothing.pem']);
        assert.notEqual(half.status, 0);
        assert.match(half.stderr, /tls-key|nothing\.pem/);
    });

    test('a database that is none, or of a newer program', () => {
        const dir = data();
        fs.writeFileSync(path.join(dir, 'taller.db'), 'this is no database at all, '.repeat(100));
        const serve = ['serve', '--data', dir, '--https', '127.0.0.1:0', '--http', '', '--ops', ''];
        const garbage = taller(serve);
        assert.equal(garbage.status, 1);
        assert.match(garbage.stderr, /taller\.db/);
        fs.rmSync(path.join(dir, 'taller.db'));
        assert.equal(taller(['demo', '--data', dir]).status, 0);
        require('node:child_process').execFileSync('sqlite3',
            [path.join(dir, 'taller.db'), 'PRAGMA user_version = 9999']);
        const newer = taller(serve);
        assert.equal(newer.status, 1);
        assert.match(newer.stderr, /newer/);
    });

    test('a port that is taken', async () => {
        const shop = await start();
        try {
            const done = taller(['serve', '--data', data(), '--https',
                `127.0.0.1:${shop.ports.https}`,
                '--http', '', '--ops', '']);
            assert.equal(done.status, 1);
            assert.match(done.stderr, new RegExp(`${shop.ports.https}`));
            assert.match(done.stderr, /in use/);
        } finally {
            await shop.stop();
        }
    });

    test('an unknown time zone', () => {
        const dir = data();
        assert.equal(taller(['demo', '--data', dir]).status, 0);
        require('node:child_process').execFileSync('sqlite3', [path.join(dir, 'taller.db'),
            `INSERT INTO setting (key, value) VALUES ('time_zone', 'America/Nowhere')
             ON CONFLICT (key) DO UPDATE SET value = excluded.value`]);
        const done = taller(['serve', '--data', dir, '--https', '127.0.0.1:0', '--http', '',
            '--ops', '']);
        assert.equal(done.status, 1);
        assert.match(done.stderr, /America\/Nowhere|time.zone/);
    });
});

describe('demo', () => {
    test('fills an empty folder, prints the accounts it wrote down, refuses to do so twice', () => {
        const dir = data();
        const done = taller(['demo', '--data', dir]);
        assert.equal(done.status, 0, done.stderr);
        const file = path.join(dir, 'demo-accounts.txt');
        assert.ok(done.stdout.endsWith(fs.readFileSync(file, 'utf8')));
        for (const who of ['owner', 'desk', 'instructor', 'parent'])
            assert.match(done.stdout, new RegExp(`^${who} +\\S+@\\S+ +\\S{10,}$`, 'm'));
        const before = fs.readFileSync(path.join(dir, 'taller.db'));
        fails(1, ['demo', '--data', dir], /not empty/);
        const accounts = fs.readFileSync(file, 'utf8');
        const again = taller(['demo', '--if-empty', '--data', dir]);
        assert.equal(again.status, 0, again.stderr);
        assert.match(again.stdout, /holds a school already; it is left as it is/);
        assert.equal(fs.readFileSync(file, 'utf8'), accounts);
        fails(2, ['demo', 'grow', '1', '1', '--if-empty', '--data', dir], /--if-empty goes with/);
        assert.ok(before.equals(fs.readFileSync(path.join(dir, 'taller.db'))));
        assert.ok(fs.readdirSync(dir).every((name) => !name.endsWith('.db')
            || name === 'taller.db'));
    });

    test('refuses a school that lives, even one without families yet', async () => {
        const shop = await start();
        try {
            await signUp(shop);
            const before = shop.state();
            assert.equal(taller(['demo', '--data', shop.data]).status, 1);
            shop.unchanged(before);
            assert.equal(shop.value(`SELECT count(*) FROM setting WHERE key = 'demo'`), 0);
        } finally {
            await shop.stop();
        }
    });
});

describe('account', () => {
    let shop;
    before(async () => { shop = await start(); });
    after(() => shop.stop());

    const account = (action, email, password = '', ...flags) => taller(
        ['account', action, email, '--data', shop.data, ...flags], { input: `${password}\n` });
    const row = (email) => shop.sql(`SELECT staff_role, is_active FROM account
        WHERE email = ${quote(email)}`)[0];

    test('makes staff beside the running server, with a password from standard input', async () => {
        for (const role of ['owner', 'manager', 'desk', 'instructor']) {
            const email = `${unique(role)}@example.com`;
            const done = account('create', email, PASSWORD, `--${role}`);
            assert.equal(done.status, 0, done.stderr);
            assert.ok(!(done.stdout + done.stderr).includes(PASSWORD));
            assert.deepEqual(row(email), { staff_role: role, is_active: 1 });
            mustRedirect(await logIn(shop.browser(), email, PASSWORD));
            assert.equal(shop.value(`SELECT count(*) FROM audit WHERE entity = 'account'
                AND entity_id = (SELECT id FROM account WHERE email = ${quote(email)})`) > 0, true);
        }
    });

    test('refuses a weak password, a taken or malformed address', () => {
        const email = `${unique('a')}@example.com`;
        for (const password of ['', 'short', '1234567890', 'password123', email]) {
            const done = account('create', email, password, '--owner');
            assert.equal(done.status, 1, password);
            assert.match(done.stderr, /^taller: /);
            assert.equal(row(email), undefined);
        }
        assert.equal(account('create', 'no address', PASSWORD, '--owner').status, 1);
        assert.equal(account('create', email, PASSWORD, '--owner').status, 0);
        assert.equal(account('create', email.toUpperCase(), PASSWORD, '--desk').status, 1);
        assert.equal(row(email).staff_role, 'owner');
    });

    test('sets a password, and every session ends', async () => {
        const rosa = await signUp(shop);
        const next = 'cinco botes en el puerto';
        assert.equal(account('password', rosa.email, next).status, 0);
        assert.equal((await rosa.get('/users/profile/')).status, 303);
        assert.equal((await logIn(shop.browser(), rosa.email, PASSWORD)).status, 422);
        mustRedirect(await logIn(shop.browser(), rosa.email, next));
    });

    test('gives and takes a role, and switches off', async () => {
        const rosa = await signUp(shop);
        assert.equal(account('role', rosa.email, '', '--desk').status, 0);
        assert.equal(row(rosa.email).staff_role, 'desk');
        assert.equal((await rosa.get('/users/profile/')).status, 303, 'new powers, new log-in');
        assert.equal(account('role', rosa.email).status, 0);
        assert.equal(row(rosa.email).staff_role, null);
        assert.equal(account('disable', rosa.email).status, 0);
        assert.equal(row(rosa.email).is_active, 0);
        assert.equal((await logIn(shop.browser(), rosa.email, PASSWORD)).status, 422);
    });

    test('says who is not there', () => {
        for (const action of ['password', 'role', 'disable']) {
            const done = account(action, 'nobody@example.com', PASSWORD);
            assert.equal(done.status, 1);
            assert.match(done.stderr, /no account nobody@example\.com/);
        }
    });
});

describe('config', () => {
    test('a domain decides where to listen and where links lead, unless somebody else did', () => {
        const lines = (args) => taller(['config', '--data', data(), '--domain', 'Shop.example,www.shop.example',
            ...args]).stdout.replace(/ +/g, ' ');
        const derived = lines([]);
        assert.match(derived, /^https 0\.0\.0\.0:443 --domain$/m);
        assert.match(derived, /^http 0\.0\.0\.0:80 --domain$/m);
        assert.match(derived, /^base-url https:\/\/shop\.example --domain$/m);
        const told = lines(['--https', '127.0.0.1:8443', '--base-url', 'https://other.example']);
        assert.match(told, /^https 127\.0\.0\.1:8443 flag$/m);
        assert.match(told, /^base-url https:\/\/other\.example flag$/m);
    });

    test('prints every option with its value and its source, secrets redacted', () => {
        const dir = data();
        fs.writeFileSync(path.join(dir, 'taller.conf'),
            'http = 127.0.0.1:1\nworkers=12\nmetrics-token = from-the-file\n');
        const done = taller(['config', '--data', dir, '--https', '127.0.0.1:2'], {
            env: { TALLER_SMTP_PASSWORD: 'a-secret', TALLER_HTTP: '127.0.0.1:3', TALLER_OPS: '' },
        });
        assert.equal(done.status, 0, done.stderr);
        const lines = Object.fromEntries(done.stdout.trim().split('\n').map((line) => {
            const [name, ...rest] = line.split(/\s+/);
            return [name, rest.join(' ')];
        }));
        assert.match(lines.https, /127\.0\.0\.1:2 flag/);
        assert.match(lines.http, /127\.0\.0\.1:3 environment/);
        assert.match(lines.workers, /12 taller\.conf/);
        assert.match(lines.ops, /\(empty\) environment/);
        assert.match(lines['log-level'], /info default/);
        assert.match(lines['smtp-password'], /environment/);
        assert.match(lines['metrics-token'], /taller\.conf/);
        assert.ok(!/a-secret|from-the-file/.test(done.stdout + done.stderr));
        for (const name of ['data', 'https', 'http', 'ops', 'tls-cert', 'tls-key', 'behind-proxy',
            'base-url', 'smtp', 'smtp-password', 'ca-file', 'metrics-token', 'workers',
            'analytics-threads', 'log-level', 'log-format'])
            assert.ok(lines[name], name);
    });
});

describe('version and help', () => {
    test('name the program, its libraries and their notices', () => {
        const short = taller(['version']);
        assert.equal(short.status, 0);
        assert.match(short.stdout, /^taller \d+\.\d+\.\d+ \([0-9a-f]+(-dirty)?\)$/m);
        for (const library of ['civetweb', 'sqlite', 'sodium', 'cjson', 'mbedtls'])
            assert.match(short.stdout, new RegExp(`${library}\\S* \\d+\\.\\d+`, 'i'), library);
        const long = taller(['version', '--licenses']).stdout;
        assert.ok(long.startsWith(short.stdout));
        for (const notice of [/civetweb/i, /Permission is hereby granted/, /libsodium|ISC/i,
            /Apache License/, /Dave Gamble/, /SQLite/i, /Bootstrap/i, /DejaVu|ISO|iso-codes|LGPL/i])
            assert.match(long, notice);
    });

    test('show every command and every option', () => {
        const all = taller(['help']);
        assert.equal(all.status, 0);
        for (const word of ['serve', 'demo', 'account', 'config', 'version', '--data', '--https',
            '--smtp', 'TALLER_SMTP_PASSWORD', 'TALLER_METRICS_TOKEN'])
            assert.ok(all.stdout.includes(word), word);
        const one = taller(['help', 'account']);
        assert.equal(one.status, 0);
        assert.match(one.stdout, /create\|password\|role\|disable EMAIL/);
        assert.match(one.stdout, /--owner/);
    });
});

test('as root, the folder’s owner does the work', { skip: process.getuid() !== 0 }, () => {
    const dir = data();
    fs.chownSync(dir, 65534, 65534);
    fs.chmodSync(dir, 0o700);
    const parent = taller(['demo', '--data', dir]);
    assert.equal(parent.status, 0, parent.stderr);
    for (const name of fs.readdirSync(dir))
        assert.equal(fs.statSync(path.join(dir, name)).uid, 65534, name);
});

describe('analytics', () => {
    const NUMBER = /\btopic \d|\bworkshop \d|\brole \d/;

    test('an empty shop: zeros, and a word where there is nothing', () => {
        const dir = data();
        const done = taller(['analytics', '--data', dir]);
        assert.equal(done.status, 0, done.stderr);
        assert.equal(done.stderr, '', 'no progress where nobody looks');
        assert.match(done.stdout, /^ +Enrolments +0\n/);
        assert.match(done.stdout, /Revenue +S\/ 0\.00\n/);
        assert.equal(done.stdout.match(/nothing yet/g).length, 6);
    });

    test('names instead of numbers, columns in line, long tables cut; JSON has all', () => {
        const dir = data();
        assert.equal(taller(['demo', '--data', dir]).status, 0);
        const all = JSON.parse(taller(['analytics', '--json', '--data', dir]).stdout).reports;
        const text = taller(['analytics', '--data', dir]);
        assert.equal(text.status, 0, text.stderr);
        assert.equal(text.stderr, '');
        assert.doesNotMatch(text.stdout, NUMBER);
        assert.match(text.stdout, /Robótica/);
        assert.match(text.stdout, /Peru +parent/);
        assert.match(text.stdout, new RegExp(`Enrolments +${all.totals.inscriptions}\n`));
        assert.match(text.stdout, new RegExp(`… ${all.daily.length - 12} earlier, --json has all`));

        const lines = text.stdout.split('\n');
        const head = lines.indexOf('Month and topic') + 1;
        const table = lines.slice(head, head + 13);
        assert.equal(new Set(table.map((line) => [...line].length)).size, 1, table.join('\n'));
        assert.ok(lines.every((line) => line === line.trimEnd()), 'nothing behind a line');
    });

    test('a folder that cannot be made is one sentence', () => {
        const dir = data();
        assert.equal(taller(['analytics', '--data', dir]).status, 0);
        fs.rmSync(path.join(dir, 'snapshot'), { recursive: true });
        fs.writeFileSync(path.join(dir, 'snapshot'), 'a file');
        const done = taller(['analytics', '--data', dir]);
        assert.equal(done.status, 1);
        assert.equal(done.stdout, '');
        assert.match(done.stderr, /taller: no analytics: the snapshot in \S+ could not be made, [^\n]+\n$/);
    });
});
