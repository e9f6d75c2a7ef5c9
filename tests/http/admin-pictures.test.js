'use strict';
// Pictures of workshops, topics and the school: uploaded, made small, shown in sizes that fit;
// whatever is no honest picture is refused with a sentence and leaves nothing behind.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { PASSWORD, logIn, mustRedirect, quote, start, taller } = require('../lib/shop.js');
const { measure, png } = require('../lib/picture.js');

let shop;
let workshop;
const people = {};

async function enter(email, password) {
    const browser = shop.browser();
    mustRedirect(await logIn(browser, email, password));
    await browser.get('/users/profile/');
    return browser;
}

function upload(browser, path, data, { filename = 'foto.png', type = 'image/png' } = {}) {
    return browser.post(path, { picture: { filename, type, data } }, { multipart: true });
}

const stored = () => shop.value('SELECT count(*) FROM picture');

before(async () => {
    shop = await start({ demo: true });
    for (const role of ['owner', 'desk', 'instructor', 'parent'])
        people[role] = await enter(shop.accounts[role].email, shop.accounts[role].password);
    const made = taller(['account', 'create', 'gerente@example.com', '--manager', '--data', shop.data],
        { input: `${PASSWORD}\n` });
    assert.equal(made.status, 0, made.stderr);
    people.manager = await enter('gerente@example.com', PASSWORD);
    people.stranger = shop.browser();
    [workshop] = shop.sql('SELECT id, slug FROM workshop WHERE active = 1 AND private = 0 ORDER BY id LIMIT 1');
});
after(() => shop.stop());

describe('a picture', () => {
    test('of a workshop is uploaded, shown in several sizes, changed and removed', async () => {
        const path = `/admin/workshops/${workshop.id}/picture/`;
        const page = await people.owner.get(path);
        assert.equal(page.status, 200);
        assert.match(page.body, /enctype="multipart\/form-data"/);
        mustRedirect(await upload(people.owner, path, png(2000, 1500)),
            new RegExp(`^/admin/workshops/${workshop.id}/$`));
        const hash = shop.value(`SELECT picture_hash FROM workshop WHERE id = ${workshop.id}`);
        const shown = await people.stranger.get(`/workshops/${workshop.slug}/`);
        for (const [width, address] of [[320, `/media/${hash}-320.jpg`], [640, `/media/${hash}-640.jpg`],
            [960, `/media/${hash}-960.jpg`], [1280, `/media/${hash}.jpg`]]) {
            assert.ok(shown.body.includes(`${address} ${width}w`), `${address} ${width}w`);
            const media = await people.stranger.get(address);
            assert.equal(media.headers['content-type'], 'image/jpeg');
            assert.match(media.headers['cache-control'], /immutable/);
            assert.deepEqual(measure(media.raw), { type: 'jpeg', width, height: width * 3 / 4 });
        }
        assert.equal((await people.stranger.get(`/media/${hash}-321.jpg`)).status, 404);
        assert.match((await people.owner.get(`/admin/workshops/${workshop.id}/`)).body,
            new RegExp(`/media/${hash}\\.jpg`));
        const told = shop.sql(`SELECT v.after FROM audit a JOIN audit_value v ON v.audit_id = a.id
            WHERE a.entity = 'workshop' AND v.field = 'picture_hash' ORDER BY a.id DESC LIMIT 1`);
        assert.equal(told[0].after, hash);

        const again = await upload(people.owner, path, png(2000, 1500));
        mustRedirect(again);
        mustRedirect(await people.owner.post(path, { remove: '1' }));
        assert.equal(shop.value(`SELECT picture_hash FROM workshop WHERE id = ${workshop.id}`), null);
    });

    test('made by ourselves can be uploaded again', async () => {
        const path = `/admin/workshops/${workshop.id}/picture/`;
        mustRedirect(await upload(people.manager, path, png(500, 400)));
        const hash = shop.value(`SELECT picture_hash FROM workshop WHERE id = ${workshop.id}`);
        const { raw } = await people.stranger.get(`/media/${hash}.jpg`);
        mustRedirect(await upload(people.manager, path, raw, { filename: 'a.JPG', type: 'image/jpeg' }));
    });

    test('of a topic, the logo and the payment code stay sharp', async () => {
        const topic = shop.value('SELECT id FROM topic ORDER BY id LIMIT 1');
        for (const [path, where] of [
            [`/admin/topics/${topic}/picture/`, `SELECT picture_hash FROM topic WHERE id = ${topic}`],
            ['/admin/settings/picture/logo/', "SELECT value FROM setting WHERE key = 'logo'"],
            ['/admin/settings/picture/wallet_qr/', "SELECT value FROM setting WHERE key = 'wallet_qr'"],
        ]) {
            assert.equal((await people.owner.get(path)).status, 200, path);
            mustRedirect(await upload(people.owner, path, png(900, 900, { color: [0, 0, 0, 90] })));
            const media = await people.stranger.get(`/media/${shop.value(where)}.png`);
            assert.deepEqual(measure(media.raw), { type: 'png', width: 640, height: 640 }, path);
        }
        assert.equal((await people.owner.get('/admin/settings/picture/other/')).status, 404);
        assert.equal((await upload(people.owner, '/admin/settings/picture/school_name/', png(9, 9))).status, 404);
        assert.equal((await upload(people.owner, '/admin/workshops/999999/picture/', png(9, 9))).status, 404);
    });
});

