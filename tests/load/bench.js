'use strict';
// `make bench`: measures what the program costs, beside others where that says more, prints tables
// and writes build/bench.json. See README.md here.
//
// usage: node tests/load/bench.js [pages] [purchases] [handshakes] [footprint] [admin] [analytics]

const path = require('node:path');
const report = require('./report.js');
const { stopAll } = require('./servers.js');
const { ROOT } = require('../lib/shop.js');

const BENCHES = ['pages', 'purchases', 'handshakes', 'footprint', 'admin', 'analytics'];

async function main(wanted) {
    for (const name of wanted) {
        if (!BENCHES.includes(name)) throw new Error(`no bench ${name}; there are ${BENCHES}`);
        await require(`./${name}.js`).run();
    }
    report.write(path.relative(process.cwd(), path.join(ROOT, 'build/bench.json')));
}

const wanted = process.argv.slice(2);
main(wanted.length ? wanted : BENCHES).catch(async (error) => {
    console.error(error);
    await stopAll();
    process.exit(1);
});
