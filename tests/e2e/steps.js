'use strict';
// What people do on the pages of the shop, in one call each, by the controls they see.

const { PASSWORD, bornYearsAgo } = require('../lib/shop.js');

/** Fills in fields by their names: a text is typed, `true` ticks a box, and where a name has several
 * radio buttons the one with the value is chosen. */
async function fill(page, values) {
    for (const [name, value] of Object.entries(values)) {
        const field = page.locator(`main [name="${name}"]`);
        const type = await field.first().getAttribute('type');
        if (type === 'radio') await page.check(`main [name="${name}"][value="${value}"]`);
        else if (type === 'checkbox') await field.setChecked(value);
        else if (await field.evaluate((f) => f.localName) === 'select') await field.selectOption(value);
        else await field.fill(value);
    }
}

/** Sends the page's form; without an action the only one there is. */
async function send(page, action) {
    await page.click(`main form${action ? `[action^="${action}"]` : ''} button[type=submit]`);
}

/** Lets forms be sent that the browser itself would stop, as an older one would. */
async function unguard(page) {
    await page.evaluate(() => document.querySelectorAll('form').forEach((f) => { f.noValidate = true; }));
}

const PARENT = {
    role: '1', first_name: 'Rosa', last_name: 'Quispe Huamán', phone: '987 654 321',
    password1: PASSWORD, password2: PASSWORD,
};

/** On the sign-up page; `values` must hold the e-mail. */
async function signUp(page, values) {
    await fill(page, { ...PARENT, ...values });
    if (await page.locator('#terms').count()) await page.check('#terms');
    await send(page, '/accounts/signup/');
}

/** On the log-in page. */
async function logIn(page, login, password = PASSWORD) {
    await fill(page, { login, password });
    await send(page, '/accounts/login/');
}

/** Wherever a child can be added. */
async function addChild(page, values = {}) {
    await fill(page, {
        first_name: 'Luz', last_name: 'Quispe', date_of_birth: bornYearsAgo(8), ...values,
    });
    await send(page, '/users/student-create/');
}

/** On the checkout page. */
async function payByCard(page, number, values = {}) {
    await page.check('[name=method][value=card]');
    await fill(page, {
        cc_number: number, cc_month: '12', cc_year: String(new Date().getFullYear() + 2),
        cc_cvv: '123', ...values,
    });
    await send(page, '/store/checkout/');
}

/** On the checkout page. */
async function payByTransfer(page) {
    await page.check('[name=method][value=transfer]');
    await send(page, '/store/checkout/');
}

module.exports = { PARENT, fill, send, unguard, signUp, logIn, addChild, payByCard, payByTransfer };
