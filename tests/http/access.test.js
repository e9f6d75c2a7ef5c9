'use strict';
// Every row of the route table, every method, every kind of person: the answer that access.txt says,
// and nothing changed by who was refused. A row of routes.c that access.txt does not know fails.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { ROOT, start } = require('../lib/shop.js');
const { ROUTES, STAFF_ROUTES } = require('./lib/routes.js');
const { addressOf, makeSchool } = require('./lib/people.js');

const REFUSED = ['login', 'code', 'again', 'setup', '403', '404', '405'];
const ALL = [...ROUTES, ...STAFF_ROUTES];

/** {persons, rows: [{method, pattern, answers: {person: word}}]} of the table. */
function readTable() {
    const lines = fs.readFileSync(path.join(__dirname, 'access.txt'), 'utf8').split('\n');
    const persons = lines.find((line) => /^# +visitor +family +other /.test(line))
        .split(/ +/).slice(1);
    const rows = lines.filter((line) => line && !line.startsWith('#')).map((line) => {
        const [method, pattern, ...words] = line.split(/ +/);
        assert.equal(words.length, persons.length, line);
        return { method, pattern,
            answers: Object.fromEntries(persons.map((person, i) => [person, words[i]])) };
    });
    return { persons, rows };
}

const { persons, rows } = readTable();
const named = rows.filter((row) => row.method !== '*');
const others = rows.filter((row) => row.method === '*');

/** An answer in the table's words. */
function wordOf(answer) {
    if (answer.status !== 303) return String(answer.status);
    assert.match(answer.location, /^\/(?![/\\])/);
    const words = { '/accounts/login/?next=': 'login', '/accounts/login/code/?next=': 'code',
        '/accounts/again/?next=': 'again', '/accounts/second-factor/?next=': 'setup' };
    return words[Object.keys(words).find((start) => answer.location.startsWith(start))] ?? '303';
}

let school;
let tokens;
before(async () => {
    school = await makeSchool(await start({ sandbox: true }));
    tokens = Object.fromEntries(persons.map((person) => [person, school.people[person].token]));
});
after(() => school.shop.stop());

async function ask(person, { method, pattern, answers }) {
    const browser = school.people[person];
    const at = addressOf(school, pattern);
    const answer = method === 'POST' ? await browser.post(at, {}, { token: tokens[person] })
        : await browser.request(method, at);
    assert.equal(wordOf(answer), answers[person],
        `${method} ${at} as ${person}: ${answer.status} ${answer.location ?? ''} ${answer.main}`);
}

test('the table has every row and every method of the program, and no other', () => {
    const beside = fs.readFileSync(path.join(ROOT, 'src/site/traffic.c'), 'utf8')
        .matchAll(/\[BESIDE_\w+\] = \{\.pattern = "([^"]+)"\}/g);
    const known = ALL.flatMap((row) => [row.get && `GET ${row.pattern}`,
        row.post && `POST ${row.pattern}`].filter(Boolean))
        .concat([...beside].map(([, pattern]) => `GET ${pattern}`),
            ['GET /nothing/', 'GET /admin/nothing/']);
    assert.deepEqual(named.map((row) => `${row.method} ${row.pattern}`).sort(), known.sort());
    assert.ok(persons.length === 12 && named.length > 180);
});

describe('who may not is told so, and changes nothing:', () => {
    for (const person of persons) {
        test(person, async () => {
            const before = school.shop.everything();
            for (const row of named.filter((r) => REFUSED.includes(r.answers[person])))
                await ask(person, row);
            for (const row of ALL) {
                const rule = others.find((r) => row.pattern.startsWith(r.pattern.replace('*', '')));
                for (const method of ['GET', 'POST', 'DELETE'].filter((m) => !row[m.toLowerCase()]))
                    await ask(person, { ...rule, method, pattern: row.pattern });
            }
            school.shop.untouched(before);
        });
    }
});

// Those who only look come first: what is done changes what there is to see.
for (const method of ['GET', 'POST']) {
    describe(`who may gets in: ${method},`, () => {
        for (const person of persons) {
            test(person, async () => {
                const allowed = named.filter((row) => row.method === method
                    && !REFUSED.includes(row.answers[person]));
                const last = (row) => method === 'POST' && row.pattern === '/accounts/logout/';
                for (const row of allowed.filter((r) => !last(r))) await ask(person, row);
                for (const row of allowed.filter(last)) {
                    await ask(person, row);
                    const after = await school.people[person].get('/users/profile/');
                    assert.equal(wordOf(after), 'login', 'it was a log-out');
                }
            });
        }
    });
}
