'use strict';
// A family of the shop of k8s/compose.yaml: signs up, asks for the mail with which a forgotten
// password is made anew, and reads it in the catcher.
//
// usage: node tests/image/compose/family.js EMAIL

const assert = require('node:assert/strict');
const { Browser, request } = require('../../lib/browser.js');

const email = process.argv[2];
const password = 'cometa verde bajo la lluvia 9';

async function main() {
    const browser = new Browser('https://localhost:8443');
    await browser.get('/accounts/signup/');
    const signedUp = await browser.submit('/accounts/signup/', {
        email, password1: password, password2: password, first_name: 'Rosa', last_name: 'Quispe',
        country: 'PE', role: '1', phone: '987 654 321', terms: '1',
    });
    assert.equal(signedUp.status, 303, signedUp.main);
    await browser.get('/accounts/password/reset/');
    assert.equal((await browser.submit('/accounts/password/reset/', { email })).status, 303);
    for (let tries = 0; tries < 60; tries++) {
        const { body } = await request('http://localhost:8025', { path: '/' });
        if (body.includes(`To: <${email}>`)) return;
        await new Promise((resolve) => { setTimeout(resolve, 500); });
    }
    assert.fail(`no mail for ${email} in 30 seconds`);
}
main().then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1); });