describe('what is no honest picture', () => {
    const good = png(300, 200);
    const plain = (data) => ({ filename: 'x', type: 'application/octet-stream', data: Buffer.from(data, 'latin1') });
    const CASES = {
        nothing: [undefined, /Elige una imagen/],
        'an empty file': [{ filename: 'a.png', type: 'image/png', data: Buffer.alloc(0) }, /Elige una imagen/],
        text: [plain('hola'), /JPEG, PNG o WebP/],
        'a page named as a picture': [{ filename: 'a.png', type: 'image/png', data: Buffer.from('<html>') }, /JPEG, PNG o WebP/],
        SVG: [{ filename: 'a.svg', type: 'image/svg+xml', data: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') }, /SVG/],
        HEIC: [plain('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), /HEIC/],
        'a wrong name': [{ filename: 'a.jpg', type: 'image/jpeg', data: good }, /otro tipo/],
        'a wrong type': [{ filename: 'a.png', type: 'image/webp', data: good }, /otro tipo/],
        'half a picture': [{ filename: 'a.png', type: 'image/png', data: good.subarray(0, good.length / 2) }, /dañada/],
        'a bomb': [{ filename: 'a.png', type: 'image/png', data: png(10, 10, { claims: { width: 60000, height: 60000 } }) }, /píxeles/],
        'a page behind a picture': [{ filename: 'a.png', type: 'image/png', data: Buffer.concat([good, Buffer.from('<script>1</script>')]) }, /otra cosa/],
        'an archive behind a picture': [{ filename: 'a.png', type: 'image/png', data: Buffer.concat([good, Buffer.from('PK\x05\x06')]) }, /otra cosa/],
        'more than 8 MB': [{ filename: 'a.png', type: 'image/png', data: Buffer.concat([good, Buffer.alloc(8 << 20)]) }, /8 MB/],
    };
    for (const [what, [file, says]] of Object.entries(CASES)) {
        test(`${what} is refused and leaves nothing`, async () => {
            const path = `/admin/workshops/${workshop.id}/picture/`;
            await people.owner.get(path);
            const before = [stored(), shop.value(`SELECT picture_hash FROM workshop WHERE id = ${workshop.id}`)];
            const answer = await people.owner.post(path, file ? { picture: file } : {}, { multipart: true });
            assert.equal(answer.status, 422);
            assert.match(answer.main, says);
            assert.deepEqual([stored(), shop.value(`SELECT picture_hash FROM workshop WHERE id = ${workshop.id}`)], before);
        });
    }

    test('a body of more than 9 MB is not taken at all', async () => {
        const answer = await upload(people.owner, `/admin/workshops/${workshop.id}/picture/`, Buffer.alloc(10 << 20))
            .catch((error) => error);
        assert.ok(answer instanceof Error || answer.status === 413, answer.status);
        assert.equal((await people.owner.get('/admin/')).status, 200);
    });
});

describe('who may', () => {
    const paths = () => [`/admin/workshops/${workshop.id}/picture/`,
        `/admin/topics/${shop.value('SELECT min(id) FROM topic')}/picture/`, '/admin/settings/picture/logo/'];
    for (const [role, status] of [['owner', 200], ['manager', 200], ['desk', 403], ['instructor', 403],
        ['parent', 404], ['stranger', 303]]) {
        test(`${role}: ${status}`, async () => {
            for (const path of paths()) {
                assert.equal((await people[role].get(path)).status, status, path);
                const before = stored();
                const answer = await upload(people[role], path, png(40 + status % 7, 30));
                assert.equal(answer.status, status === 200 ? 303 : status, path);
                if (status !== 200) assert.equal(stored(), before);
            }
        });
    }

    test('nobody without the token', async () => {
        const answer = await people.owner.post(paths()[0], { picture: { filename: 'a.png', type: 'image/png',
            data: png(20, 20) } }, { multipart: true, token: null });
        assert.equal(answer.status, 403);
    });

    test('a large file of a stranger is refused before it is read', async () => {
        const sent = Date.now();
        const answer = await people.stranger.request('POST', paths()[0], { body: Buffer.alloc(100), headers: {
            'Content-Type': 'multipart/form-data; boundary=b', 'Content-Length': 8 << 20 } });
        assert.equal(answer.status, 303);
        assert.ok(Date.now() - sent < 5000);
    });

    test('refusals leave a line in the trail', () => {
        assert.ok(shop.value(`SELECT count(*) FROM audit a JOIN account c ON c.id = a.actor_id
            WHERE c.email = ${quote(shop.accounts.desk.email)} AND a.action = 'refused'`) > 0);
    });
});
