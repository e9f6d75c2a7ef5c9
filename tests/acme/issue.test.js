'use strict';
// A certificate obtained, checked by a client that trusts nothing but the authority's root.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { taller } = require('../lib/shop.js');
const { ask, openAuthority, start, trusted, until, visit } = require('./authority.js');

let authority;
before(async () => {
    authority = await openAuthority({ nonceReject: 30 });
    authority.link();
});
after(() => authority.close());

function get(port, place, host) {
    return new Promise((resolve, reject) => {
        http.get({ host: '127.0.0.1', port, path: place, headers: { host }, agent: false }, (response) => {
            let body = '';
            response.on('data', (chunk) => { body += chunk; });
            response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
        }).on('error', reject);
    });
}

describe('by HTTP-01, with two names and a third of the nonces refused:', () => {
    let shop;
    before(async () => {
        shop = await start({ args: [...authority.args('School.test, www.school.test'), '--acme-email', 'owner@school.test'] });
    });
    after(() => shop.stop());

    test('the self-signed certificate serves meanwhile, then the new one, without a restart', async () => {
        const first = shop.fingerprint;
        const certificate = await trusted(shop, authority, 'school.test');
        assert.equal(certificate.subjectaltname, 'DNS:school.test, DNS:www.school.test');
        assert.notEqual(certificate.fingerprint256, first);
        assert.ok(await visit(shop, authority, 'www.school.test'));
        await assert.rejects(visit(shop, authority, 'other.test'), /altnames/i);
    });

    test('the page comes over it, and other names lead home', async () => {
        const options = { host: '127.0.0.1', port: shop.ports.https, ca: authority.root };
        const page = await ask({ ...options, servername: 'school.test', path: '/', headers: { host: 'school.test' } });
        assert.equal(page.status, 200);
        assert.match(page.headers['strict-transport-security'], /max-age/);
        const other = await ask({ ...options, servername: 'www.school.test', path: '/workshops/?q=a', headers: { host: 'www.school.test' } });
        assert.equal(other.status, 301);
        assert.equal(other.headers.location, 'https://school.test/workshops/?q=a');
        const foreign = await ask({ ...options, servername: 'school.test', path: '/', headers: { host: 'evil.test' } });
        assert.equal(foreign.status, 421);
    });

    test('what is asked in the clear goes on to HTTPS, but for answers to authorities', async () => {
        const page = await get(shop.ports.http, '/workshops/', 'school.test');
        assert.equal(page.headers.location, 'https://school.test/workshops/');
        const challenge = await get(shop.ports.http, '/.well-known/acme-challenge/nobody', 'school.test');
        assert.equal(challenge.status, 404);
    });

    test('keys are private, nothing of the order is left', () => {
        const folder = path.join(shop.data, 'tls');
        assert.deepEqual(fs.readdirSync(folder).sort(), ['acme-account.key', 'acme.json', 'domain.pem',
            'self-signed.crt', 'self-signed.key']);
        for (const name of ['acme-account.key', 'acme.json', 'domain.pem'])
            assert.equal(fs.statSync(path.join(folder, name)).mode & 0o777, 0o600, name);
        const pem = fs.readFileSync(path.join(folder, 'domain.pem'), 'utf8');
        assert.match(pem, /^-----BEGIN EC PRIVATE KEY-----[^]*-----BEGIN CERTIFICATE-----/);
        const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: pem, encoding: 'utf8' });
        assert.match(text, /P-256/);
    });

    test('the log says so once', async () => {
        const [event] = await until(() => shop.events('certificate_obtained').length && shop.events('certificate_obtained'));
        assert.equal(event.names, 'School.test, www.school.test');
        assert.match(event.issuer, /Pebble/);
        assert.equal(shop.events('certificate_failed').length, 0);
    });

    test('taller doctor says how long it is valid, and why the next one did not come', () => {
        const doctor = () => taller(['doctor', '--data', shop.data, '--domain', 'school.test', '--ops',
            `127.0.0.1:${shop.ports.ops}`, '--https', '127.0.0.1:1', '--http', '127.0.0.1:1']).stdout;
        const fine = doctor();
        assert.match(fine, /domain\.pem is valid for \d+ days/);
        assert.doesNotMatch(fine, /last try/);
        const file = path.join(shop.data, 'tls/acme.json');
        const state = fs.readFileSync(file, 'utf8');
        fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(state), failures: 3, error: 'nobody answers' }));
        assert.match(doctor(), /The last try to obtain one failed \(3 in a row\): nobody answers/);
        fs.writeFileSync(file, state);
    });

    test('a restart asks for nothing', async () => {
        const data = shop.data;
        await shop.stop({ keep: true });
        const seen = authority.proxy.seen.length;
        shop = await start({ data, args: authority.args('School.test, www.school.test') });
        assert.ok(await visit(shop, authority, 'school.test'), 'from the first handshake on');
        await new Promise((resolve) => { setTimeout(resolve, 1500); });
        assert.equal(authority.proxy.seen.length, seen);
    });

    test('one name more is one certificate more', async () => {
        const data = shop.data;
        await shop.stop({ keep: true });
        shop = await start({ data, args: authority.args('school.test,www.school.test,new.school.test') });
        assert.ok(await trusted(shop, authority, 'new.school.test'));
    });
});

describe('by TLS-ALPN-01, where only 443 is open:', () => {
    let shop;
    before(async () => { shop = await start({ args: authority.args('closed.test', { http: false }) }); });
    after(() => shop.stop());

    test('a certificate comes', async () => {
        assert.ok(await trusted(shop, authority, 'closed.test'));
        assert.equal(shop.events('certificate_failed').length, 0);
    });

    test('nobody else gets the challenge\'s certificate, and others are not disturbed', () => {
        const offer = (protocol) => execFileSync('sh', ['-c', `openssl s_client -connect 127.0.0.1:${shop.ports.https}`
            + ` -servername closed.test -alpn ${protocol} </dev/null 2>&1 || true`], { encoding: 'utf8' });
        assert.match(offer('acme-tls/1'), /no peer certificate available/);
        assert.match(offer('http/1.1'), /ALPN protocol: http\/1.1/);
    });
});

test('with both ports, the second try takes the other one', async () => {
    const shop = await start({ args: authority.args('half.test').map((value) =>
        (value === `127.0.0.1:${authority.http}` ? '127.0.0.1:0' : value)) });
    try {
        const [failed] = await until(() => shop.events('certificate_failed').length && shop.events('certificate_failed'), 30);
        assert.match(failed.reason, /could not check half\.test by http-01: .*Connection refused/i);
        shop.process.kill('SIGHUP'); // sooner than in half a minute
        assert.ok(await trusted(shop, authority, 'half.test'));
        assert.equal(shop.events('certificate_failed').length, 1);
    } finally {
        await shop.stop();
    }
});
