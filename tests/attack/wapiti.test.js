'use strict';
// wapiti against all the pages that it finds by itself, as a visitor and as a family. Whatever it
// reports fails, unless it is in the list of what it is wrong about.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { makeAuthority } = require('../lib/certificates.js');
const { folder } = require('../lib/places.js');
const { answered, certified, openSchool, reached, unharmed } = require('./lib/school.js');
const { openWeak } = require('./lib/weak.js');
const { wapiti } = require('./lib/wapiti.js');

const INJECTIONS = ['sql', 'blindsql', 'xss', 'permanentxss', 'exec', 'file', 'crlf', 'xxe', 'ssrf',
    'redirect'];
const SITE = ['csrf', 'csp', 'http_headers', 'methods', 'htaccess', 'backup'];

const WRONG = [
    // Pages that everybody gets alike hold no token; this form is guarded by where it comes from
    // (Sec-Fetch-Site, Origin), and all it changes is a cookie: tests/http/routes.test.js.
    /^Cross Site Request Forgery: POST \/language\/: Lack of anti CSRF token$/,
    // Browsers have no such filter any more, and where one is left it does harm; scripts are
    // stopped by the Content-Security-Policy.
    /^HTTP Secure Headers: GET \/: X-XSS-Protection is not set$/,
];

function nothing(found) {
    assert.deepEqual(found.filter((line) => !WRONG.some((pattern) => pattern.test(line))), []);
}

test('what is weak is found', async () => {
    const weak = await openWeak(folder());
    try {
        const { found } = await wapiti(weak.url, { modules: ['sql', 'xss', 'http_headers'] });
        const kinds = (address) => found.filter((line) => line.includes(` ${address}: `))
            .map((line) => line.split(':')[0]);
        assert.deepEqual([...new Set(kinds('/find'))], ['SQL Injection']);
        assert.deepEqual([...new Set(kinds('/hello'))], ['Cross Site Scripting']);
        assert.deepEqual([kinds('/one'), kinds('/bye')], [[], []]);
        assert.ok(kinds('/').includes('HTTP Secure Headers'));
    } finally {
        await weak.close();
    }
});

describe('wapiti finds nothing', { concurrency: 1 }, () => {
    let school;
    // With a certificate of an authority: only then are browsers told to come by TLS for ever.
    before(async () => {
        const dir = folder();
        school = await openSchool(certified(makeAuthority(dir), dir));
    });
    after(() => school.stop());

    async function attack(options) {
        const before = await answered(school);
        const { found, pages, seconds } = await wapiti(school.url, options);
        console.log(`  wapiti below ${options.below}: ${pages} pages and forms, `
            + `${await answered(school) - before} requests, ${Math.round(seconds)} s`);
        nothing(found);
    }

    // The cookie that stands beside a form's token comes by itself, and is looked at.
    test('as a visitor', async () => {
        await attack({ below: '/', modules: [...INJECTIONS, ...SITE, 'cookieflags'] });
        await reached(school, '/accounts/signup/');
    });

    test('as a family', async () => {
        const options = {
            modules: [...INJECTIONS, 'csrf', 'shellshock'], cookie: school.world.family.cookieHeader(),
        };
        await attack({ ...options, below: '/users/', first: '/users/profile/' });
        await attack({ ...options, below: '/store/', first: '/store/order-summary/' });
        await reached(school, '/users/edit-profile/');
        assert.equal((await school.world.family.get('/users/profile/')).status, 200, 'still logged in');
    });

    test('and the school is as it was', () => unharmed(school));
});
