'use strict';
// Ordering when it is not the straight way: by transfer, with a card that is declined, with holds
// that end, are extended, clash or change hands; and the whole purchase by keyboard alone.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const stage = require('./stage.js');
const { send, payByCard, payByTransfer } = require('./steps.js');
const { makeCart, makeWorkshops, update } = require('./families.js');
const {
    CARD, PASSWORD, addStudent, addToCart, cartOf, checkoutCard, mustRedirect, now, quote, signUp, start,
} = require('../lib/shop.js');

const CART = '/store/order-summary/';

let shop, workshops;

before(async () => {
    shop = await start({ demo: true });
    workshops = makeWorkshops(shop);
    await stage.open();
});
after(async () => {
    await stage.close();
    await shop?.stop();
});

/** What a person reads there, in one line. */
async function read(page, selector = 'main') {
    return (await page.textContent(selector)).replace(/\s+/g, ' ').trim();
}

/** A family with a cart, on a page of its own. */
async function shopper(slugs, address, options) {
    const family = await makeCart(shop, slugs);
    const who = await stage.enter(family, options);
    await who.page.goto(shop.url + (address ?? `/store/checkout/${family.cart}/`));
    return { ...who, family };
}

function seatsTaken(slug) {
    return shop.value(`SELECT seats_taken FROM workshop WHERE slug = ${quote(slug)}`);
}

for (const script of [true, false])
    test(`a transfer, from the order to the reported operation${script ? '' : ', no script'}`,
        async () => {
            const who = await shopper([workshops.open], undefined, { script });
            const { page, family } = who;
            assert.match(await read(page, 'main form button[type=submit]'), /S\/ 150\.00/);
            await payByTransfer(page);
            assert.equal(new URL(page.url()).pathname, `/store/orders/${family.cart}/`);

            const order = shop.sql(`SELECT code, due_at, status FROM orders WHERE id = ${family.cart}`)[0];
            assert.equal(order.status, 'pending');
            const heading = await read(page, 'h1');
            for (const said of ['S/ 150.00', 'por Yape a Academia Sol', order.code])
                assert.ok(heading.includes(said), `${heading} says ${said}`);
            const due = new Intl.DateTimeFormat('es', { timeZone: 'America/Lima', day: 'numeric' })
                .format(order.due_at * 1000);
            assert.match(await read(page, '.lead'),
                new RegExp(`Guardamos tu vacante hasta el \\S+ ${due} `), 'the deadline');
            const text = await read(page);
            for (const said of ['900 000 000', 'Banco de Muestra', '000-1234567-0-00'])
                assert.ok(text.includes(said), said);
            const qr = await page.locator('img.qr').evaluate((img) => img.naturalWidth).catch(() => null);
            if (script) assert.ok(qr > 0, 'the QR code is shown');
            assert.match(await page.getAttribute('img.qr', 'alt'), /Yape/);
            assert.equal(shop.value(`SELECT hold_until FROM inscription WHERE order_id = ${family.cart}`),
                order.due_at, 'the seat is kept until the deadline');
            await stage.inspect(who, 'order/transfer-placed');

            await page.fill('[name=operation]', '00 123456');
            await send(page, '/store/orders/');
            const flash = '.note-ok';
            assert.equal(await read(page, flash),
                'Recibimos tu número de operación. Te escribimos al verificarlo.');
            if (script)
                assert.ok(await page.locator(flash).evaluate((n) => n === document.activeElement),
                    'the outcome has the focus');
            assert.match(await read(page), /00 123456/);
            await stage.inspect(who, 'order/transfer-reported');

            await page.goto(`${shop.url}/users/profile/`);
            const pending = await read(page, '.panel-warn');
            for (const said of ['S/ 150.00', order.code, 'Origami, Luz'])
                assert.ok(pending.includes(said), `${pending} says ${said}`);
            await page.click('.panel-warn a');
            assert.equal(new URL(page.url()).pathname, `/store/orders/${family.cart}/`);
            await who.context.close();
        });

test('a declined card is said, nothing is charged, the seat stays and another card pays', async () => {
    const who = await shopper([workshops.open]);
    const { page, family } = who;
    const before = seatsTaken(workshops.open);
    await payByCard(page, CARD.declined);
    assert.equal(who.status(), 422);
    assert.equal(await read(page, '[role=alert]'),
        'Tu banco no aprobó el pago. No se cobró nada; tu vacante sigue separada.');
    assert.equal(await page.inputValue('#cc_number'), '', 'the card is not kept');
    assert.equal(seatsTaken(workshops.open), before);
    await payByCard(page, CARD.noFunds);
    assert.match(await read(page, '[role=alert]'), /no tiene fondos suficientes/);
    assert.equal(shop.value(`SELECT count(*) FROM payment WHERE order_id = ${family.cart}
        AND status = 'succeeded'`), 0);
    await payByCard(page, CARD.good);
    assert.match(await read(page, 'h1'), /^¡Listo! Luz está/);
    await who.context.close();
});

