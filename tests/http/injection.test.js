'use strict';
// What people type never becomes a line of its own: not in a response's head, not in the log, not in
// a mail's head, and not a formula in the spreadsheet that somebody else opens.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const {
    PASSWORD, addStudent, addToCart, addTopic, addWorkshop, bornYearsAgo, checkoutTransfer, day, mustRedirect,
    quote, signUp, start, unique,
} = require('../lib/shop.js');
const { openMailbox } = require('../lib/mailbox.js');
const { hire } = require('../lib/staff.js');

/** Ends a line, in every way that some reader takes for one; then says something of its own. */
const LINES = 'Ana\r\nBcc: spy\nSet-Cookie: evil=1\r\n\r\n{"event":"evil"}\u0085x\u2028y\u2029z'
    + '\u001b[2J\u009b31m\u202e\u0000'.replace('\u0000', '') + '\u007f\u0007';
const FORMULAS = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '=HYPERLINK(A1)',
    'a;=1', 'a";"=1', '"=1', ' =1', '\uff1d1', '\uff0b1', '=cmd|\' /C calc\'!A0', 'a\n=1', "'=1", ';=1;', ',=1,'];

let shop;
let mailbox;
let owner;

before(async () => {
    mailbox = await openMailbox({ auth: false });
    shop = await start({ sandbox: true, ...mailbox.shop, args: [...mailbox.shop.args, '--log-level', 'debug'],
        settings: { mail_from: 'hola@academia.example', signups_per_address: '1000' } });
    owner = await hire(shop, 'owner');
});
after(async () => {
    await shop.stop();
    await mailbox.close();
});

/** The cells of a file, as a spreadsheet reads it whose separator is this. */
function cellsOf(text, separator) {
    const rows = [[]];
    let cell = '';
    let quoted = false;
    for (let i = 0; i < text.length; i++) {
        const c = text[i];
        if (quoted) {
            if (c !== '"') cell += c;
            else if (text[i + 1] === '"') cell += text[++i];
            else quoted = false;
        } else if (c === '"' && cell === '') quoted = true;
        else if (c === separator || c === '\n' || c === '\r') {
            rows.at(-1).push(cell);
            cell = '';
            if (c !== separator) rows.push([]);
        } else cell += c;
    }
    rows.at(-1).push(cell);
    return rows.flat();
}

/** What a spreadsheet runs: the beginning of a cell, or of what is left without white space. */
function isFormula(cell) { return /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell); }

async function noFormulas(who, at) {
    const file = await who.get(at);
    assert.equal(file.status, 200, at);
    assert.match(file.headers['content-type'], /^text\/csv/);
    assert.match(file.headers['content-disposition'], /^attachment; filename="[\w.-]+\.csv"$/);
    for (const separator of [',', ';', '\t'])
        for (const cell of cellsOf(file.body.replace(/^\ufeff/, ''), separator))
            assert.ok(!isFormula(cell), `${at}, by ${JSON.stringify(separator)}: ${JSON.stringify(cell)}`);
    return file;
}

/** Everything of a family that a family can write, with this text in it. */
async function familyOf(text) {
    const family = await signUp(shop, { terms: '1', first_name: text, last_name: text, role: '2', school: text });
    const child = await addStudent(family, { first_name: `N${text}`, last_name: text, school: text,
        emergency_contact: text, notes: text });
    await family.get('/users/edit-profile/');
    await family.submit('/users/edit-profile/', { first_name: text, school: text });
    mustRedirect(await addToCart(family, shop.slug ??= addWorkshop(shop, { capacity: null }), child));
    const { order } = mustRedirect(await checkoutTransfer(family, { terms: '1' }));
    await family.get(`/store/orders/${order}/`);
    mustRedirect(await family.submit(`/store/orders/${order}/report-payment/`,
        { operation: `${text}${unique()}`.slice(0, 40) }));
    return { family, order };
}

