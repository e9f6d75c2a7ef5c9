'use strict';
// Workshops in the administration: made and changed with every field, copied, previewed, put away;
// rosters and attendance; called off, moved to other days, written to. Which role may enter which
// row is tested in permissions.test.js; here is what the rows cannot say: an instructor's own.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const {
    PASSWORD, addStudent, addToCart, addTopic, addWorkshop, checkoutCard, checkoutTransfer, day,
    logIn, mustRedirect, quote, signUp, start, taller, unique, until,
} = require('../lib/shop.js');

let shop;
const staff = {};

async function hire(role) {
    const email = `${unique(role)}@example.com`;
    const made = taller(['account', 'create', email, `--${role}`, '--data', shop.data],
        { input: `${PASSWORD}\n` });
    assert.equal(made.status, 0, made.stderr);
    const browser = shop.browser();
    mustRedirect(await logIn(browser, email, PASSWORD));
    browser.account = shop.value(`SELECT id FROM account WHERE email = ${quote(email)}`);
    return browser;
}

before(async () => {
    shop = await start({ sandbox: true });
    for (const role of ['owner', 'desk', 'instructor']) staff[role] = await hire(role);
    staff.stranger = await hire('instructor');
});
after(() => shop.stop());

const idOf = (slug) => shop.value(`SELECT id FROM workshop WHERE slug = ${quote(slug)}`);
const row = (id) => shop.sql(`SELECT * FROM workshop WHERE id = ${id}`)[0];
const page = (id, rest = '') => `/admin/workshops/${id}/${rest}`;
const trail = (action, id) => shop.value(`SELECT count(*) FROM audit
    WHERE action = ${quote(action)} AND entity = 'workshop' AND entity_id = ${id}`);
const mails = (subject) => shop.value(
    `SELECT count(*) FROM outbox WHERE subject LIKE ${quote(`%${subject}%`)}`);

/** A family with a child in the workshop, paid by card or waiting for its transfer. */
async function enrol(slug, { transfer = false, ...child } = {}) {
    const family = await signUp(shop);
    family.child = await addStudent(family, child);
    mustRedirect(await addToCart(family, slug, family.child));
    family.order = mustRedirect(await (transfer ? checkoutTransfer : checkoutCard)(family)).order;
    family.seat = shop.value(`SELECT id FROM inscription WHERE order_id = ${family.order}`);
    return family;
}

/** A workshop on the days of `weekdays`, taught by the instructor. */
function taught(values = {}) {
    const slug = addWorkshop(shop, { title: unique('Taller '), ...values });
    shop.sql(`INSERT INTO workshop_instructor VALUES (${idOf(slug)}, ${staff.instructor.account})`);
    return { slug, id: idOf(slug) };
}

async function create(values) {
    const { owner } = staff;
    await owner.get('/admin/workshops/new/');
    return owner.submit('/admin/workshops/new/', {
        topic_id: String(shop.topic ??= addTopic(shop)), title: unique('Taller '), price: '180',
        ...values,
    });
}

