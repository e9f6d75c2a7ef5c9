'use strict';
// What /metrics says, read as Prometheus reads it.

const assert = require('node:assert/strict');
const { request } = require('./browser.js');

const SAMPLE = /^([a-z_]\w*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?)$/;

/** The page's samples: a map of 'name{labels}', labels as they stand, to numbers. */
function parse(text) {
    const samples = new Map();
    assert.ok(text.endsWith('\n'));
    for (const line of text.split('\n').filter((l) => l && !l.startsWith('#'))) {
        const [, name, labels, value] = line.match(SAMPLE) ?? assert.fail(`no sample: ${line}`);
        const key = labels ? `${name}{${labels}}` : name;
        assert.ok(!samples.has(key), `said twice: ${key}`);
        samples.set(key, Number(value));
    }
    return samples;
}

/** Scrapes a running shop's listener for machines. */
async function scrape(shop) {
    const page = await request(shop.ops, { path: '/metrics' });
    assert.equal(page.status, 200);
    assert.equal(page.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    return parse(page.body);
}

module.exports = { parse, scrape };