describe('lines in what people type', () => {
    test('make no header, no cookie, no mail and no line of the log', async () => {
        const { family, order } = await familyOf(LINES.slice(0, 60));
        for (const path of ['/users/profile/', '/users/export/', `/store/orders/${order}/`])
            assert.ok(!('bcc' in (await family.get(path)).headers), path);
        const answers = [];
        for (const path of ['/', '/workshops/', '/accounts/login/', `/store/orders/${order}/`]) {
            const query = encodeURIComponent(LINES);
            answers.push(await family.get(`${path}?q=${query}&next=${query}&key=${query}&sort=${query}`));
        }
        answers.push(await family.post('/language/', { language: 'es', next: LINES }));
        answers.push(await owner.post('/admin/orders/', { action: 'file', id: '1', next: LINES }));
        for (const answer of answers) {
            assert.ok(!('bcc' in answer.headers) && !('evil' in answer.headers));
            assert.ok(!answer.cookies.some((line) => /^evil/.test(line)));
            for (const value of Object.values(answer.headers).flat())
                assert.doesNotMatch(value, /[^\x20-\x7e]/);
        }
    });

    test('are one line in what staff type, too', async () => {
        const title = `Taller ${LINES}`.slice(0, 110);
        await owner.get('/admin/workshops/new/');
        const made = mustRedirect(await owner.submit('/admin/workshops/new/', { title, price: '10',
            topic_id: String(addTopic(shop, { name: unique('T') })), place: LINES.slice(0, 100), start_date: day(9) }));
        await owner.get(made.location);
        const row = shop.sql(`SELECT title, place, slug FROM workshop ORDER BY id DESC LIMIT 1`)[0];
        assert.doesNotMatch(row.title + row.place, /[\x00-\x1f\x7f-\x9f\u2028-\u202e]/);
        assert.match(row.slug, /^[a-z0-9-]+$/);
        const id = shop.value('SELECT max(id) FROM workshop');
        const roster = await owner.get(`/admin/workshops/${id}/roster.csv`);
        assert.match(roster.headers['content-disposition'], /^attachment; filename="[a-z0-9-]+\.csv"$/);
        for (const values of [{ school_name: LINES.slice(0, 50) }, { email: `a@b.pe\r\nBcc: spy@evil.example` },
            { address: LINES.slice(0, 100) }]) {
            await owner.get('/admin/settings/school/');
            const saved = await owner.submit('/admin/settings/school/', values);
            assert.ok([303, 422].includes(saved.status));
        }
        for (const [key, value] of shop.sql('SELECT key, value FROM setting').map((s) => [s.key, s.value]))
            if (key !== 'address' && key !== 'bank_details') assert.doesNotMatch(value, /[\r\n\x1b]/, key);
        for (const path of ['/', '/workshops/', '/accounts/login/'])
            for (const value of Object.values((await shop.browser().get(path)).headers).flat())
                assert.doesNotMatch(value, /[^\x20-\x7e]/);
    });

    test('are no header of a mail, whoever wrote them', async () => {
        const slug = shop.slug;
        const id = shop.value(`SELECT id FROM workshop WHERE slug = ${quote(slug)}`);
        await owner.get(`/admin/workshops/${id}/message/`);
        const looked = await owner.submit(`/admin/workshops/${id}/message/`,
            { subject: `Hola ${LINES}`.slice(0, 90), text: LINES });
        assert.equal(looked.status, 200, looked.main);
        mustRedirect(await owner.submit(`/admin/workshops/${id}/message/`, { step: 'do' }));
        let mails = 0;
        while (shop.value('SELECT count(*) FROM outbox WHERE sent_at IS NULL') > 0 || mails < mailbox.mails.length) {
            const mail = await mailbox.next();
            mails++;
            assert.ok(!mail.bcc && !mail.headers.has('set-cookie'), mail.raw);
            assert.deepEqual([...mail.headers.keys()].filter((name) => !['date', 'from', 'to', 'subject',
                'message-id', 'mime-version', 'auto-submitted', 'content-type', 'reply-to',
                'content-transfer-encoding'].includes(name)), []);
            assert.equal(mail.envelope.rcptTo.length, 1);
            assert.doesNotMatch(mail.envelope.rcptTo[0].address, /evil/);
            assert.doesNotMatch(mail.subject, /[\x00-\x1f\x7f-\x9f]/);
        }
        assert.ok(mails >= 3);
    });

    test('leave the log as it is: one event a line, for machines and for terminals', () => {
        assert.ok(shop.log.length > 20);
        for (const event of shop.log) {
            assert.notEqual(event.event, 'evil');
            assert.doesNotMatch(JSON.stringify(Object.values(event)), /evil|spy|\\u001b|\\u009b/i);
        }
        assert.deepEqual(shop.strange.filter((line) => /evil|spy/.test(line)), []);
    });
});

