'use strict';
// Requests that no page of ours made: every row that changes something, asked as somebody who may,
// without the token of their own session, by a method that must not change anything, as a browser
// sends what another site wrote. Nothing changes, in any table.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { start } = require('../lib/shop.js');
const { EXTRA_FIELDS, ROUTES, STAFF_ROUTES } = require('./lib/routes.js');
const { addressOf, makeSchool } = require('./lib/people.js');

const POSTS = [...ROUTES, ...STAFF_ROUTES].filter((row) => row.post);

let school;
let shop;
before(async () => {
    shop = await start({ sandbox: true });
    school = await makeSchool(shop);
    const { people } = school;
    for (const name of ['family', 'owner', 'manager']) await people[name].get('/users/profile/');
});
after(() => shop.stop());

/** Who may use a row, and another of their kind. */
function whoFor(row) {
    const { people } = school;
    if (row.access === 'CODE') return [people.half, people.manager];
    if (row.access === 'STAFF') return [people.owner, people.manager];
    return row.access === 'ANYONE' ? [people.visitor, people.family] : [people.family, people.other];
}

/** Something in every field that the row reads. */
function fieldsOf(row) {
    const names = row.fields.map((field) => field.name)
        .concat(EXTRA_FIELDS[row.pattern] ?? [], ['action', 'id', 'version', 'step', 'confirmed']);
    return Object.fromEntries(names.map((name) => [name, '1']));
}

describe('by GET or HEAD, with all that a POST would bear, changes nothing:', () => {
    for (const row of POSTS) {
        test(row.pattern, async () => {
            const [who] = whoFor(row);
            const at = addressOf(school, row.pattern);
            const query = new URLSearchParams({ ...fieldsOf(row), csrf_token: who.token,
                _method: 'POST' });
            const before = shop.everything();
            const token = who.token;
            for (const method of ['GET', 'HEAD']) {
                const answer = await who.request(method, `${at}${at.includes('?') ? '&' : '?'}${query}`,
                    { headers: { 'X-HTTP-Method-Override': 'POST', 'X-HTTP-Method': 'POST',
                        'X-Method-Override': 'POST' } });
                assert.ok(row.get ? [200, 303].includes(answer.status) : answer.status === 405,
                    `${method} ${at}: ${answer.status}`);
            }
            who.token = token;
            shop.untouched(before, at);
        });
    }
});

describe('without the token of the own session is 403 and changes nothing:', () => {
    for (const row of POSTS.filter((r) => r.csrf !== 'ORIGIN')) {
        test(row.pattern, async () => {
            const [who, another] = whoFor(row);
            const at = addressOf(school, row.pattern);
            const fields = fieldsOf(row);
            const { token } = who;
            const before = shop.everything();
            const send = async (own, options = {}) => {
                const sent = own === undefined ? fields : { ...fields, csrf_token: own };
                const answer = await who.post(at, sent, { token: null, ...options });
                who.token = token;
                return answer.status;
            };
            const tries = {
                'none': [undefined],
                'an empty one': [''],
                'somebody else’s': [another.token],
                'somebody else’s, as a file of several parts': [another.token, { multipart: true }],
                'one in a header': [undefined, { headers: { 'X-CSRF-Token': token } }],
                'a longer one': [`${token}A`],
                'a shorter one': [token.slice(0, -1)],
                'one in other case': [token.toLowerCase() === token ? `${token}x`
                    : token.toLowerCase()],
            };
            for (const [what, [own, options]] of Object.entries(tries))
                assert.equal(await send(own, options), 403, `${at}: ${what}`);
            const query = await who.post(`${at}${at.includes('?') ? '&' : '?'}csrf_token=${token}`,
                fields, { token: null });
            assert.equal(query.status, 403, 'one in the address');
            who.token = token;
            // What another site can make a browser send without asking us first (CORS, simple requests).
            for (const type of ['text/plain', 'text/plain;application/x-www-form-urlencoded',
                'application/json', ''])
                assert.equal((await who.request('POST', at, { headers: { 'Content-Type': type },
                    body: Buffer.from(`csrf_token=${token}&id=1`) })).status, 415, type);
            shop.untouched(before, at);
        });
    }
});

test('a token of before log-in, log-out or a log-in elsewhere is none', async () => {
    const { people } = school;
    const before = shop.everything();
    const stale = people.visitor.token;
    for (const token of [stale, people.half.token, people.disabled.token, people.manager.token])
        assert.equal((await people.owner.post('/admin/topics/new/', { name: 'X' }, { token })).status,
            403);
    shop.untouched(before);
});
