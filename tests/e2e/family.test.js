'use strict';
// The main journey, as a person makes it: a visitor finds a workshop, wants it, signs up, adds a
// child, holds the seat, pays by card and reads the receipt. In both languages, at both widths, with
// and without script.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const stage = require('./stage.js');
const { addChild, payByCard, signUp } = require('./steps.js');
const { CARD, start, unique } = require('../lib/shop.js');

let shop;

before(async () => {
    shop = await start({ demo: true });
    await stage.open();
});
after(async () => {
    await stage.close();
    await shop?.stop();
});

const WORDS = {
    es: { enrol: 'Inscribir', free: 'vacantes', held: /Separamos una vacante para Luz/,
        pay: 'Continuar al pago', paid: /¡Listo! Luz está/, receipt: 'Constancia de pago' },
    en: { enrol: 'Enrol', free: 'seats', held: /We hold a seat for Luz/,
        pay: 'Continue to payment', paid: /Done! Luz is/, receipt: 'Payment receipt' },
};

/** A workshop that a child of eight can join, with room for everybody. */
function workshopFor8() {
    const workshop = shop.sql(`SELECT id, slug, title FROM workshop WHERE active = 1 AND private = 0
        AND start_date > date('now', '+2 days') AND coalesce(min_age, 0) <= 7
        AND coalesce(max_age, 99) >= 9 AND coalesce(discount_price_cents, price_cents) > 0
        ORDER BY start_date, id LIMIT 1`)[0];
    shop.sql(`UPDATE workshop SET capacity = 60 WHERE id = ${workshop.id}`);
    return workshop;
}

for (const lang of ['es', 'en'])
    for (const width of ['phone', 'desk'])
        for (const script of [true, false])
            test(`from a visitor's click to the receipt: ${lang}, ${width}${script ? '' : ', no script'}`,
                async () => {
                    const words = WORDS[lang];
                    const workshop = workshopFor8();
                    const who = await stage.visitor({ lang, width, script });
                    const { page } = who;
                    const look = (name) => stage.inspect(who, `family/${name}`,
                        { axe: width === 'phone' && lang === 'es' });
                    await page.goto(`${shop.url}/workshops/?age=8`);
                    await look('1-list');
                    await page.goto(`${shop.url}/workshops/${workshop.slug}/`);
                    await look('2-workshop');
                    await page.click(`.aside a:has-text("${words.enrol}")`);
                    assert.match(page.url(), /\/accounts\/login\/\?next=/);
                    await look('3-login');
                    await page.click('main p a[href^="/accounts/signup/"]');
                    await look('4-signup');
                    await signUp(page, { email: `${unique('luz')}@example.com` });
                    assert.match(page.url(), new RegExp(`/workshops/${workshop.slug}/`));
                    await look('5-child');
                    await addChild(page);
                    assert.match(page.url(), new RegExp(`/workshops/${workshop.slug}/`));
                    assert.ok(await page.isChecked('input[name=student]'), 'the child is chosen');
                    await page.click('form[action^="/store/add-to-cart/"] button[type=submit]');
                    assert.match(page.url(), /\/store\/order-summary\/$/);
                    assert.match(await page.textContent('main'), words.held);
                    await look('6-cart');
                    await page.click(`a:has-text("${words.pay}")`);
                    await look('7-checkout');
                    await payByCard(page, CARD.good);
                    assert.match(page.url(), /\/store\/orders\/\d+\/$/);
                    assert.match(await page.textContent('h1'), words.paid);
                    await look('8-paid');
                    await page.click('a[href$="/receipt/"]');
                    assert.equal((await page.textContent('h1')).trim(), words.receipt);
                    await look('9-receipt');
                    await page.goto(`${shop.url}/users/profile/`);
                    assert.match(await page.textContent('main'), new RegExp(workshop.title
                        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
                    await look('10-profile');
                    await who.context.close();
                });