test('a name is no address: nobody sends links to strangers through us', async () => {
    const before = shop.everything();
    const names = ['Gana en http://evil.example', 'evil.com', 'EVIL.COM', 'Ana www.evil.example', 'a@evil.pe',
        'Ana ñandú.pe', 'ftp://x'];
    const family = await signUp(shop, { terms: '1' });
    await family.get('/users/student-create/');
    const after = shop.everything();
    assert.notEqual(after, before);
    for (const name of names) {
        for (const field of ['first_name', 'last_name']) {
            const child = { first_name: 'Sofía', last_name: 'Paz', date_of_birth: bornYearsAgo(8), [field]: name };
            assert.equal((await family.post('/users/student-create/', child)).status, 422, name);
            const browser = shop.browser();
            await browser.get('/accounts/signup/');
            const answer = await browser.submit('/accounts/signup/', { email: `${unique('x')}@example.com`,
                password1: PASSWORD, password2: PASSWORD, first_name: 'A', last_name: 'B', country: 'PE',
                role: '1', phone: '987654321', [field]: name });
            assert.equal(answer.status, 422, name);
            assert.match(answer.main, /sin direcciones web/);
        }
    }
    shop.untouched(after);
    for (const name of ['J. R. Pérez', 'Ma. Elena', 'A.B.', 'J.R.R. Tolkien', "O'Neill-Ruiz", 'Dr. Juan'])
        await addStudent(family, { first_name: name });
});

test('an address that would be two recipients is none', async () => {
    const before = shop.everything();
    for (const email of ['a@b.pe\r\nBcc: spy@evil.example', 'a@b.pe,spy@evil.example', 'a@b.pe spy@evil.example',
        '<a@b.pe>', 'a@b.pe>\r\nRCPT TO:<spy@evil.example', '"a b"@c.pe', 'a@[127.0.0.1]', 'a@b.pe;c@d.pe',
        'a@b.pe\u2028x', 'a@b.pe%0aBcc:x@y.pe', '-oQ/tmp@b', 'a@b.pe|x']) {
        const browser = shop.browser();
        await browser.get('/accounts/signup/');
        const answer = await browser.submit('/accounts/signup/', { email, password1: PASSWORD, password2: PASSWORD,
            first_name: 'A', last_name: 'B', country: 'PE', role: '1', phone: '987654321' });
        assert.equal(answer.status, 422, JSON.stringify(email));
    }
    shop.untouched(before);
});

test('no cell of a file is a formula, whatever a family is called and whoever opens it', async () => {
    for (const text of FORMULAS) await familyOf(text);
    const files = ['accounts', 'students', 'orders', 'inscriptions', 'payments', 'mail', 'consents', 'audit',
        'workshops', 'topics'].map((noun) => `/admin/${noun}/file.csv`);
    const id = shop.value(`SELECT id FROM workshop WHERE slug = ${quote(shop.slug)}`);
    let said = '';
    for (const at of [...files, `/admin/workshops/${id}/roster.csv`]) said += (await noFormulas(owner, at)).body;
    assert.ok(said.includes('HYPERLINK') && said.includes('SUM(A1)'), 'the texts are there');
});
