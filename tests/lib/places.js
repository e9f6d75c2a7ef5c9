'use strict';
// Servers and folders that end with the test file, however its tests do.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after } = require('node:test');
const { start } = require('./shop.js');

const shops = [], made = [];

/** As start() of shop.js. */
async function open(options) {
    shops.push(await start(options));
    return shops.at(-1);
}

/** An empty folder. */
function folder() {
    made.push(fs.mkdtempSync(path.join(os.tmpdir(), 'taller-place-')));
    return made.at(-1);
}

after(() => shops.forEach((shop) => shop.process.kill('SIGKILL')));
after(() => made.forEach((dir) => fs.rmSync(dir, { recursive: true, force: true })));

module.exports = { folder, open };
