'use strict';
// Runs the program under strace and has a demonstration school live through everything that asks the
// kernel for something of its own: pages, log-in, a bought place, a picture, figures, a reload, a drain.
//
// usage: node tests/install/evening.js TRACE      writes TRACE.PID, a line a call

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');

// strace in front of the program, as the library starts it by one name.
const wrapper = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'taller-strace-')), 'taller');
fs.writeFileSync(wrapper, `#!/bin/sh
[ "$1" = serve ] || exec ${process.env.TALLER_BIN} "$@"
exec strace -D -ff -qq -o '${process.argv[2]}' ${process.env.TALLER_BIN} "$@"
`, { mode: 0o755 });
process.env.TALLER_BIN = wrapper;
const { logIn, mustRedirect, request, start, taller, until } = require('../lib/shop.js');
const { png } = require('../lib/picture.js');

async function main() {
    const shop = await start({ demo: true, env: { NOTIFY_SOCKET: '@taller-nobody' } });
    try {
        const owner = shop.browser();
        mustRedirect(await logIn(owner, shop.accounts.owner.email, shop.accounts.owner.password));
        for (const page of ['/', '/workshops/', '/admin/', '/admin/orders/'])
            assert.equal((await owner.get(page)).status, 200, page);
        assert.equal((await owner.get('/admin/analytics/')).status, 200);
        const topic = shop.value('SELECT min(id) FROM topic');
        await owner.get(`/admin/topics/${topic}/picture/`);
        mustRedirect(await owner.post(`/admin/topics/${topic}/picture/`, {
            picture: { filename: 'a.png', type: 'image/png', data: png(64, 48) },
        }, { multipart: true }));
        assert.equal((await request(shop.ops, { path: '/readyz' })).status, 200);
        shop.process.kill('SIGHUP');
        await until(() => shop.events('reload').length);
        const done = taller(['drain', '--data', shop.data]);
        assert.equal(done.status, 0, done.stderr);
        assert.deepEqual(await shop.ended, { status: 0, signal: null });
    } finally {
        shop.process.kill('SIGKILL');
        fs.rmSync(shop.data, { recursive: true, force: true });
        fs.rmSync(path.dirname(wrapper), { recursive: true });
    }
}
main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
