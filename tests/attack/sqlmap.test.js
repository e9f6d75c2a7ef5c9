'use strict';
// sqlmap against every form and query that a visitor, a family and the school's owner see, every
// address with an id or a name in it, and the headers that reach the database. A parameter counts as
// tried when sqlmap has said so; one that it can inject anything into fails.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { folder } = require('../lib/places.js');
const { crawl } = require('../lib/crawl.js');
const { hire } = require('../lib/staff.js');
const { answered, answers, openSchool, unharmed } = require('./lib/school.js');
const { sqlmap } = require('./lib/sqlmap.js');
const { ofPages, pagesOf, pathsOf } = require('./lib/targets.js');
const { openWeak } = require('./lib/weak.js');

/** What ends the attack itself, or can be done once only. */
const LEAVE = /logout|second-factor|[/]again[/]/;
/** Of a family's, besides: what a visitor sees as well. */
const LEAVE_VISITOR = new RegExp(`${LEAVE.source}|^/workshops/$|^/language|/password/reset/`);
/** Of the owner's: what changes how the school works, and what writes to all families each time. */
const LEAVE_STAFF = new RegExp(`${LEAVE.source}|settings|backups|mail/test|refresh|import|picture|`
    + 'cancel|reschedule|message|role|enable|disable|reset|erase|language');

/** The parameters of a target, as sqlmap names them. */
function parameters({ method, address, fields }) {
    return [...(address.includes('*') ? ['URI #1*'] : []),
        ...fields.filter(([name]) => name !== 'csrf_token').map(([name]) => `${method} ${name}`)];
}

/** A subtest for each target, two at a time; says how many parameters were tried. */
async function attack(t, school, targets, options) {
    let tried = 0;
    const before = await answered(school);
    await Promise.all(targets.map((target) => t.test(target.name, async () => {
        const found = await sqlmap(school.url, target, { skip: ['csrf_token'], ...options });
        assert.deepEqual(found.injectable, []);
        const missing = parameters(target).filter((name) => !found.safe.includes(name));
        assert.deepEqual(missing, [], `not tried:\n${found.output.slice(-3000)}`);
        tried += found.safe.length;
    })));
    console.log(`  sqlmap ${t.name}: ${targets.length} targets, ${tried} parameters, `
        + `${await answered(school) - before} requests`);
}

test('what is open to injection is found, what is not is not', async () => {
    const weak = await openWeak(folder());
    try {
        for (const [address, field] of [['/find', 'q'], ['/one', 'id']]) {
            const found = await sqlmap(weak.url,
                { method: 'GET', address, fields: [[field, '1']] });
            assert.deepEqual([found.injectable, found.safe],
                field === 'q' ? [['GET q'], []] : [[], ['GET id']], found.output.slice(-4000));
        }
    } finally {
        await weak.close();
    }
});

describe('sqlmap finds nothing', { concurrency: 1 }, () => {
    let school;
    let visitor;
    before(async () => {
        school = await openSchool();
        visitor = school.browser();
        await visitor.get('/accounts/login/');
    });
    after(() => school.stop());

    test('as a family', { concurrency: 2 }, async (t) => {
        const { family } = school.world;
        const targets = [...ofPages(await pagesOf(family, school.world), LEAVE_VISITOR),
            ...pathsOf(school.world, family.token, (row) => row.access === 'SIGNED_IN')];
        await attack(t, school, targets, { cookie: family.cookieHeader(), level: 2, risk: 2 });
        assert.equal((await family.get('/users/profile/')).status, 200, 'still logged in');
    });

    test('in what the browser says of itself', { concurrency: 2 }, async (t) => {
        const { family } = school.world;
        const session = family.cookies.get('__Host-session');
        const page = { method: 'GET', address: '/users/profile/', fields: [] };
        for (const header of [`Cookie: __Host-session=${session}*`,
            `Cookie: language=es*; __Host-session=${session}`, 'Accept-Language: es*', 'User-Agent: x*',
            'Referer: /x*', 'X-Forwarded-For: 192.0.2.1*', 'Authorization: Bearer x*'])
            await t.test(header.split(/[ =*]/).slice(0, 2).join(' '), async () => {
                const found = await sqlmap(school.url, page, {
                    headers: [...(header.startsWith('Cookie') ? []
                        : [`Cookie: __Host-session=${session}`]), header], level: 2, risk: 2,
                });
                assert.deepEqual(found.injectable, []);
                assert.ok(found.safe.some((name) => name.startsWith('(custom) HEADER ')),
                    found.output.slice(-3000));
            });
    });

    test('as a visitor', { concurrency: 2 }, async (t) => {
        // The form behind a link from a mail spends it, and ends the family's sessions: that is
        // why the links come before the forms here, and the family before the visitor.
        const targets = [...pathsOf(school.world, '', (row) => row.access === 'ANYONE' && row.get),
            ...ofPages(await pagesOf(visitor, school.world), LEAVE)];
        await attack(t, school, targets, { cookie: visitor.cookieHeader(), level: 2, risk: 2 });
    });

    test('with a token that held to the end', async () => {
        assert.equal((await answers(school))[403], undefined);
    });

    test('in the token of a form', async () => {
        const found = await sqlmap(school.url, { method: 'POST', address: '/accounts/login/',
            fields: [['csrf_token', `${visitor.token}*`]] }, { cookie: visitor.cookieHeader(), level: 2 });
        assert.deepEqual(found.injectable, []);
        assert.ok(found.safe.includes('(custom) POST #1*'), found.output.slice(-3000));
    });

    test('and the school is as it was', () => unharmed(school));
});

describe('sqlmap finds nothing in the administration', () => {
    let school;
    before(async () => { school = await openSchool(); });
    after(() => school.stop());

    test('as the owner', { concurrency: 2 }, async (t) => {
        const owner = await hire(school, 'owner');
        // A record's own form is refused from the second change on: its version is spent.
        const targets = ofPages(await crawl(owner), LEAVE_STAFF)
            .filter(({ fields }) => !fields.some(([name]) => name === 'version'));
        await attack(t, school, targets, { cookie: owner.cookieHeader() });
        assert.equal((await owner.get('/admin/')).status, 200, 'still logged in');
    });

    test('with a token that held to the end', async () => {
        assert.equal((await answers(school))[403], undefined);
    });

    test('and the school is as it was', () => unharmed(school));
});
