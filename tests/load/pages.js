'use strict';
// Pages over keep-alive connections: the catalogue beside nginx and beside larger schools, and what
// a family sees that has logged in.

const assert = require('node:assert/strict');
const { add } = require('./report.js');
const { QUICK, interleave, measurePage, startNginx, startShop } = require('./servers.js');
const { addToCart, addWorkshop, day, logIn } = require('../lib/shop.js');

const LIST = '/workshops/';
/** Never the same address twice: the page is made anew every time. */
const FRESH = '/workshops/?x=#';

async function listBesideNginx(shop) {
    const page = await shop.browser().get(LIST);
    assert.equal(page.body.match(/<li class="card\b/g)?.length ?? 0, 12, 'the list shows 12 workshops');
    const nginx = await startNginx(shop, { 'list.html': page.raw });
    const seen = await interleave({
        ours: () => measurePage(shop, LIST),
        nginx: () => measurePage(nginx, '/list.html'),
        fresh: () => measurePage(shop, FRESH),
    });
    const bench = 'list page, 12 workshops, TLS 1.3, 64 connections';
    const peer = { peer: 'nginx', unit: 'µs' };
    add(bench, 'HTML', { value: page.raw.length, unit: 'bytes', budget: 12 * 1024 });
    add(bench, 'CPU a request', { value: seen.ours.cpu, unit: 'µs', budget: 32 });
    add(bench, 'CPU a request, beside nginx',
        { ...peer, value: seen.ours.cpu, peer_value: seen.nginx.cpu, budget: 2 });
    add(bench, 'CPU a request, page made anew',
        { ...peer, value: seen.fresh.cpu, peer_value: seen.nginx.cpu });
    add(bench, 'requests a second',
        { value: seen.ours.rate, unit: '/s', peer: 'nginx', peer_value: seen.nginx.rate });
    add(bench, 'p50', { value: seen.ours.p50, unit: 'ms', peer: 'nginx', peer_value: seen.nginx.p50 });
    add(bench, 'p99', { value: seen.ours.p99, unit: 'ms', peer: 'nginx', peer_value: seen.nginx.p99 });
    await nginx.stop();
}

/** The family of the demonstration, with something in the cart: the Cookie header. */
async function familyCookie(shop) {
    const browser = shop.browser();
    const { email, password } = shop.accounts.parent;
    assert.equal((await logIn(browser, email, password)).status, 303);
    const cart = await browser.get('/store/order-summary/');
    if (!/\/store\/checkout\//.test(cart.body)) {
        const [child] = shop.sql(`SELECT s.id, s.slug FROM student s JOIN account a
            ON a.id = s.parent_id WHERE a.email = '${email}' ORDER BY s.id LIMIT 1`);
        const slug = addWorkshop(shop, { min_age: null, max_age: null, start_date: day(95),
            end_date: day(120) });
        await addToCart(browser, slug, child);
    }
    assert.equal((await browser.get('/store/order-summary/')).status, 200); // takes the message away
    return browser.cookieHeader();
}

const OWN = { profile: '/users/profile/', cart: '/store/order-summary/' };

async function signedIn(shop) {
    const cookie = shop.cookie;
    const seen = await interleave(Object.fromEntries(Object.entries(OWN)
        .map(([name, target]) => [name, () => measurePage(shop, target, { cookie })])));
    for (const [name, figures] of Object.entries(seen)) {
        const bench = 'signed-in pages, TLS 1.3, 64 connections';
        add(bench, `${name}: CPU a request`, { value: figures.cpu, unit: 'µs', budget: 70 });
        add(bench, `${name}: requests a second`, { value: figures.rate, unit: '/s' });
        add(bench, `${name}: p99`, { value: figures.p99, unit: 'ms' });
    }
}

const SIZES = QUICK ? [[100, 10000], [10000, 50000]] : [[100, 10000], [10000, 1000000]];

async function growth(small) {
    for (const grow of SIZES) {
        const large = await startShop({ grow });
        large.cookie = await familyCookie(large);
        const targets = {
            'list page': { target: LIST, budget: 1.3 },
            'list page, made anew': { target: FRESH, budget: 1.3 },
            'home page, made anew': { target: '/?x=#' },
            'search for "robot", made anew': { target: '/workshops/?q=robot&x=#' },
            profile: { target: OWN.profile, own: true },
        };
        const name = (n) => n.toLocaleString('en-US');
        for (const [what, { target, budget, own }] of Object.entries(targets)) {
            const seen = await interleave({
                small: () => measurePage(small, target, { cookie: own && small.cookie }),
                large: () => measurePage(large, target, { cookie: own && large.cookie }),
            });
            add(`growth: ${name(grow[0])} workshops, ${name(grow[1])} inscriptions`, what, {
                value: seen.large.cpu, unit: 'µs', peer: 'small shop', peer_value: seen.small.cpu,
                budget,
            });
        }
        await large.stop();
    }
}

async function run() {
    const shop = await startShop();
    shop.cookie = await familyCookie(shop);
    await listBesideNginx(shop);
    await signedIn(shop);
    await growth(shop);
    await shop.stop();
}

module.exports = { run };