test('a hold that ended says so with the seats left, and the seat can be held again', async () => {
    update(shop, workshops.other, 'capacity = 3');
    const who = await shopper([workshops.other], CART);
    const { page, family } = who;
    const held = seatsTaken(workshops.other);
    shop.sql(`UPDATE inscription SET hold_until = ${now() - 1} WHERE order_id = ${family.cart}`);
    await page.reload();
    assert.equal(await read(page, '.note-bad'), `Tu reserva venció. Quedan ${4 - held} vacantes`);
    assert.equal(await page.locator('a[href^="/store/checkout/"]').count(), 0, 'no way to pay');
    assert.equal(await page.locator('.head .count').count(), 0, 'nothing held');
    await stage.inspect(who, 'order/hold-ended');

    await send(page, '/store/rehold/');
    assert.match(await read(page, '.note-ok'),
        /^Separamos una vacante para Luz hasta las? \d+:\d\d [ap]\. m\.$/);
    assert.equal(await read(page, '.head .count'), '1');
    assert.equal(await page.locator('a[href^="/store/checkout/"]').count(), 1);

    // Somebody else takes the last seat of a hold that ended.
    shop.sql(`UPDATE inscription SET hold_until = ${now() - 1} WHERE order_id = ${family.cart};
        UPDATE inscription SET status = 'expired' WHERE order_id = ${family.cart};
        UPDATE workshop SET capacity = seats_taken WHERE slug = ${quote(workshops.other)}`);
    await page.reload();
    assert.equal(await read(page, '.note-bad'), 'Tu reserva venció. Vacantes agotadas');
    assert.equal(await page.locator('form[action^="/store/rehold/"]').count(), 0);
    update(shop, workshops.other, 'capacity = 40');
    await who.context.close();
});

test('a hold ends while somebody is paying: nothing is charged', async () => {
    const who = await shopper([workshops.open]);
    const { page, family } = who;
    shop.sql(`UPDATE inscription SET hold_until = ${now() - 1} WHERE order_id = ${family.cart}`);
    await payByCard(page, CARD.good);
    assert.match(await read(page, '[role=alert]'), /No cobramos nada.*Origami: venció la reserva de Luz/);
    assert.equal(shop.value(`SELECT count(*) FROM payment WHERE order_id = ${family.cart}`), 0);
    await who.context.close();
});

test('a price that changed while somebody is paying is said, nothing is charged', async () => {
    const who = await shopper([workshops.clashing]);
    const { page, family } = who;
    update(shop, workshops.clashing, 'price_cents = 20000');
    await payByCard(page, CARD.good);
    assert.match(await read(page, '[role=alert]'), /de S\/ 180\.00 a S\/ 200\.00/);
    assert.match(await read(page, '[role=alert]'), /No cobramos nada/);
    assert.match(await read(page, '.totals'), /S\/ 200\.00/);
    assert.equal(shop.value(`SELECT count(*) FROM payment WHERE order_id = ${family.cart}`), 0);
    await payByCard(page, CARD.good);
    assert.match(await read(page, 'h1'), /^¡Listo!/);
    update(shop, workshops.clashing, 'price_cents = 18000');
    await who.context.close();
});

test('a hold is extended by one button, ten times', async () => {
    const who = await shopper([workshops.open], CART);
    const { page, family } = who;
    const until = () => shop.value(`SELECT hold_until FROM inscription WHERE order_id = ${family.cart}`);
    const first = until();
    assert.equal(await read(page, 'form[action^="/store/extend-hold/"]'), 'Ampliar 15 minutos');
    for (let times = 1; times <= 10; times++) {
        await send(page, '/store/extend-hold/');
        assert.match(await read(page, '.note-ok'), /^Separamos una vacante para Luz hasta/);
        assert.equal(until(), first + times * 15 * 60);
    }
    assert.equal(await page.locator('form[action^="/store/extend-hold/"]').count(), 0);
    await who.context.close();
});

