'use strict';
// Families that buy from a server that is killed under them, and remember what they were told. Each
// goes through the workshops in the same order, so that all want the same seats, and after a kill
// goes on where it was: it asks again for what it got no answer to, as people do.

const { addStudent, card, signUp } = require('../lib/shop.js');

class Families {
    /** tell(order): the shop has just told a family that its order is paid. */
    constructor(shop, slugs, tell = () => {}) {
        Object.assign(this, { shop, slugs, tell });
        this.families = [];
        this.confirmed = new Set(); // ids of orders
        this.strange = [];          // answers that a healthy shop would not give
        this.allowed = new Set([200, 303, 422]);
    }

    async signUp(count) {
        this.families = await Promise.all(Array.from({ length: count }, async () => {
            const browser = await signUp(this.shop);
            return { browser, child: await addStudent(browser), next: 0, order: 0, asked: false };
        }));
    }

    /** The server may be at another port. */
    moveTo(shop) {
        for (const { browser } of this.families) {
            browser.close();
            browser.origin = shop.url;
        }
    }

    /** Buys until the server is gone or there is nothing left to buy. */
    buy() {
        return Promise.all(this.families.map(async (family) => {
            while (family.order || family.next < this.slugs.length) {
                try {
                    await this.step(family);
                } catch (error) {
                    if (!/ECONN|socket|EPIPE|closed|TLS|secure/i.test(String(error.code ?? error)))
                        throw error;
                    return; // the next server will be asked
                }
            }
        }));
    }

    async step(family) {
        if (!family.order && !await this.fillCart(family)) return;
        const { order, asked } = family;
        family.asked = true;
        const answer = this.look(await family.browser.post(`/store/checkout/${order}/`, card()));
        if (answer.status >= 500) return; // nothing was promised: it is asked again
        // An answer to a second try may only say that there was a first one.
        if (answer.location === `/store/orders/${order}/` && (!asked || await this.isPaid(family)))
            this.confirm(order);
        family.order = 0;
    }

    /** Wants the next workshop; sets the order to pay. False: there is no seat, or no answer. */
    async fillCart(family) {
        const slug = this.slugs[family.next];
        const added = this.look(await family.browser.post(`/store/add-to-cart/${slug}/`,
            { student: family.child.slug }));
        if (added.status >= 500) return false;
        family.next++;
        if (added.status !== 303) return false;
        const cart = this.look(await family.browser.get('/store/order-summary/'));
        family.order = Number(cart.body.match(/href="\/store\/checkout\/(\d+)\/"/)?.[1] ?? 0);
        family.asked = false;
        return family.order !== 0;
    }

    /** What the family reads on the order's page: only a paid one has a receipt. */
    async isPaid(family) {
        const page = this.look(await family.browser.get(`/store/orders/${family.order}/`));
        return page.body.includes(`/store/orders/${family.order}/receipt/`);
    }

    confirm(order) {
        if (this.confirmed.has(order)) this.strange.push(`order ${order} was confirmed twice`);
        this.confirmed.add(order);
        this.tell(order);
    }

    look(answer) {
        if (!this.allowed.has(answer.status))
            this.strange.push(`${answer.path}: ${answer.status} ${answer.main.slice(0, 200)}`);
        return answer;
    }
}

module.exports = { Families };
