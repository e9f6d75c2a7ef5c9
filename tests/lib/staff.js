'use strict';
// People who work at the school, logged in; what each of them may reach.
//
//     const owner = await hire(shop, 'owner');
//     await forbidden(shop, desk, '/admin/settings/');

const assert = require('node:assert/strict');
const { PASSWORD, logIn, mustRedirect, quote, signUp, taller, unique, until } = require('./shop.js');

const ROLES = ['owner', 'manager', 'desk', 'instructor'];

/** A new member of staff, made from the shell: its browser, with email and account (the id). */
async function hire(shop, role) {
    const browser = shop.browser();
    browser.email = `${unique(role)}@example.com`;
    browser.password = PASSWORD;
    const made = taller(['account', 'create', browser.email, `--${role}`, '--data', shop.data],
        { input: `${PASSWORD}\n` });
    assert.equal(made.status, 0, made.stderr);
    mustRedirect(await logIn(browser));
    browser.account = shop.value(`SELECT id FROM account WHERE email = ${quote(browser.email)}`);
    await browser.get('/admin/');
    return browser;
}

/** One of each role, and a family: {owner, manager, desk, instructor, family}. */
async function hireAll(shop) {
    const all = {};
    for (const role of ROLES) all[role] = await hire(shop, role);
    all.family = await signUp(shop);
    await all.family.get('/users/profile/');
    return all;
}

/** Staff without the right: 403, nothing changes, a line in the trail. */
async function forbidden(shop, browser, send) {
    const told = () => shop.value(`SELECT count(*) FROM audit WHERE action = 'refused'
        AND actor_id = ${browser.account}`);
    const [before, state] = [told(), shop.state()];
    const answer = await send(browser);
    assert.equal(answer.status, 403, answer.main);
    await until(() => told() === before + 1);
    shop.unchanged(state);
}

module.exports = { ROLES, forbidden, hire, hireAll };