test('the time left counts down, spoken at 5 minutes, at 1 and at the end only', async () => {
    const family = await makeCart(shop, [workshops.open]);
    const who = await stage.enter(family);
    const { page } = who;
    await page.clock.install();
    await page.goto(shop.url + CART);
    const left = () => read(page, '.left');
    const spoken = () => read(page, '[data-hold-status]');
    assert.match(await left(), /^\(quedan (29:5\d|30:00)\)$/);
    await page.clock.fastForward('24:00');
    assert.match(await left(), / [56]:\d\d\)$/);
    assert.equal(await spoken(), '');
    await page.clock.fastForward('01:10');
    assert.match(await left(), / 4:\d\d\)$/);
    assert.equal(await spoken(), 'Tu reserva vence en 5 minutos.');
    await page.clock.fastForward('04:00');
    assert.match(await left(), / 0:\d\d\)$/);
    assert.equal(await spoken(), 'Tu reserva vence en 1 minuto.');
    await page.clock.fastForward('01:00');
    assert.equal(await left(), 'Tu reserva venció.');
    assert.equal(await spoken(), 'Tu reserva venció.');
    assert.deepEqual(who.errors, []);
    await who.context.close();
});

test('a clash of hours is said, whether with the cart or with what is paid', async () => {
    const who = await shopper([workshops.open, workshops.clashing], CART);
    const notes = await who.page.locator('.note-warn').allInnerTexts();
    assert.equal(notes.length, 2, notes.join());
    for (const title of ['Ajedrez', 'Origami'])
        assert.ok(notes.includes(`Se cruza con ${title}: Luz tendría los dos a la misma hora.`), title);
    await who.context.close();

    const family = await signUp(shop);
    const luz = await addStudent(family, { first_name: 'Luz' });
    mustRedirect(await addToCart(family, workshops.open, luz));
    mustRedirect(await checkoutCard(family));
    mustRedirect(await addToCart(family, workshops.clashing, luz));
    const again = await stage.enter(family);
    await again.page.goto(shop.url + CART);
    assert.equal(await read(again.page, '.note-warn'),
        'Se cruza con Origami: Luz tendría los dos a la misma hora.');
    await again.context.close();
});

test('the student of a hold changes; one who is too young is refused in words', async () => {
    const family = await makeCart(shop, [workshops.open]);
    await addStudent(family, { first_name: 'Beto' });
    const year = new Date().getFullYear() - 3;
    await addStudent(family, { first_name: 'Nico', date_of_birth: `${year}-01-01` });
    const who = await stage.enter(family);
    const { page } = who;
    const change = async (name) => {
        await page.click('summary:has-text("Cambiar")');
        const option = page.locator('main select[name=student] option', { hasText: name });
        await page.selectOption('main select[name=student]', await option.getAttribute('value'));
        await send(page, '/store/change-student/');
    };
    await page.goto(shop.url + CART);
    await change('Beto');
    assert.match(await read(page, '.note-ok'), /^Separamos una vacante para Beto/);
    assert.match(await read(page, '.lines'), /Para Beto/);
    await change('Nico');
    assert.equal(who.status(), 422);
    assert.match(await read(page, '[role=alert]'), /^Nico tendrá \d años .*6 a 12 años/);
    assert.match(await read(page, '.lines'), /Para Beto/);
    await who.context.close();
});

test('the cart in the header counts what is held', async () => {
    const who = await shopper([workshops.open, workshops.other], '/');
    const { page } = who;
    assert.equal(await read(page, '.head .count'), '2');
    await page.click('.head a[href="/store/order-summary/"]');
    await page.click('form[action^="/store/remove-from-cart/"] button >> nth=0');
    assert.match(await read(page, '.note-ok'), /La vacante quedó libre/);
    assert.equal(await read(page, '.head .count'), '1');
    await page.click('form[action^="/store/remove-from-cart/"] button');
    assert.equal(await page.locator('.head .count').count(), 0);
    assert.match(await read(page), /Aún no eliges un taller/);
    await who.context.close();
});

test('a double click on the button that pays makes one payment', async () => {
    const who = await shopper([workshops.open]);
    const { page, family } = who;
    await page.check('[name=method][value=card]');
    await page.fill('#cc_number', CARD.good);
    await page.fill('#cc_month', '12');
    await page.fill('#cc_year', '2039');
    await page.fill('#cc_cvv', '123');
    await page.dblclick('main form button[type=submit]');
    await page.waitForURL(/\/store\/orders\/\d+\/$/);
    assert.equal(shop.value(`SELECT count(*) FROM payment WHERE order_id = ${family.cart}`), 1);
    assert.equal(shop.value(`SELECT count(*) FROM receipt WHERE order_id = ${family.cart}`), 1);
    await who.context.close();
});

/** A receipt as it comes out of a printer: how many sheets of A4. */
async function sheets(page) {
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
    const [, width, height] = pdf.match(/\/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]/);
    assert.deepEqual([Math.round(width), Math.round(height)], [595, 842], 'A4');
    return pdf.match(/\/Type\s*\/Page\b/g).length;
}

