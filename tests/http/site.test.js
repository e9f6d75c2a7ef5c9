'use strict';
// The running program as machines and strangers see it: headers on every kind of answer, files,
// listeners, figures, a busy database, the end.

const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const tls = require('node:tls');
const zlib = require('node:zlib');
const { after, before, describe, test } = require('node:test');
const {
    addStudent, addToCart, addWorkshop, checkoutCard, checkoutTransfer, logIn, mustRedirect,
    request, signUp, start, taller, until,
} = require('../lib/shop.js');
const { halfPost } = require('./lib/raw.js');

let shop;
let rosa;
before(async () => {
    shop = await start({ demo: true, env: { TALLER_METRICS_TOKEN: 'a-long-metrics-token' } });
    rosa = shop.browser();
    mustRedirect(await logIn(rosa, shop.accounts.parent.email, shop.accounts.parent.password));
    await rosa.get('/users/profile/');
});
after(() => shop.stop());

const SECURITY = ['x-content-type-options', 'x-frame-options', 'referrer-policy',
    'content-security-policy', 'cross-origin-opener-policy', 'cross-origin-resource-policy',
    'permissions-policy', 'cache-control'];

describe('every kind of answer', () => {
    test('bears the security headers, and none that tells about the program', async () => {
        const bare = shop.browser();
        const css = (await bare.get('/')).body.match(/\/static\/css\/site\.[^"]*/)[0];
        const media = (await bare.get('/workshops/')).body.match(/\/media\/[^"]*/)[0];
        const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
        const kinds = {
            200: await bare.get('/'),
            '200 signed in': await rosa.get('/users/profile/'),
            '200 file': await bare.get(css),
            '200 media': await bare.get(media),
            '200 health': await bare.get('/healthz'),
            301: await bare.get('/workshops'),
            303: await bare.get('/users/profile/'),
            '304 file': await bare.get(css, {
                headers: { 'If-None-Match': (await bare.get(css)).headers.etag },
            }),
            '400 path': await bare.get('/%00'),
            '400 query': await bare.get('/?a=%ff'),
            403: await rosa.post('/users/student-create/', {}, { token: 'x' }),
            404: await bare.get('/nothing/'),
            '404 file': await bare.get('/static/nothing.css'),
            405: await bare.request('DELETE', '/'),
            413: await bare.request('POST', '/accounts/login/',
                { body: Buffer.alloc(100000, 'x'), headers: form }),
            415: await bare.request('POST', '/accounts/login/', { body: Buffer.from('x') }),
            422: await rosa.post('/users/student-create/', {}),
            'redirect to https': await request(`${shop.http}/workshops/?age=7`),
        };
        for (const [kind, answer] of Object.entries(kinds)) {
            if (/^\d/.test(kind)) assert.equal(answer.status, Number(kind.slice(0, 3)), kind);
            for (const name of SECURITY) assert.ok(answer.headers[name], `${name} of ${kind}`);
            assert.equal(answer.headers['x-content-type-options'], 'nosniff', kind);
            assert.equal(answer.headers['x-frame-options'], 'DENY', kind);
            for (const name of ['server', 'x-powered-by', 'strict-transport-security',
                'access-control-allow-origin'])
                assert.ok(!(name in answer.headers), `${name} of ${kind}`);
            assert.ok(answer.headers.date, kind);
            assert.ok(!/civetweb|sqlite|\/work\/|\.c:\d/i.test(answer.body), kind);
        }
        const policy = kinds[200].headers['content-security-policy'];
        assert.doesNotMatch(policy, /unsafe|\*|http:/);
        for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'",
            "img-src 'self' data:", "form-action 'self'", "frame-ancestors 'none'",
            "base-uri 'none'"])
            assert.ok(policy.includes(rule), rule);
        assert.match(kinds['200 media'].headers['content-security-policy'], /sandbox/);
    });

    test('of the site works under its own policy: no inline script, style or handler', async () => {
        const pages = ['/', '/workshops/', '/accounts/login/', '/accounts/signup/', '/nothing/',
            '/terms/'];
        const own = ['/users/profile/', '/users/edit-profile/', '/store/order-summary/',
            '/users/student-create/', '/users/close/', '/accounts/password/change/'];
        for (const [who, list] of [[shop.browser(), pages], [rosa, own]]) {
            for (const address of list) {
                const { body } = await who.get(address);
                assert.doesNotMatch(body, /\sstyle="|\son[a-z]+="|<style|javascript:/i, address);
                for (const [script] of body.matchAll(/<script\b[^>]*>/g))
                    assert.match(script, /src="\/static\//, address);
                for (const [, link] of body.matchAll(/(?:href|src|action)="([^"]*)"/g))
                    assert.doesNotMatch(link, /^(javascript|data|http):/i, `${address}: ${link}`);
            }
        }
    });
});

describe('embedded files', () => {
    test('come compressed as the client likes, are kept for a year, and answer 304', async () => {
        const visitor = shop.browser();
        const page = await visitor.get('/');
        const files = [...new Set([...page.body.matchAll(/"(\/static\/[^"]+)"/g)]
            .map((m) => m[1]))];
        assert.ok(files.length >= 3);
        for (const file of files) {
            const ask = (encoding, headers) => visitor.get(file,
                { headers: { 'Accept-Encoding': encoding, ...headers } });
            const plain = await ask('identity');
            assert.equal(plain.status, 200, file);
            assert.match(plain.headers['cache-control'], /max-age=31536000.*immutable/);
            assert.ok(!plain.headers['content-encoding']);
            const decoders = { gzip: zlib.gunzipSync, br: zlib.brotliDecompressSync };
            for (const [encoding, decoder] of Object.entries(decoders)) {
                const packed = await ask(encoding);
                if (!packed.headers['content-encoding']) continue; // not worth it
                assert.equal(packed.headers['content-encoding'], encoding);
                assert.match(packed.headers.vary, /Accept-Encoding/i);
                assert.ok(decoder(packed.raw).equals(plain.raw), `${encoding} of ${file}`);
            }
            const again = await ask('identity', { 'If-None-Match': plain.headers.etag });
            assert.equal(again.status, 304);
            assert.equal(again.raw.length, 0);
            assert.equal((await visitor.get(file.replace(/\.[0-9a-f]+\./, '.0000000000.'))).status,
                404);
        }
    });

    test('and pictures have types that are theirs', async () => {
        const visitor = shop.browser();
        const media = [...new Set([...(await visitor.get('/workshops/')).body
            .matchAll(/"(\/media\/[^"]+)"/g)].map((m) => m[1]))];
        assert.ok(media.length);
        for (const file of media) {
            const picture = await visitor.get(file);
            assert.equal(picture.status, 200);
            assert.match(picture.headers['content-type'], /^image\//);
            assert.match(picture.headers['cache-control'], /immutable/);
            assert.equal((await visitor.get(file.replace(/\.\w+$/, '.html'))).status, 404);
        }
    });
});

describe('the listeners', () => {
    test('HTTP redirects to the same place over TLS and serves nothing', async () => {
        for (const target of ['/', '/workshops/?age=7&q=a%20b', '/users/profile/']) {
            const answer = await request(shop.http, { path: target });
            assert.equal(answer.status, 301);
            assert.equal(answer.headers.location, shop.url + target);
            assert.deepEqual(answer.cookies, []);
        }
        const posted = await request(shop.http, {
            path: '/accounts/login/', method: 'POST', body: 'login=a',
            headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        });
        assert.equal(posted.status, 308);
        for (const host of ['evil.example', 'evil.example:1'])
            assert.ok(!(await request(shop.http, { path: '/', headers: { Host: host } }))
                .headers.location.includes('evil'));
    });

    test('ops has health and figures and nothing else', async () => {
        for (const [target, status] of [['/healthz', 200], ['/readyz', 200], ['/metrics', 200],
            ['/', 404], ['/users/profile/', 404], ['/admin/', 404], ['/healthz/', 404],
            ['/static/x', 404]])
            assert.equal((await request(shop.ops, { path: target })).status, status, target);
        assert.equal((await request(shop.ops, { path: '/healthz', method: 'POST' })).status, 405);
        const head = await request(shop.ops, { path: '/metrics', method: 'HEAD' });
        assert.equal(head.status, 200);
        assert.equal(head.raw.length, 0);
    });

    test('the certificate is self-signed, P-256, its fingerprint printed', async () => {
        const seen = await new Promise((resolve, reject) => {
            const socket = tls.connect({ port: shop.ports.https, host: '127.0.0.1',
                rejectUnauthorized: false }, () => {
                resolve({ cert: socket.getPeerCertificate(), protocol: socket.getProtocol() });
                socket.destroy();
            });
            socket.on('error', reject);
        });
        assert.equal(seen.cert.fingerprint256, shop.fingerprint);
        assert.equal(seen.cert.nistCurve, 'P-256');
        assert.equal(seen.protocol, 'TLSv1.3');
        assert.ok(shop.strange.includes(shop.fingerprint), 'for people too');
    });
});

describe('figures', () => {
    const metrics = (headers, browser = shop.browser()) => browser.get('/metrics', { headers });

    test('are 404 on the public listener but for the token', async () => {
        for (const headers of [{}, { Authorization: 'Bearer wrong' }, { Authorization: 'Bearer ' },
            { Authorization: 'a-long-metrics-token' },
            { Authorization: 'Basic a-long-metrics-token' },
            { Authorization: 'Bearer a-long-metrics-tokenx' },
            { Authorization: 'Bearer a-long' }]) {
            const answer = await metrics(headers);
            assert.equal(answer.status, 404, JSON.stringify(headers));
            assert.doesNotMatch(answer.body, /taller_/);
        }
        assert.equal((await rosa.get('/metrics')).status, 404, 'not for families');
        const open = await metrics({ Authorization: 'Bearer a-long-metrics-token' });
        assert.equal(open.status, 200);
        assert.match(open.headers['content-type'], /^text\/plain; version=0\.0\.4/);
    });

    test('are 404 for an empty token where none is set', async () => {
        const own = await start();
        try {
            for (const value of ['Bearer ', 'Bearer', ''])
                assert.equal((await own.browser().get('/metrics',
                    { headers: { Authorization: value } })).status, 404);
        } finally {
            await own.stop();
        }
    });

    test('are open to staff', async () => {
        const owner = shop.browser();
        mustRedirect(await logIn(owner, shop.accounts.owner.email, shop.accounts.owner.password));
        assert.equal((await owner.get('/metrics')).status, 200);
    });

    test('are well-formed Prometheus text and grow', async () => {
        const read = async () => (await request(shop.ops, { path: '/metrics' })).body;
        const count = (text) => Number(text.match(
            /^taller_http_requests_total\{route="\/",method="GET",status="200"\} (\d+)$/m)[1]);
        await shop.browser().get('/');
        const text = await read();
        const declared = new Set([...text.matchAll(/^# TYPE (\w+) (counter|gauge|histogram)$/gm)]
            .map((m) => m[1]));
        for (const sample of text.trim().split('\n').filter((l) => !l.startsWith('#'))) {
            const [, name] = sample.match(/^(\w+)(?:\{(?:\w+="[^"\n]*",?)*\})? -?[0-9.e+]+$/)
                ?? assert.fail(`not a sample: ${sample}`);
            assert.ok(declared.has(name.replace(/_(bucket|sum|count)$/, '')) || declared.has(name),
                name);
        }
        await shop.browser().get('/');
        assert.ok(count(await read()) > count(text));
    });
});

describe('a certificate of one’s own', () => {
    test('is served, brings Strict-Transport-Security, and is taken anew on SIGHUP', async () => {
        const dir = fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'taller-ca-'));
        const openssl = (...args) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
        const issue = (name) => {
            openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                '-subj', `/CN=${name}`, '-keyout', 'new.key', '-out', 'new.csr');
            openssl('x509', '-req', '-in', 'new.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-days',
                '2', '-set_serial', String(Math.floor(Math.random() * 1e9)), '-out', 'new.crt');
            fs.renameSync(path.join(dir, 'new.key'), path.join(dir, 'site.key'));
            fs.renameSync(path.join(dir, 'new.crt'), path.join(dir, 'site.crt'));
        };
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
            '-subj', '/CN=Test CA', '-days', '2', '-keyout', 'ca.key', '-out', 'ca.crt');
        issue('first.example');
        const own = await start({ args: ['--tls-cert', path.join(dir, 'site.crt'),
            '--tls-key', path.join(dir, 'site.key')] });
        const name = () => new Promise((resolve, reject) => {
            const socket = tls.connect({ port: own.ports.https, host: '127.0.0.1',
                rejectUnauthorized: false }, () => {
                resolve(socket.getPeerCertificate().subject.CN);
                socket.destroy();
            });
            socket.on('error', reject);
        });
        try {
            for (const target of ['/', '/nothing/', '/workshops', '/healthz'])
                assert.match((await own.browser().get(target)).headers['strict-transport-security'],
                    /^max-age=31536000/, target);
            assert.equal(await name(), 'first.example');
            assert.ok(!fs.existsSync(path.join(own.data, 'tls', 'cert.pem'))
                || (await name()) === 'first.example');
            issue('second.example');
            own.process.kill('SIGHUP');
            await until(async () => (await name()) === 'second.example');
        } finally {
            await own.stop();
            fs.rmSync(dir, { recursive: true });
        }
    });
});

describe('somebody else at the database', () => {
    test('makes writes wait or 503, never fail otherwise; pages go on', async () => {
        const family = await signUp(shop, { terms: '1' });
        await family.get('/users/student-create/');
        const holder = spawn('sqlite3', [shop.db], { stdio: ['pipe', 'pipe', 'inherit'] });
        holder.stdin.write("BEGIN IMMEDIATE;\nSELECT 'held';\n");
        await new Promise((resolve) => { holder.stdout.once('data', resolve); });
        const free = setTimeout(() => holder.stdin.end('COMMIT;\n'), 15000);
        try {
            const began = Date.now();
            const writing = family.submit('/users/student-create/', {
                first_name: 'Espera', last_name: 'Paz', date_of_birth: '2018-01-01',
            });
            const ready = request(shop.ops, { path: '/readyz' });
            for (let i = 0; i < 5; i++) {
                assert.equal((await shop.browser().get('/workshops/')).status, 200);
                assert.equal((await rosa.get('/users/profile/')).status, 200);
            }
            assert.equal((await request(shop.ops, { path: '/healthz' })).status, 200);
            assert.ok(Date.now() - began < 10000, 'reading does not wait');
            const answer = await writing;
            assert.ok([303, 503].includes(answer.status), `${answer.status}`);
            if (answer.status === 503) {
                assert.ok(Number(answer.headers['retry-after']) > 0);
                assert.match(answer.main, /\b[0-9a-f]{16}\b/);
            }
            const state = await ready;
            assert.ok([200, 503].includes(state.status));
            const said = answer.status === 303 ? 1 : 0;
            clearTimeout(free);
            holder.stdin.end('COMMIT;\n');
            await until(async () => (await request(shop.ops, { path: '/readyz' })).status === 200);
            assert.equal(shop.value(`SELECT count(*) FROM student WHERE first_name = 'Espera'`),
                said,
                'what was said to be saved is there, and nothing else');
        } finally {
            clearTimeout(free);
            holder.kill();
        }
    });
});

describe('bodies that come slowly', () => {
    const STRANGERS = 12; // three times as many as there are readers of the database

    test('hold nothing that others need', async () => {
        const posts = [];
        for (let i = 0; i < STRANGERS; i++)
            posts.push(await halfPost(shop, i % 2 ? '/accounts/login/' : '/accounts/password/reset/',
                'login=nobody%40example.com&password=none'));
        for (let i = 0; i < 6; i++) {
            const page = await shop.browser().get(`/workshops/?q=lento${i}`); // kept nowhere
            assert.equal(page.status, 200);
            assert.equal((await rosa.get('/users/profile/')).status, 200);
        }
        assert.deepEqual(posts.map((post) => post.said), posts.map(() => ''), 'still under way');
        posts.forEach((post) => post.finish());
        for (const post of posts) {
            await until(() => post.status);
            assert.ok([303, 403].includes(post.status), post.said);
            post.socket.destroy();
        }
    });

    test('not even where the sender had to be known first: a file', async () => {
        const owner = shop.browser();
        mustRedirect(await logIn(owner, shop.accounts.owner.email, shop.accounts.owner.password));
        const topic = shop.value('SELECT min(id) FROM topic');
        const posts = [];
        for (let i = 0; i < STRANGERS; i++)
            posts.push(await halfPost(shop, `/admin/topics/${topic}/picture/`, 'x'.repeat(4000),
                { Cookie: owner.cookieHeader(), 'Content-Type': 'multipart/form-data; boundary=b' }));
        for (let i = 0; i < 6; i++)
            assert.equal((await rosa.get('/users/profile/')).status, 200);
        assert.deepEqual(posts.map((post) => post.said), posts.map(() => ''), 'still under way');
        posts.forEach((post) => post.socket.destroy());
    });
});

describe('the demonstration', () => {
    test('is a school in mid-season whose pages all work', async () => {
        assert.equal(shop.value('SELECT count(*) FROM topic'), 6);
        assert.equal(shop.value('SELECT count(*) FROM workshop'), 24);
        assert.ok(shop.value('SELECT count(*) FROM account WHERE staff_role IS NULL') >= 40);
        const states = shop.sql('SELECT DISTINCT status FROM orders').map((r) => r.status);
        for (const status of ['cart', 'pending', 'paid', 'review', 'cancelled', 'refunded'])
            assert.ok(states.includes(status), status);
        assert.equal(fs.statSync(path.join(shop.data, 'demo-accounts.txt')).mode & 0o777, 0o600);
        assert.equal(fs.statSync(shop.data).mode & 0o777, 0o700);
        const visitor = shop.browser();
        for (const { slug } of shop.sql(`SELECT slug FROM workshop WHERE active = 1 AND private = 0`)) {
            const page = await visitor.get(`/workshops/${slug}/`);
            assert.equal(page.status, 200, slug);
            assert.match(page.text, /demostración/i);
        }
        for (const who of Object.values(shop.accounts)) {
            const browser = shop.browser();
            mustRedirect(await logIn(browser, who.email, who.password));
            const profile = await browser.get('/users/profile/');
            assert.equal(profile.status, 200, who.email);
            for (const [, link] of profile.body.matchAll(/href="(\/(?:store|users|workshops)[^"#]*)"/g))
                assert.equal((await browser.get(link.replaceAll('&amp;', '&'))).status, 200, link);
        }
        assert.deepEqual(shop.sql(`SELECT key FROM setting WHERE key = 'demo'`), [{ key: 'demo' }]);
        assert.throws(() => shop.sql(`DELETE FROM setting WHERE key = 'demo'`));
    });

    test('takes a real journey of its demo parent', async () => {
        const children = shop.sql(`SELECT s.id, s.slug FROM student s JOIN account a
            ON a.id = s.parent_id WHERE a.email = '${shop.accounts.parent.email}' AND is_self = 0`);
        assert.equal(children.length, 2);
        rosa.shop = shop;
        rosa.account = shop.value(`SELECT id FROM account
            WHERE email = '${shop.accounts.parent.email}'`);
        const slug = addWorkshop(shop, { min_age: null, max_age: null });
        mustRedirect(await addToCart(rosa, slug, children[0]));
        const paid = mustRedirect(await checkoutCard(rosa, undefined, { terms: '1' }));
        assert.equal((await rosa.get(`/store/orders/${paid.order}/receipt/`)).status, 200);
    });
});

describe('the end', () => {
    test('SIGTERM lets requests at work finish, closes idle connections, exits 0', async () => {
        const own = await start({ sandbox: true });
        const family = await signUp(own);
        const child = await addStudent(family);
        mustRedirect(await addToCart(family, addWorkshop(own), child));
        await family.get('/users/student-create/');
        const body = `csrf_token=${family.token}&first_name=Tarde&last_name=Paz&date_of_birth=2018-01-01`;
        const socket = tls.connect({ port: own.ports.https, host: '127.0.0.1',
            rejectUnauthorized: false });
        let said = '';
        socket.on('data', (data) => { said += data; });
        const closed = new Promise((resolve) => { socket.on('close', resolve); });
        await new Promise((resolve) => { socket.on('secureConnect', resolve); });
        socket.write('POST /users/student-create/ HTTP/1.1\r\nHost: x\r\n'
            + `Cookie: ${family.cookieHeader()}\r\n`
            + 'Content-Type: application/x-www-form-urlencoded\r\n'
            + `Content-Length: ${body.length}\r\n\r\n${body.slice(0, 40)}`);
        await new Promise((resolve) => { setTimeout(resolve, 500); });
        own.process.kill('SIGTERM');
        await until(() => own.events('draining').length);
        const ready = await request(own.ops, { path: '/readyz' });
        assert.equal(ready.status, 503);
        assert.ok(Number(ready.headers['retry-after']) > 0);
        socket.write(body.slice(40));
        await closed;
        assert.match(said, /^HTTP\/1\.1 303 /);
        assert.match(said, /\r\nConnection: close\r\n/i);
        await own.stop({ keep: true });
        const rows = JSON.parse(execFileSync('sqlite3', ['-json', own.db,
            "SELECT count(*) AS n FROM student WHERE first_name = 'Tarde'; "],
            { encoding: 'utf8' }));
        assert.deepEqual(rows, [{ n: 1 }]);
        assert.ok(!fs.existsSync(`${own.db}-wal`) || fs.statSync(`${own.db}-wal`).size === 0,
            'the log was brought into the database');
        fs.rmSync(own.data, { recursive: true });
    });

    test('and a kill in the middle lose nothing that was said to be done', async () => {
        const own = await start({ sandbox: true });
        const family = await signUp(own);
        const child = await addStudent(family);
        mustRedirect(await addToCart(family, addWorkshop(own), child));
        const paid = mustRedirect(await checkoutCard(family));
        mustRedirect(await addToCart(family, addWorkshop(own), child));
        const placed = mustRedirect(await checkoutTransfer(family));
        own.process.kill('SIGKILL');
        await own.ended;
        const again = await start({ data: own.data });
        family.origin = again.url;
        assert.match((await family.get(`/store/orders/${paid.order}/receipt/`)).main,
            /S\/ 180\.00/);
        assert.equal((await family.get(`/store/orders/${placed.order}/`)).status, 200);
        assert.equal(again.value('PRAGMA integrity_check'), 'ok');
        family.close();
        await again.stop();
    });
});

test('a second server on the same folder does not start', () => {
    const second = taller(['serve', '--data', shop.data, '--https', '127.0.0.1:0', '--http', '',
        '--ops', '']);
    assert.equal(second.status, 1);
    assert.match(second.stderr.trim(), /^taller: another server holds the data folder [^\n]*$/);
});
