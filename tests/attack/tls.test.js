'use strict';
// testssl against the shop with the certificates it may have, wholly with the usual one. What it
// grades above INFO fails, unless it is in the list of what no choice of the shop's can change.

const assert = require('node:assert/strict');
const tls = require('node:tls');
const { describe, test } = require('node:test');
const { makeAuthority } = require('../lib/certificates.js');
const { folder } = require('../lib/places.js');
const { start } = require('../lib/shop.js');
const { certified, unharmed } = require('./lib/school.js');
const { grave, testssl } = require('./lib/testssl.js');

/** What testssl grades: all but the lists of ciphers and of the browsers that get in. */
const EVERYTHING = ['-p', '-s', '-f', '-P', '-S', '-h', '-U', '-g'];

const BEYOND_US = [
    // Of testssl itself: Debian's openssl has no GOST ciphers to try, and neither have we.
    /^WARN engine_problem: No engine or GOST support/,
    // It leaves before the ticket has come, where the machine is busy, and misses it at the next
    // connection. That tickets shorten handshakes is tested in tests/http/door.test.js.
    /^WARN sessionresumption_ticket: check failed because of connect problem$/,
    // An authority that lives for a minute answers no question about what it has revoked.
    /^HIGH cert_revocation: Neither CRL nor OCSP URI provided$/,
];
/** Nobody vouches for a certificate of one's own: that is why a browser warns. */
const OWN = /^CRITICAL cert_chain_of_trust: failed \(self signed\)\.$/;

const dir = folder();
const authority = makeAuthority(dir);

/** What testssl finds in a shop that is told, besides what is beyond us. */
async function look(t, options, parts, accepted = BEYOND_US) {
    const shop = await start({ demo: true, ...options });
    try {
        const { findings, seconds } = await testssl(shop.url, { ca: authority.file, parts });
        console.log(`  ${t.name}: ${findings.length} findings, ${Math.round(seconds)} s`);
        assert.deepEqual(grave(findings).filter((line) => !accepted.some((p) => p.test(line))), []);
        await unharmed(shop);
        return Object.fromEntries(findings.map(({ id, finding }) => [id, finding]));
    } finally {
        await shop.stop();
    }
}

/** A server as they were: old versions, ciphers without authentication, nobody's certificate. */
async function openWeak() {
    const server = tls.createServer({ ...makeAuthority(folder(), 'unknown').issue(),
        minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }, (socket) => {
        socket.on('error', () => {}).end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    server.on('tlsClientError', () => {});
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return server;
}

describe('testssl', { concurrency: 4 }, () => {
    test('what is weak is found', async () => {
        const server = await openWeak();
        try {
            const { findings, output } = await testssl(`https://127.0.0.1:${server.address().port}`,
                { ca: authority.file, parts: ['-p', '-s', '-S'] });
            const found = grave(findings).map((line) => line.split(':')[0]);
            for (const line of ['LOW TLS1', 'LOW TLS1_1', 'CRITICAL cipherlist_aNULL',
                'CRITICAL cert_chain_of_trust', 'HIGH cert_notAfter'])
                assert.ok(found.includes(line), `${line} in\n${found.join('\n')}\n${output.slice(-2000)}`);
        } finally {
            server.close();
        }
    });

    test('a certificate of an authority', async (t) => {
        const found = await look(t, certified(authority, dir, 'ec'), EVERYTHING);
        assert.deepEqual(found.cipherorder_TLSv1_2,
            'ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-ECDSA-CHACHA20-POLY1305');
        assert.match(found.HSTS_time, /^365 days/);
        assert.equal(found.PFS_ECDHE_curves, 'prime256v1 secp384r1 X25519');
    });

    test('one with an RSA key', (t) => look(t, certified(authority, dir, 'rsa'), ['-s', '-P', '-U']));

    test('the self-signed one', (t) => look(t, {}, ['-S'], [...BEYOND_US, OWN]));
});