test('a receipt prints on one sheet of A4, also with all that a cart can hold', async () => {
    const slugs = [workshops.open, workshops.other, workshops.long, ...workshops.more];
    const family = await makeCart(shop, slugs);
    const { order } = mustRedirect(await checkoutCard(family));
    const who = await stage.enter(family, { width: 'desk' });
    await who.page.goto(`${shop.url}/store/orders/${order}/receipt/`);
    assert.equal(await sheets(who.page), 1);
    await who.page.emulateMedia({ media: 'print' });
    assert.ok(await who.page.locator('.head').isHidden() && await who.page.locator('.foot').isHidden());
    await stage.inspect(who, 'order/receipt-print', { axe: false });
    await who.context.close();
});

/** Tab until the focus is on what is looked for; every stop on the way shows that it has it. */
async function tabTo(page, selector) {
    for (let stops = 0; stops < 80; stops++) {
        await page.keyboard.press('Tab');
        const found = await page.evaluate((wanted) => {
            const at = document.activeElement;
            const outlined = [at, at.closest('.card')].filter(Boolean).some((element) => {
                const style = getComputedStyle(element);
                return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
            });
            const box = at.getBoundingClientRect();
            const shown = box.bottom > 0 && box.top < innerHeight && box.width > 0;
            // The parts of a date field are the browser's own, and so is the mark on them.
            const seen = at.type === 'date' || (outlined && shown);
            return { here: at.matches(wanted), seen, html: at.outerHTML.slice(0, 120) };
        }, selector);
        assert.ok(found.seen, `the focus shows on ${found.html}`);
        if (found.here) return;
    }
    assert.fail(`the keyboard never comes to ${selector}`);
}

test('the whole purchase by keyboard', async () => {
    const who = await stage.visitor({ width: 'desk' });
    const { page } = who;
    const key = (name) => page.keyboard.press(name);
    const type = (text) => page.keyboard.type(text);
    const enter = async (selector) => {
        await tabTo(page, selector);
        await Promise.all([page.waitForNavigation(), key('Enter')]);
    };
    await page.goto(`${shop.url}/`);
    await tabTo(page, '.skip');
    await key('Enter'); // past the header
    await enter('.hero button');
    await tabTo(page, '#q');
    await type('origami');
    await Promise.all([page.waitForNavigation(), key('Enter')]);
    await enter('.card a');
    assert.equal(new URL(page.url()).pathname, `/workshops/${workshops.open}/`);
    await enter('.aside .btn-primary');
    await enter('a[href^="/accounts/signup/?next"]');

    await tabTo(page, '[name=role]'); // the first of three, chosen already
    await key('ArrowDown');
    await key('ArrowUp');
    await tabTo(page, '#first_name');
    await type('Teclado');
    await tabTo(page, '#last_name');
    await type('Quispe');
    await tabTo(page, '#email');
    await type(`teclado${process.pid}@example.com`);
    await tabTo(page, '#phone');
    await type('987654321');
    await tabTo(page, '#password1');
    await type(PASSWORD);
    await tabTo(page, '#password2');
    await type(PASSWORD);
    await tabTo(page, '#terms');
    await key('Space');
    await enter('form[action="/accounts/signup/"] button');

    await tabTo(page, '#first_name');
    await type('Luz');
    await tabTo(page, '#last_name');
    await type('Quispe');
    await tabTo(page, '#date_of_birth');
    const year = new Date().getFullYear() - 8;
    await type(`0303${year}`); // the same in every order of day and month
    assert.equal(await page.inputValue('#date_of_birth'), `${year}-03-03`);
    await enter('form[action="/users/student-create/"] button');
    await tabTo(page, '[name=student]');
    await key('Space');
    await enter('form[action^="/store/add-to-cart/"] button');

    await enter('a[href^="/store/checkout/"]');
    await tabTo(page, '[name=method]');
    await key('ArrowDown');
    await tabTo(page, '#cc_number');
    await type('4242424242424242');
    await tabTo(page, '#cc_month');
    await type('12');
    await tabTo(page, '#cc_year');
    await type('2039');
    await tabTo(page, '#cc_cvv');
    await type('123');
    await enter('form[action^="/store/checkout/"] button');
    assert.match(await read(page, 'h1'), /^¡Listo! Luz está/);
    await enter('a[href$="/receipt/"]');
    assert.equal(await read(page, 'h1'), 'Constancia de pago');
    assert.deepEqual(who.errors, []);
    await who.context.close();
});
