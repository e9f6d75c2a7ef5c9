'use strict';
// What families notice while the school counts: the list page at 200 requests a second, idle and with
// reports over every inscription running without a pause.

const { add } = require('./report.js');
const { QUICK, load } = require('./servers.js');
const { start } = require('../lib/shop.js');
const { hire } = require('../lib/staff.js');

const SECONDS = QUICK ? 4 : 15, ROUNDS = QUICK ? 1 : 3, RATE = 200;

/** Asks for the page of figures again and again, for another period each time. */
function keepCounting(owner) {
    const state = { pages: 0, over: false };
    const loop = async (year) => {
        for (let n = 0; !state.over; n++) {
            const answer = await owner.get(`/admin/analytics/?from=${year - n % 3}-01-0${1 + n % 9}&to=2030-12-31`);
            if (answer.status !== 200) throw new Error(`figures: ${answer.status}`);
            state.pages++;
        }
    };
    const ended = loop(2025);
    return { state, async stop() { state.over = true; await ended; } };
}

async function measure(shop) {
    const { p99_us } = await load('get', { port: shop.ports.https },
        { path: '/workshops/', connections: 16, rate: RATE, seconds: SECONDS });
    return p99_us / 1000;
}

/** Adds the rows for the school in `folder`. */
async function beside(title, folder) {
    const shop = await start({ data: folder });
    const owner = await hire(shop, 'owner');
    const idle = [], counting = [];
    let pages = 0;
    await owner.get('/admin/analytics/'); // the snapshot is mapped from here on
    for (let round = 0; round < ROUNDS; round++) {
        idle.push(await measure(shop));
        const busy = keepCounting(owner);
        counting.push(await measure(shop));
        await busy.stop();
        pages += busy.state.pages;
    }
    const [before, during] = [idle, counting].map((all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)]);
    add(`${title} inscriptions: the list page, p99 at ${RATE}/s`, 'idle', { value: before, unit: 'ms' });
    add(`${title} inscriptions: the list page, p99 at ${RATE}/s`, `while counting (${pages} pages of figures)`,
        { value: during, unit: 'ms', budget: Math.max(2 * before, before + 5) });
    await shop.stop({ keep: true });
}

module.exports = { beside };
