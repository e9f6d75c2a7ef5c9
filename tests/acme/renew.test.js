'use strict';
// Renewal at a third of the lifetime left, while families go on: certificates that last 24 seconds.

const assert = require('node:assert/strict');
const https = require('node:https');
const { after, before, test } = require('node:test');
const { ask, openAuthority, start, trusted, until, visit } = require('./authority.js');

let authority;
let shop;
before(async () => {
    authority = await openAuthority({ lifetime: 24 });
    shop = await start({ args: authority.args('short.test') });
});
after(async () => {
    await shop.stop();
    await authority.close();
});

test('a new certificate before the old one ends, no request lost, connections go on', async () => {
    const first = await trusted(shop, authority, 'short.test');
    await until(() => shop.events('certificate_obtained').length > 0, 10); // it serves before it says so
    const [obtained] = shop.events('certificate_obtained');
    const options = { host: '127.0.0.1', port: shop.ports.https, servername: 'short.test', headers: { host: 'short.test' } };
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: authority.root });
    const answers = [];
    let stop = false;
    const family = (async () => {
        while (!stop) {
            answers.push((await ask({ ...options, agent, path: '/' })).status); // one connection
            answers.push((await ask({ ...options, ca: authority.root, path: '/' })).status); // a new one each
        }
    })();
    await until(() => shop.events('certificate_obtained').length === 2, 40);
    const left = obtained.not_after - Date.now() / 1000;
    stop = true;
    await family;
    agent.destroy();
    assert.ok(left > 4 && left < 9, `a third of 24 s was left, not ${left}`);
    assert.notEqual((await visit(shop, authority, 'short.test')).fingerprint256, first.fingerprint256);
    assert.ok(answers.length > 50 && answers.every((status) => status === 200));
});
