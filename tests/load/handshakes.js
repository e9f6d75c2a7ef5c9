'use strict';
// TLS handshakes, full and resumed, beside nginx.

const assert = require('node:assert/strict');
const { add } = require('./report.js');
const { QUICK, interleave, load, startNginx, startShop } = require('./servers.js');

const KINDS = [
    ['full, TLS 1.3', { tls: 13 }, 1.6],
    ['resumed, TLS 1.3', { tls: 13, resume: true }],
    ['full, TLS 1.2', { tls: 12 }],
    ['resumed, TLS 1.2', { tls: 12, resume: true }],
];

async function shake(server, options) {
    const seen = await load('handshake', server, { count: QUICK ? 100 : 400, ...options });
    assert.equal(seen.resumed, options.resume ? seen.done : 0, 'resumed handshakes');
    return { cpu: seen.cpu_us / seen.done, p50: seen.p50_us / 1000 };
}

async function run() {
    const shop = await startShop();
    const nginx = await startNginx(shop, { 'index.html': 'A page.' });
    for (const [kind, options, budget] of KINDS) {
        const seen = await interleave({
            ours: () => shake(shop, options), nginx: () => shake(nginx, options),
        });
        add('TLS handshake, one after the other', `${kind}: CPU`,
            { value: seen.ours.cpu, unit: 'µs', peer: 'nginx', peer_value: seen.nginx.cpu, budget });
    }
    await nginx.stop();
    await shop.stop();
}

module.exports = { run };