async function made(values) {
    return Number(mustRedirect(await create(values)).location.match(/workshops\/(\d+)\//)[1]);
}

describe('a workshop', () => {
    test('is made with every field', async () => {
        const title = `Robótica ñandú ${unique()}`;
        const id = await made({
            title, description: 'Uno.\n\nDos.', bring: 'Ganas', price: '220.50',
            discount_price: '180', min_age: '6', max_age: '9', place: 'Sala 2',
            start_date: '2027-03-01', end_date: '2027-04-28', weekdays: ['1', '4'],
            start_minute: '16:00', end_minute: '17:30', weeks: '8', level: '2', capacity: '12',
            active: '1', private: '1', sales_open_at: '2027-01-10T08:00',
            sales_close_at: '2027-02-28T20:15',
            instructors: [String(staff.instructor.account), String(staff.owner.account)],
        });
        const stored = row(id);
        assert.equal(stored.slug, title.toLowerCase().replace('ó', 'o').replace('ñ', 'n')
            .replace('ú', 'u').replaceAll(' ', '-'));
        assert.equal(stored.price_cents, 22050);
        assert.equal(stored.discount_price_cents, 18000);
        assert.equal(stored.weekdays, 5);
        assert.equal(stored.start_minute, 960);
        assert.equal(stored.end_minute, 1050);
        assert.equal(stored.sales_open_at, Date.UTC(2027, 0, 10, 13) / 1000); // Lima is UTC-5
        assert.equal(stored.sales_close_at, Date.UTC(2027, 2, 1, 1, 15) / 1000);
        assert.deepEqual([stored.level, stored.capacity, stored.active, stored.private, stored.weeks],
            [2, 12, 1, 1, 8]);
        assert.equal(shop.value(`SELECT count(*) FROM workshop_instructor
            WHERE workshop_id = ${id}`), 2);
        assert.equal(trail('create', id), 1);
        const shown = await staff.owner.get(page(id)); // the form shows what is stored
        const again = mustRedirect(await staff.owner.submit(page(id), {}));
        assert.match((await staff.owner.follow(again)).main, /No había nada distinto/);
        assert.deepEqual(row(id), stored);
        assert.match(shown.body, /type="time"[^>]*value="16:00"/);
        assert.match(shown.body, /type="datetime-local"[^>]*value="2027-02-28T20:15"/);
    });

    test('that does not fit together comes back with what was typed', async () => {
        const answer = await create({ title: 'Se queda', discount_price: '180', min_age: '9',
            max_age: '8', start_date: '2027-03-02', end_date: '2027-03-01', start_minute: '25:00' });
        assert.equal(answer.status, 422);
        assert.match(answer.body, /value="Se queda"/);
        assert.match(answer.body, /id="start_minute-error"/);
        const rules = await create({ title: 'Se queda', discount_price: '180', min_age: '9',
            max_age: '8', start_date: '2027-03-02', end_date: '2027-03-01' });
        assert.equal(rules.status, 422);
        for (const field of ['discount_price', 'max_age', 'end_date'])
            assert.match(rules.body, new RegExp(`id="${field}-error"`));
        for (const nonsense of [{ topic_id: '99999' }, { topic_id: 'x' }, { weekdays: '3' },
            { instructors: '99999' }, { level: '4' },
            { sales_open_at: 'mañana' }])
            assert.equal((await create(nonsense)).status, 422, JSON.stringify(nonsense));
    });

    test('has an address of its own', async () => {
        const title = unique('Gemelos ');
        const [one, two] = [await made({ title, start_date: '2027-05-01' }),
            await made({ title, start_date: '2027-05-01' })];
        assert.notEqual(row(one).slug, row(two).slug);
        assert.match(row(two).slug, /-2027-05$/);
        await staff.owner.get(page(two));
        const taken = await staff.owner.submit(page(two), { slug: row(one).slug });
        assert.equal(taken.status, 422);
        assert.match(taken.body, /id="slug-error"/);
    });

    test('keeps the seats that are taken', async () => {
        const { slug, id } = taught({ capacity: 3 });
        await enrol(slug);
        await enrol(slug, { transfer: true });
        await staff.owner.get(page(id));
        const answer = await staff.owner.submit(page(id), { capacity: '1' });
        assert.equal(answer.status, 422);
        assert.match(answer.main, /2 vacantes/);
        mustRedirect(await staff.owner.submit(page(id), { capacity: '2' }));
        assert.equal(row(id).capacity, 2);
    });

    test('edited by two shows both versions in words', async () => {
        const { id } = taught();
        const second = await hire('manager');
        await staff.owner.get(page(id));
        await second.get(page(id));
        mustRedirect(await staff.owner.submit(page(id), { level: '3', instructors: undefined }));
        const told = await second.submit(page(id), { level: '2' });
        assert.equal(told.status, 409);
        assert.match(told.main, /Avanzado/);
        assert.match(told.main, /Intermedio/);
        mustRedirect(await second.submit(page(id), { level: '2' }));
        assert.equal(row(id).level, 2);
    });

    test('is copied to other days, not on sale', async () => {
        const { id } = taught({ bring: 'Lápiz', private: 1, private_key: 'llave' });
        await staff.owner.get(page(id, 'duplicate/'));
        const values = { start_date: '2027-08-02', end_date: '2027-09-01' };
        const answer = mustRedirect(await staff.owner.submit(page(id, 'duplicate/'), values));
        const copy = Number(answer.location.match(/(\d+)\/$/)[1]);
        assert.deepEqual([row(copy).bring, row(copy).active, row(copy).start_date],
            ['Lápiz', 0, '2027-08-02']);
        assert.notEqual(row(copy).private_key, 'llave');
        await staff.owner.get(page(id, 'duplicate/'));
        assert.equal(mustRedirect(await staff.owner.submit(page(id, 'duplicate/'), values)).location,
            answer.location, 'a second click makes no second copy');
        await staff.owner.get(page(id, 'duplicate/'));
        assert.equal((await staff.owner.submit(page(id, 'duplicate/'),
            { start_date: '2027-08-02', end_date: '2027-08-01' })).status, 422);
    });
});

describe('who sees a workshop', () => {
    test('that is not on sale: staff, as visitors will', async () => {
        const { slug, id } = taught({ active: 0 });
        assert.equal((await shop.browser().get(`/workshops/${slug}/`)).status, 404);
        for (const who of ['owner', 'desk', 'instructor']) {
            const shown = await staff[who].get(page(id, 'preview/'));
            assert.equal(shown.status, 200, who);
            assert.match(shown.body, /\/accounts\/login\/\?next=/);
        }
        assert.equal((await staff.stranger.get(page(id, 'preview/'))).status, 404);
    });

    test('that is private: who has its link, until there is a new one', async () => {
        const id = await made({ private: '1', active: '1', start_date: day(30) });
        const open = (key) => shop.browser().get(`/workshops/${row(id).slug}/?key=${key}`);
        const key = row(id).private_key;
        const shown = await staff.owner.get(page(id));
        assert.ok(shown.body.includes(`data-copy="${shop.url}/workshops/${row(id).slug}/?key=${key}"`));
        assert.equal((await open(key)).status, 200);
        mustRedirect(await staff.owner.submit(page(id, 'renew/')));
        assert.equal((await open(key)).status, 404);
        assert.equal((await open(row(id).private_key)).status, 200);
        const told = shop.value(`SELECT count(*) FROM audit_value
            WHERE before LIKE '%${key}%' OR after LIKE '%${key}%'`);
        assert.equal(told, 0);
    });

    test('goes with the buttons of the list and of its page', async () => {
        const list = '/admin/workshops/';
        const ids = [taught().id, taught().id];
        const act = async (action, chosen = ids) => {
            await staff.owner.get(list);
            return staff.owner.follow(mustRedirect(await staff.owner.post(list,
                { action, id: chosen.map(String), next: list })));
        };
        const states = () => ids.map((id) => [row(id).active, row(id).archived_at === null]);
        await act('deactivate');
        assert.deepEqual(states(), [[0, true], [0, true]]);
        assert.match((await act('activate')).main, /2/);
        assert.deepEqual(states(), [[1, true], [1, true]]);
        await enrol(row(ids[1]).slug);
        assert.match((await act('archive')).main, new RegExp(row(ids[1]).title));
        assert.deepEqual(states(), [[1, true], [1, true]], 'all or none');
        await staff.owner.get(page(ids[0]));
        mustRedirect(await staff.owner.submit(page(ids[0], 'archive/')));
        assert.deepEqual(states()[0], [0, false]);
        await staff.owner.get(page(ids[0]));
        mustRedirect(await staff.owner.submit(page(ids[0], 'restore/')));
        assert.deepEqual(states()[0], [0, true]);
        for (const action of ['activate', 'archive'])
            assert.equal((await staff.desk.post(list, { action, id: String(ids[0]) })).status, 403);
    });
});

describe('an instructor', () => {
    test('finds the own workshops and no others', async () => {
        const own = taught(), other = { id: idOf(addWorkshop(shop)) };
        await staff.instructor.get('/admin/workshops/');
        for (const rest of ['', 'roster/', 'roster.csv', 'attendance/', 'preview/']) {
            assert.equal((await staff.instructor.get(page(own.id, rest))).status, 200, rest);
            assert.equal((await staff.instructor.get(page(other.id, rest))).status, 404, rest);
        }
        const before = row(own.id);
        assert.equal((await staff.instructor.post(page(own.id), { title: 'Mío' })).status, 403);
        assert.deepEqual(row(own.id), before);
        assert.doesNotMatch((await staff.instructor.get(page(own.id))).body, /name="title"/);
        assert.equal((await staff.instructor.post(page(other.id, 'attendance/'),
            { day: day(30) })).status, 404);
    });
});

describe('the roster', () => {
    test('says whom to call, on the screen, on paper and as a file', async () => {
        const { slug, id } = taught({ weekdays: 127 });
        const paid = await enrol(slug, { last_name: 'Zúñiga', emergency_contact: '=Abuela 999',
            notes: 'Alergia al maní' });
        const waits = await enrol(slug, { transfer: true, last_name: 'Álvarez' });
        const before = trail('view', id);
        const shown = await staff.instructor.get(page(id, 'roster/'));
        assert.match(shown.main, /Álvarez.*Zúñiga/);
        assert.match(shown.main, /Alergia al maní/);
        assert.match(shown.main, /Espera el pago.*Pagado/);
        assert.match(shown.body, /href="tel:\+51987654321"/);
        assert.match(shown.body, /href="https:\/\/wa\.me\/51987654321"/);
        await until(() => trail('view', id) === before + 1);
        const printed = await staff.instructor.get(page(id, 'roster/?print=1'));
        assert.equal((printed.body.match(/<td class="tick"><\/td>/g) ?? []).length, 2 * 8);
        const file = await staff.instructor.get(page(id, 'roster.csv'));
        assert.match(file.headers['content-type'], /^text\/csv/);
        assert.deepEqual([...file.raw.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
        assert.match(file.body, /"'=Abuela 999"/);
        assert.equal(file.body.trim().split('\r\n').length, 3);
        await until(() => trail('export', id) === 1);
        assert.ok(paid.seat && waits.seat);
    });

    test('takes attendance day by day', async () => {
        const { slug, id } = taught({ start_date: day(-9), end_date: day(20), weekdays: 0,
            sales_close_at: Math.floor(Date.now() / 1000) + 86400 });
        const one = await enrol(slug), two = await enrol(slug);
        const path = page(id, 'attendance/');
        const note = async (who, values, on = day(-3)) => {
            await who.get(`${path}?day=${on}`);
            return who.post(path, { day: on, ...values });
        };
        const marks = (on = day(-3)) => Object.fromEntries(shop.sql(`SELECT inscription_id, state
            FROM attendance WHERE day = '${on}'`).map((m) => [m.inscription_id, m.state]));
        const saved = mustRedirect(await note(staff.instructor,
            { [`state-${one.seat}`]: 'present', [`state-${two.seat}`]: 'late' }));
        assert.deepEqual(marks(), { [one.seat]: 'present', [two.seat]: 'late' });
        assert.match((await staff.instructor.follow(saved)).main, /Presente 1 · Tarde 1 · Ausente 0/);
        mustRedirect(await note(staff.desk, { [`state-${two.seat}`]: 'absent' }, day(-2)));
        const later = await staff.instructor.get(`${path}?day=${day(-2)}`);
        assert.equal((later.body.match(/class="mark mark-/g) ?? []).length, 2, 'the day before');
        mustRedirect(await note(staff.instructor, { [`state-${one.seat}`]: '' }));
        assert.deepEqual(marks(), { [two.seat]: 'late' });
        assert.equal(trail('attendance', id), 3);
        assert.equal((await note(staff.instructor, { [`state-${one.seat}`]: 'present' },
            day(90))).status, 422);
        assert.equal((await note(staff.instructor, { 'state-999999': 'present' })).status, 422);
        assert.equal((await note(staff.instructor, { [`state-${one.seat}`]: 'x' })).status, 400);
        assert.equal((await note(staff.instructor, {}, 'hoy')).status, 400);
        await staff.stranger.get('/admin/workshops/');
        assert.equal((await staff.stranger.post(path, { day: day(-3) })).status, 404);
        assert.deepEqual(marks(), { [two.seat]: 'late' });
    });

    test('shows what the family wrote about its child', async () => {
        const family = await signUp(shop);
        const child = await addStudent(family, { emergency_contact: 'Tío Beto 911222333' });
        const edit = await family.get(`/users/student-edit/${child.id}/`);
        assert.match(edit.body, /value="Tío Beto 911222333"/);
        mustRedirect(await family.submit(`/users/student-edit/${child.id}/`, { notes: 'Asma' }));
        assert.deepEqual(shop.sql(`SELECT emergency_contact, notes FROM student
            WHERE id = ${child.id}`), [{ emergency_contact: 'Tío Beto 911222333', notes: 'Asma' }]);
    });
});

describe('families are told', () => {
    test('a message, once each, after a look at it', async () => {
        const { slug, id } = taught();
        const family = await enrol(slug), path = page(id, 'message/');
        const second = await addStudent(family, { first_name: 'Mateo' });
        mustRedirect(await addToCart(family, slug, second));
        mustRedirect(await checkoutCard(family));
        await enrol(slug, { transfer: true });
        const subject = unique('Ropa vieja ');
        await staff.owner.get(path);
        const look = await staff.owner.submit(path, { subject, text: 'Vamos a <pintar>.', step: 'check' });
        assert.equal(look.status, 200);
        assert.match(look.main, /Vamos a <pintar>\./);
        assert.equal(mails(subject), 0);
        for (let click = 0; click < 2; click++)
            mustRedirect(await staff.owner.submit(path, { step: 'do' }, { page: look }));
        assert.equal(mails(subject), 2);
        assert.match(shop.value(`SELECT group_concat(body_text) FROM outbox
            WHERE subject = ${quote(subject)}`), /Sofía, Mateo|Mateo, Sofía/);
        assert.equal(trail('message', id), 1);
        await staff.owner.get(path);
        assert.equal((await staff.owner.submit(path, { subject: '', text: '' })).status, 422);
    });

    test('other days, with what they collide with', async () => {
        const { slug, id } = taught(), path = page(id, 'reschedule/');
        const family = await enrol(slug);
        const clash = addWorkshop(shop, { title: unique('Choque '), start_date: day(100),
            end_date: day(100), weekdays: 0, start_minute: 600, end_minute: 700 });
        mustRedirect(await addToCart(family, clash, family.child));
        mustRedirect(await checkoutCard(family));
        const values = { start_date: day(100), end_date: day(100), weekdays: undefined,
            start_minute: '10:30', end_minute: '11:30', note: 'Disculpen.' };
        await staff.owner.get(path);
        const look = await staff.owner.submit(path, { ...values, step: 'check' });
        assert.equal(look.status, 200);
        assert.match(look.main, new RegExp(shop.value(`SELECT title FROM workshop
            WHERE slug = ${quote(clash)}`)));
        assert.notEqual(row(id).start_date, day(100));
        for (let click = 0; click < 2; click++)
            mustRedirect(await staff.owner.submit(path, { step: 'do' }, { page: look }));
        assert.deepEqual([row(id).start_date, row(id).start_minute, row(id).weekdays],
            [day(100), 630, 0]);
        assert.equal(shop.value(`SELECT count(*) FROM outbox WHERE recipient = ${quote(family.email)}
            AND body_text LIKE '%Disculpen.%'`), 1);
        assert.equal(trail('reschedule', id), 1);
        await staff.owner.get(path);
        for (const step of ['check', 'do'])
            assert.equal((await staff.owner.submit(path, { start_date: day(100), end_date: day(99),
                step })).status, 422, step);
    });

    test('that the workshop is called off, every seat settled', async () => {
        const { slug, id } = taught(), path = page(id, 'cancel/');
        const other = addWorkshop(shop, { title: unique('Otro ') });
        const full = addWorkshop(shop, { title: unique('Lleno '), capacity: 0 });
        const back = await enrol(slug), moved = await enrol(slug), kept = await enrol(slug);
        const waits = await enrol(slug, { transfer: true });
        const state = (family) => shop.value(`SELECT status FROM inscription
            WHERE id = ${family.seat}`);
        const values = { reason: 'El profesor se enfermó.', [`choice-${back.seat}`]: 'refund',
            [`choice-${moved.seat}`]: 'move', [`choice-${kept.seat}`]: 'keep',
            [`choice-${waits.seat}`]: 'refund' };
        const shown = await staff.owner.get(path);
        for (const family of [back, moved, kept, waits])
            assert.match(shown.body, new RegExp(`name="choice-${family.seat}"`));
        const refused = await staff.owner.submit(path, { ...values, move_to: String(idOf(full)) });
        assert.equal(refused.status, 422);
        assert.match(refused.body, new RegExp(`name="choice-${kept.seat}" value="keep"\\s+checked`));
        assert.equal(row(id).cancelled_at, null);
        assert.equal(state(back), 'confirmed');
        const look = await staff.owner.get(path);
        for (let click = 0; click < 2; click++)
            mustRedirect(await staff.owner.submit(path, { ...values, move_to: String(idOf(other)) },
                { page: look }));
        assert.deepEqual([back, kept, waits].map(state), ['refunded', 'confirmed', 'cancelled']);
        assert.equal(shop.value(`SELECT seats_taken FROM workshop WHERE id = ${idOf(other)}`), 1);
        assert.equal(trail('call_off', id), 1);
        for (const family of [back, moved, kept, waits])
            assert.ok(shop.value(`SELECT count(*) FROM outbox WHERE recipient = ${quote(family.email)}
                AND body_text LIKE '%se enfermó%'`) >= 1, family.email);
        const seen = await shop.browser().get(`/workshops/${slug}/`);
        assert.equal(seen.status, 200);
        assert.match(seen.main, /Este taller se canceló/);
        assert.doesNotMatch((await shop.browser().get('/workshops/')).body, new RegExp(slug));
        await staff.owner.get(page(id));
        assert.equal((await staff.owner.submit(page(id), { active: '1' })).status, 422);
    });

    test('by those who may only', async () => {
        const { id } = taught();
        await staff.desk.get('/admin/workshops/');
        for (const rest of ['cancel/', 'reschedule/', 'message/', 'duplicate/']) {
            assert.equal((await staff.desk.get(page(id, rest))).status, 403, rest);
            assert.equal((await staff.desk.post(page(id, rest), {})).status, 403, rest);
        }
        for (const rest of ['cancel/', 'reschedule/', 'message/', 'duplicate/', 'roster/',
            'attendance/', 'preview/'])
            assert.equal((await staff.owner.get(page(999999, rest))).status, 404, rest);
    });
});

describe('a topic', () => {
    test('goes when no workshop has it', async () => {
        const empty = addTopic(shop), used = addTopic(shop);
        addWorkshop(shop, { topic_id: used });
        const path = (id) => `/admin/topics/${id}/delete/`;
        for (const id of [empty, used]) {
            await staff.owner.get(`/admin/topics/${id}/`);
            const answer = mustRedirect(await staff.owner.submit(path(id)));
            assert.match((await staff.owner.follow(answer)).main,
                id === used ? /1 taller tiene este tema/ : /Borrado|Eliminado/);
        }
        assert.deepEqual(shop.sql(`SELECT id FROM topic WHERE id IN (${empty}, ${used})`),
            [{ id: used }]);
        assert.equal((await staff.owner.post(path(empty))).status, 404);
    });
});
