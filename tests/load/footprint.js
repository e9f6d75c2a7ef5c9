'use strict';
// Memory, start, sizes: what the program costs before and beside its requests.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { add } = require('./report.js');
const { QUICK, interleave, load, startShop } = require('./servers.js');
const { BINARY, freePort, logIn } = require('../lib/shop.js');

const MB = 1024 * 1024;
/** Until the server has given back what a rush held: it looks every five seconds. */
const SETTLE_MS = 6000;
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// ---- memory -------------------------------------------------------------------------------------

function memory(shop) {
    const status = fs.readFileSync(`/proc/${shop.process.pid}/status`, 'utf8');
    return Number(status.match(/^RssAnon:\s+(\d+) kB/m)[1]) / 1024;
}

/** The most memory the shop holds while something goes on. */
async function peakDuring(shop, work) {
    let peak = 0;
    const timer = setInterval(() => { peak = Math.max(peak, memory(shop)); }, 10);
    try { await work; } finally { clearInterval(timer); }
    return peak;
}

async function logInAtOnce(shop, count) {
    const { email, password } = shop.accounts.parent;
    const answers = await Promise.all(Array.from({ length: count }, async () => {
        // One household with the slow ones, so it may be cut short with them.
        const response = await logIn(shop.browser(), email, password).catch(() => null);
        return response?.status;
    }));
    const odd = answers.filter((status) => ![303, 503, undefined].includes(status));
    assert.deepEqual(odd, [], 'a log-in is taken, put off or cut short');
    return answers.filter((status) => status === 303).length;
}

async function memoryRows() {
    const shop = await startShop();
    const bench = 'memory (RssAnon), 256 workers';
    await pause(500);
    add(bench, 'idle', { value: memory(shop), unit: 'MB', budget: 24 });
    const requests = QUICK ? 10000 : 50000;
    for (const target of ['/workshops/', '/workshops/?x=#'])
        await load('get', shop, { path: target, connections: 200, requests });
    const rush = `${(2 * requests).toLocaleString('en-US')} requests of 200 connections`;
    add(bench, `at the end of ${rush}`, { value: memory(shop), unit: 'MB' });
    await pause(SETTLE_MS);
    add(bench, `after ${rush}`, { value: memory(shop), unit: 'MB', budget: 24 });
    const seconds = QUICK ? 4 : 10;
    const slow = load('hold', { port: shop.port }, { connections: 1000, seconds });
    await pause(1500);
    let taken;
    const logins = logInAtOnce(shop, 100).then((count) => { taken = count; });
    const peak = await peakDuring(shop, Promise.all([slow, logins]));
    const { held } = await slow;
    add(bench, 'peak, 1,000 slow connections and 100 log-ins', { value: peak, unit: 'MB', budget: 96 });
    add(bench, 'slow connections held at once', { value: held, unit: '' });
    add(bench, 'log-ins that succeeded meanwhile', { value: taken, unit: 'of 100' });
    await pause(SETTLE_MS);
    add(bench, 'after that', { value: memory(shop), unit: 'MB' });
    await shop.stop();
}

// ---- start --------------------------------------------------------------------------------------

async function startRows() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-start-'));
    const filled = await startShop();
    await filled.stop({ keep: true });
    const first = async (data) => {
        const port = await freePort();
        const seen = await load('start', { port }, {}, ['--', BINARY, 'serve', '--data', data,
            '--https', `127.0.0.1:${port}`, '--http', '', '--ops', '', '--log-level', 'error']);
        return { ms: seen.us / 1000, cpu: seen.cpu_us / 1000 };
    };
    const seen = await interleave({
        existing: () => first(filled.data),
        fresh: (round) => first(path.join(folder, String(round))),
    }, QUICK ? 3 : 7);
    const bench = 'start to first answer over TLS';
    add(bench, 'existing database', { value: seen.existing.ms, unit: 'ms', budget: 20 });
    add(bench, 'existing database: CPU', { value: seen.existing.cpu, unit: 'ms' });
    add(bench, 'new database', { value: seen.fresh.ms, unit: 'ms', budget: 100 });
    add(bench, 'new database: CPU', { value: seen.fresh.cpu, unit: 'ms' });
    for (const used of [folder, filled.data]) fs.rmSync(used, { recursive: true, force: true });
}

// ---- sizes --------------------------------------------------------------------------------------

/** Addresses that a page makes a browser fetch, and those that a style sheet does. */
function linked(base, body, isCss) {
    const found = isCss ? body.matchAll(/url\(["']?([^"')]+)/g)
        : body.matchAll(/<(?:img|script)\b[^>]*\bsrc="([^"]+)"|<link\b(?=[^>]*\brel="(?:stylesheet|icon|manifest|preload)")[^>]*\bhref="([^"]+)"|\bsrcset="([^" ]+)/g);
    return [...found].map((m) => (m[1] ?? m[2] ?? m[3]).replaceAll('&amp;', '&'))
        .filter((address) => !address.startsWith('data:') && !address.startsWith('#'))
        .map((address) => new URL(address, base));
}

/** What a first visit moves: {pictures, rest (bytes of bodies as sent), hosts (others asked)}. */
async function firstVisit(shop, target) {
    const browser = shop.browser({ headers: { 'Accept-Encoding': 'br, gzip' } });
    const plain = shop.browser();
    const queue = [new URL(target, shop.url)], seen = new Set();
    const sum = { pictures: 0, rest: 0, hosts: 0 };
    for (const url of queue) {
        if (seen.has(url.href)) continue;
        seen.add(url.href);
        if (url.origin !== shop.url) {
            sum.hosts++;
            continue;
        }
        const response = await browser.get(url.pathname + url.search);
        assert.equal(response.status, 200, url.pathname);
        const type = response.headers['content-type'] ?? '';
        sum[/^image\//.test(type) ? 'pictures' : 'rest'] += response.raw.length;
        if (!/^text\/(html|css)/.test(type)) continue;
        const { body } = await plain.get(url.pathname + url.search);
        queue.push(...linked(url, body, /css/.test(type)));
    }
    return sum;
}

async function sizeRows() {
    const shop = await startShop();
    add('size', 'program', { value: fs.statSync(BINARY).size / MB, unit: 'MB', budget: 8 });
    for (const [name, target] of [['home', '/'], ['list', '/workshops/']]) {
        const sum = await firstVisit(shop, target);
        const kb = (bytes) => ({ value: bytes / 1024, unit: 'KB' });
        add('first visit, as sent', `${name}: without pictures`, { ...kb(sum.rest), budget: 40 });
        add('first visit, as sent', `${name}: with pictures`,
            { ...kb(sum.rest + sum.pictures), budget: 250 });
        add('first visit, as sent', `${name}: requests to other hosts`,
            { value: sum.hosts, unit: '', budget: 0 });
    }
    await shop.stop();
}

async function run() {
    await memoryRows();
    await startRows();
    await sizeRows();
}

module.exports = { run };
