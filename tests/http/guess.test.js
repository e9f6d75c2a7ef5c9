'use strict';
// Guessing: how long an answer takes and what it says tells nothing, and guesses that are sent all at
// once are not looked at more often than one after the other.

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const { after, before, describe, test } = require('node:test');
const { PASSWORD, SLOW, addStudent, addToCart, addWorkshop, checkoutCard, logIn, mustRedirect, quote, signUp,
    start, unique, until } = require('../lib/shop.js');
const { makeWorld, setSecondFactor } = require('./lib/routes.js');
const { totp } = require('./lib/totp.js');

let shop;
let world;
before(async () => {
    shop = await start({ sandbox: true, settings: { failed_logins_per_address: '100000' } });
    world = await makeWorld(shop);
});
after(() => shop.stop());

// ---- time ----------------------------------------------------------------------------------------

/** Nanoseconds of processor that the server has used, in all of its threads. */
function cpu() {
    const tasks = `/proc/${shop.process.pid}/task`;
    let sum = 0;
    for (const task of fs.readdirSync(tasks)) {
        try {
            sum += Number(fs.readFileSync(`${tasks}/${task}/schedstat`, 'latin1').split(' ')[0]);
        } catch (error) {
            if (!['ENOENT', 'ESRCH'].includes(error.code)) throw error; // it ended just now
        }
    }
    return sum;
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

/** The probability that a value of one is above a value of the other (Mann and Whitney's U, over all
 * pairs): 0.5 where they cannot be told apart, 0 or 1 where each single answer tells. */
function above(one, other) {
    let wins = 0;
    for (const a of one) for (const b of other) wins += a > b ? 1 : a === b ? 0.5 : 0;
    return wins / (one.length * other.length);
}

/** z of U under "no difference": beyond 3 in a quiet machine, somebody should look. */
function deviation(one, other) {
    const [n, m] = [one.length, other.length];
    return (above(one, other) - 0.5) * Math.sqrt(12 * n * m / (n + m + 1));
}

const ROUNDS = 12;

/** Sends each of several requests in turn; {name: {cpu: [ms], wall: [ms]}}. */
async function measure(kinds) {
    const found = Object.fromEntries(Object.keys(kinds).map((name) => [name, { cpu: [], wall: [] }]));
    for (let round = 0; round <= ROUNDS; round++) {
        for (const [name, send] of Object.entries(kinds)) {
            const [used, begun] = [cpu(), process.hrtime.bigint()];
            await send(round);
            const wall = Number(process.hrtime.bigint() - begun) / 1e6;
            if (!round) continue; // the first finds everything cold
            found[name].wall.push(wall);
            found[name].cpu.push((cpu() - used) / 1e6);
        }
    }
    return found;
}

/** Prints the distributions beside that of the first kind; fails where nearly every answer of one kind
 * took longer than nearly every one of the other and the medians are far apart, too: a hash that one
 * side is spared is nine tenths of an answer. `by`: the processor's time, or the clock. */
function compare(what, found, by = 'cpu') {
    const [base, ...others] = Object.keys(found);
    const quartiles = (list) => [0.25, 0.5, 0.75].map((q) =>
        [...list].sort((a, b) => a - b)[Math.floor(q * (list.length - 1))].toFixed(1)).join(' / ');
    for (const name of [base, ...others]) {
        const beside = name === base ? '' : `; P(above ${base}) ${above(found[name][by], found[base][by])
            .toFixed(2)}, z ${deviation(found[name][by], found[base][by]).toFixed(1)}`;
        console.log(`  ${what}, ${name}: processor ${quartiles(found[name].cpu)} ms, `
            + `clock ${quartiles(found[name].wall)} ms (quartiles)${beside}`);
    }
    for (const name of others) {
        const [a, b] = [median(found[base][by]), median(found[name][by])];
        const apart = Math.abs(above(found[name][by], found[base][by]) - 0.5) > 0.45;
        assert.ok(!apart || Math.abs(a - b) < Math.max(3, 0.5 * Math.max(a, b)),
            `${what}: ${base} ${a.toFixed(1)} ms, ${name} ${b.toFixed(1)} ms`);
    }
}

describe('the time of an answer does not tell', { skip: SLOW > 1 }, () => {
    test('who has an account, nor who was switched off', async () => {
        const join = () => signUp(shop, { terms: '1' });
        const [rosa, off, invited] = [await join(), await join(), await join()];
        shop.sql(`UPDATE account SET is_active = 0 WHERE id = ${off.account};
            UPDATE account SET password_hash = NULL WHERE id = ${invited.account}`);
        shop.setting('failed_logins_per_account', '1000');
        const visitor = shop.browser();
        await visitor.get('/accounts/login/');
        const wrong = (login) => async () => {
            const answer = await visitor.post('/accounts/login/', { login, password: 'not the one' });
            assert.equal(answer.status, 422);
        };
        compare('log-in', await measure({
            unknown: (round) => wrong(`nadie${round}@example.com`)(),
            known: wrong(rosa.email),
            'switched off': wrong(off.email),
            'switched off, right password': async () => {
                const answer = await visitor.post('/accounts/login/',
                    { login: off.email, password: PASSWORD });
                assert.equal(answer.status, 422);
            },
            'without a password': wrong(invited.email),
        }));
        // What was counted stays in memory: other addresses from here on.
        shop.setting('failed_logins_per_account', '10');
    });

    test('who asked for a new password', async () => {
        shop.sql(Array.from({ length: ROUNDS + 1 }, (_, i) => `INSERT INTO account (email, first_name,
            last_name) VALUES ('conocida${i}@example.com', 'A', 'B')`).join(';'));
        const visitor = shop.browser();
        await visitor.get('/accounts/password/reset/');
        const ask = (who) => async (round) => mustRedirect(await visitor.post(
            '/accounts/password/reset/', { email: `${who}${round}@example.com` }));
        const found = await measure({ unknown: ask('nadie'), known: ask('conocida') });
        // The mail is written behind the answer, and is not the visitor's to see: the clock counts.
        compare('reset', found, 'wall');
        await until(() => shop.value(`SELECT count(*) FROM outbox WHERE recipient LIKE 'conocida%'`)
            === ROUNDS + 1);
    });

    test('how near a code was', async () => {
        const person = await signUp(shop, { terms: '1' });
        const secret = setSecondFactor(shop, person.account);
        shop.setting('failed_logins_per_account', '1000');
        const half = shop.browser();
        mustRedirect(await logIn(half, person.email, person.password));
        await half.get('/accounts/login/code/');
        const near = () => totp(secret).replace(/.$/, (c) => String((Number(c) + 5) % 10));
        const send = (code) => async () =>
            assert.equal((await half.post('/accounts/login/code/', { code: code() })).status, 422);
        compare('second factor', await measure({
            'no digit right': send(() => totp(secret).replace(/./g, (c) => String((Number(c) + 5) % 10))),
            'one digit wrong': send(near),
            'a recovery code’s shape': send(() => 'aaaa-bbbb-cccc'),
        }));
        shop.setting('failed_logins_per_account', '10');
    });
});

// ---- many at once --------------------------------------------------------------------------------

/** Sends the same many times at once, over as many connections; how many answers of each status. */
async function burst(browser, send, times = 40) {
    const answers = await Promise.all(Array.from({ length: times }, (_, i) => send(browser, i)));
    return answers.reduce((all, { status }) => ({ ...all, [status]: (all[status] ?? 0) + 1 }), {});
}

/** Runs something while nobody can write to the database, for the first half second of it: what
 * comes at once then stands in line together, whatever the machine is like. */
async function whileHeld(run) {
    const holder = spawn('sqlite3', [shop.db], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => { holder.on('close', resolve); });
    holder.stdin.write("BEGIN IMMEDIATE;\nSELECT 'held';\n");
    await new Promise((resolve) => { holder.stdout.once('data', resolve); });
    setTimeout(() => holder.stdin.end('COMMIT;\n'), 500 * SLOW);
    try {
        return await run();
    } finally {
        await ended;
    }
}

describe('guesses sent all at once', () => {
    test('of a second factor’s code: ten are looked at', async () => {
        const person = await signUp(shop, { terms: '1' });
        const secret = setSecondFactor(shop, person.account);
        const half = shop.browser({ sockets: 40 });
        mustRedirect(await logIn(half, person.email, person.password));
        await half.get('/accounts/login/code/');
        const { token } = half;
        const right = totp(secret);
        const found = await whileHeld(() => burst(half, (browser, i) => browser.post('/accounts/login/code/',
            { code: String((Number(right) + 1 + i) % 1000000).padStart(6, '0') }, { token })));
        assert.deepEqual(found, { 422: 10, 429: 30 });
        assert.equal((await half.post('/accounts/login/code/', { code: right }, { token })).status, 429);
        assert.equal(shop.value(`SELECT awaits_code FROM session WHERE account_id = ${person.account}
            ORDER BY created_at DESC, awaits_code DESC LIMIT 1`), 1);
    });

    test('of a code before something sensitive, or while it is set up: ten', async () => {
        const person = await signUp(shop, { terms: '1' });
        const secret = setSecondFactor(shop, person.account);
        const many = shop.browser({ sockets: 40 });
        many.cookies = new Map(person.cookies);
        await many.get('/accounts/again/');
        const { token } = many;
        const wrong = String((Number(totp(secret)) + 1) % 1000000).padStart(6, '0');
        assert.deepEqual(await whileHeld(() => burst(many, (browser) => browser.post('/accounts/again/',
            { code: wrong }, { token }))), { 422: 10, 429: 30 });
    });

    test('codes that are right take nothing from what may still be wrong', async () => {
        const person = await signUp(shop, { terms: '1' });
        const secret = setSecondFactor(shop, person.account);
        await person.get('/accounts/again/');
        for (let i = 0; i < 12; i++) {
            shop.sql(`UPDATE second_factor SET last_step = 0 WHERE account_id = ${person.account}`);
            mustRedirect(await person.post('/accounts/again/', { code: totp(secret) }));
        }
        for (let i = 0; i < 10; i++)
            assert.equal((await person.post('/accounts/again/', { code: 'no' })).status, 422, i);
        assert.equal((await person.post('/accounts/again/', { code: 'no' })).status, 429);
    });

    test('of a password: no more than ten and those already being looked at', async () => {
        const rosa = await signUp(shop, { terms: '1' });
        const many = shop.browser({ sockets: 40 });
        await many.get('/accounts/login/');
        const { token } = many;
        const found = await burst(many, (browser, i) => browser.post('/accounts/login/',
            { login: rosa.email, password: `guess ${i}` }, { token }));
        assert.equal((found[422] ?? 0) + (found[429] ?? 0) + (found[503] ?? 0), 40, JSON.stringify(found));
        // Whatever was answered: the right one does not come in behind them.
        assert.equal((await logIn(shop.browser(), rosa.email, PASSWORD)).status, 429);
    });

    test('of reset mails: three reach the mailbox', async () => {
        const rosa = await signUp(shop, { terms: '1' });
        const many = shop.browser({ sockets: 40 });
        await many.get('/accounts/password/reset/');
        const { token } = many;
        assert.deepEqual(await burst(many, (browser) => browser.post('/accounts/password/reset/',
            { email: rosa.email }, { token }), 20), { 303: 20 });
        await many.get('/readyz'); // a write behind the ones before
        assert.equal(shop.value(`SELECT count(*) FROM outbox WHERE recipient = ${quote(rosa.email)}`), 3);
    });

    test('of sign-ups: as many as an address may', async () => {
        const own = await start({ settings: { signups_per_address: '5' } });
        try {
            const many = own.browser({ sockets: 40 });
            await many.get('/accounts/signup/');
            const { token } = many;
            const cookies = many.cookieHeader();
            const found = await burst(many, (browser, i) => browser.post('/accounts/signup/', {
                email: `${unique('a')}@example.com`, password1: PASSWORD, password2: PASSWORD,
                first_name: 'A', last_name: `B${i}`, country: 'PE', role: '1', phone: '987654321',
            }, { token, headers: { Cookie: cookies } }));
            assert.deepEqual({ 303: found[303], 429: found[429] }, { 303: 5, 429: 35 });
            assert.equal(own.value('SELECT count(*) FROM account'), 5);
        } finally {
            await own.stop();
        }
    });
});

// ---- what there is --------------------------------------------------------------------------------

describe('what there is cannot be counted from outside', () => {
    /** A page without what differs in any two pages: ids of requests, tokens. */
    const plain = (answer) => answer.body.replace(/\b[0-9a-f]{16}\b/g, 'ID')
        .replace(/name="(csrf_token|next)" value="[^"]*"/g, '$1').replace(/\d+/g, 'N');

    test('another family’s order, receipt, child and seat answer as what never was', async () => {
        const stranger = await signUp(shop, { terms: '1' });
        await stranger.get('/users/profile/');
        const { token } = stranger;
        for (const [pattern, id] of [['/store/orders/ID/', world.paid], ['/store/orders/ID/receipt/', world.paid],
            ['/store/orders/ID/credit/1/', world.paid], ['/store/checkout/ID/', world.cart],
            ['/users/student-edit/ID/', world.child.id]]) {
            const [there, never] = [await stranger.get(pattern.replace('ID', id)),
                await stranger.get(pattern.replace('ID', 987654321))];
            assert.equal(there.status, 404);
            assert.equal(plain(there), plain(never), pattern);
        }
        for (const [pattern, id] of [['/store/remove-from-cart/ID/', world.seat],
            ['/users/student-delete/ID/', world.spare.id],
            ['/store/orders/ID/report-payment/', world.pending]]) {
            const [there, never] = [await stranger.post(pattern.replace('ID', id), { operation: '1' }, { token }),
                await stranger.post(pattern.replace('ID', 987654321), { operation: '1' }, { token })];
            assert.equal(there.status, 404);
            assert.equal(plain(there), plain(never), pattern);
        }
    });

    test('a private or hidden workshop, with a wrong key, answers as what never was', async () => {
        const key = 'k'.repeat(22);
        const hidden = addWorkshop(shop, { private: 1, private_key: key });
        const off = addWorkshop(shop, { active: 0 });
        const never = await shop.browser().get('/workshops/never-was-there/');
        for (const path of [`/workshops/${hidden}/`, `/workshops/${hidden}/?key=`, `/workshops/${hidden}/?key=x`,
            `/workshops/${hidden}/?key=${key.slice(1)}`, `/workshops/${hidden}/?key=${key}x`, `/workshops/${off}/`]) {
            const answer = await shop.browser().get(path);
            assert.equal(answer.status, 404, path);
            assert.equal(plain(answer), plain(never), path);
        }
        assert.equal((await shop.browser().get(`/workshops/${hidden}/?key=${key}`)).status, 200);
    });

    test('names for people and links cannot be guessed: random, long, all different', async () => {
        const family = await signUp(shop, { terms: '1' });
        const codes = new Set();
        for (let i = 0; i < 4; i++) {
            const child = await addStudent(family);
            assert.match(child.slug, /^[\w-]{16}$/);
            mustRedirect(await addToCart(family, addWorkshop(shop), child));
            const { order } = mustRedirect(await checkoutCard(family));
            codes.add(shop.value(`SELECT code FROM orders WHERE id = ${order}`));
        }
        assert.equal(codes.size, 4);
        for (const code of codes) assert.match(code, /^TAL-[2-9A-Z]{4,6}$/);
        // And a code opens nothing: it stands in no address.
        for (const code of codes)
            for (const path of [`/store/orders/${code}/`, `/store/orders/${code}/receipt/`])
                assert.equal((await family.get(path)).status, 404);
    });

    test('a taken address is told at sign-up only where the school wants no proof of it', async () => {
        const rosa = await signUp(shop, { terms: '1' });
        const fields = { email: rosa.email, password1: `${PASSWORD} 2`, password2: `${PASSWORD} 2`,
            first_name: 'A', last_name: 'B', country: 'PE', role: '1', phone: '987654321' };
        const tried = async () => {
            const browser = shop.browser();
            await browser.get('/accounts/signup/');
            return (await browser.submit('/accounts/signup/', { terms: '1', ...fields })).status;
        };
        assert.equal(await tried(), 422);
        shop.setting('confirm_email', '1');
        assert.equal(await tried(), 200);
        await until(() => shop.value(`SELECT count(*) FROM outbox WHERE recipient = ${quote(rosa.email)}`));
        shop.setting('confirm_email', null);
    });
});
