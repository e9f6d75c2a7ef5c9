'use strict';
// Two hundred families that all want a seat the moment enrolment opens: each signs up, adds a child,
// puts a workshop into the cart, pays, and reads that it is paid. What a browser sends, they send;
// what a page says, they read.

const { Agent } = require('node:https');
const { PASSWORD, bornYearsAgo, card, unique } = require('../lib/shop.js');

class Refused extends Error {}

const RETRIES = 3;

/** A connection that the server closed while it was between two requests is opened anew, as every
 * browser and proxy does; of those a proxy keeps several may have been. */
async function patiently(ask, retries = RETRIES) {
    try {
        return await ask();
    } catch (error) {
        if (retries === 0 || !/ECONNRESET|EPIPE|socket hang up/.test(`${error.code} ${error.message}`)) throw error;
        return patiently(ask, retries - 1);
    }
}

class Family {
    /** tell(milliseconds, path): an answer came. */
    constructor(browser, slug, tell) { Object.assign(this, { browser, slug, tell }); }

    async step(ask, expected, path) {
        const began = performance.now();
        const answer = await patiently(ask);
        this.tell(performance.now() - began, path);
        if (answer.status !== expected)
            throw new Refused(`${path}: ${answer.status} ${answer.title}`);
        return answer;
    }

    get(path) { return this.step(() => this.browser.get(path), 200, path); }

    send(path, values) {
        const page = this.browser.page;
        return this.step(() => this.browser.submit(path, values, { page }), 303, path);
    }

    async signUp() {
        await this.get('/accounts/signup/');
        await this.send('/accounts/signup/', {
            email: `${unique('familia')}@example.com`, password1: PASSWORD, password2: PASSWORD,
            first_name: 'Rosa', last_name: 'Quispe', country: 'PE', role: '1', phone: '987 654 321',
        });
        await this.get('/users/student-create/');
        await this.send('/users/student-create/', {
            first_name: 'Sofía', last_name: 'Quispe', date_of_birth: bornYearsAgo(8),
        });
    }

    /** The number of the order that the shop has just called paid. */
    async buy() {
        await this.get('/workshops/');
        const page = await this.get(`/workshops/${this.slug}/`);
        const child = page.body.match(/name="student" value="([^"]+)"/);
        if (!child) throw new Refused(`no child to choose: ${page.main.slice(0, 160)}`);
        await this.send(`/store/add-to-cart/${this.slug}/`, { student: child[1] });
        const cart = await this.get('/store/order-summary/');
        const checkout = cart.body.match(/href="(\/store\/checkout\/(\d+)\/)"/);
        if (!checkout) throw new Refused(`nothing to pay: ${cart.main.slice(0, 160)}`);
        await this.get(checkout[1]);
        await this.send(checkout[1], card());
        const order = await this.get(`/store/orders/${checkout[2]}/`);
        if (!order.body.includes(`/store/orders/${checkout[2]}/receipt/`))
            throw new Refused(`not paid: ${order.main.slice(0, 160)}`);
        return Number(checkout[2]);
    }
}

/** So many families at once. options:
 *   address(n)  what a proxy says is the address of the n-th one; without it they come by themselves
 *   pool        connections of the proxy's, which all of them share
 * Gives {orders, complaints, times (milliseconds of every answer, sorted)}. */
async function rush(shop, slug, count, { address, pool } = {}) {
    const agent = pool && new Agent({ keepAlive: true, maxSockets: pool });
    const seen = { orders: [], complaints: [], times: [] };
    await Promise.all(Array.from({ length: count }, async (_, n) => {
        const browser = shop.browser(address && { headers: { 'X-Forwarded-For': address(n) } });
        if (agent) browser.agent = agent;
        const family = new Family(browser, slug, (ms) => seen.times.push(ms));
        try {
            await family.signUp();
            seen.orders.push(await family.buy());
        } catch (error) {
            seen.complaints.push(error instanceof Refused ? error.message : error.stack);
        }
        if (!agent) browser.close();
    }));
    agent?.destroy();
    seen.times.sort((a, b) => a - b);
    return seen;
}

module.exports = { rush };
