// The door in raw bytes: heads, bodies, keep-alive, redirects, TLS, slow clients, draining. The server behind
// it is door_echo.c, which knows no school.
'use strict';
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { startDoor, connectPlain, connectTls, ask, sleep } = require('./lib/door.js');
const { SLOW, until } = require('../lib/shop.js');

// A server for one test.
const forTest = async (t, options) => {
  const door = await startDoor(options);
  t.after(() => door.stop());
  return door;
};

const HOST = 'Host: taller.example\r\n';
const get = (target, extra = '') => `GET ${target} HTTP/1.1\r\n${HOST}${extra}\r\n`;
const post = (target, body, extra = '') =>
  `POST ${target} HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\n` +
  `Content-Length: ${Buffer.byteLength(body)}\r\n${extra}\r\n${body}`;
const chunked = (body, extra = '') =>
  `POST /form HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\n` +
  `Transfer-Encoding: chunked\r\n${extra}\r\n${body}`;

describe('requests', () => {
  let door;
  before(async () => (door = await startDoor({ head: 2000, body: 2000 })));
  after(() => door.stop());

  test('are understood', async () => {
    const { status, headers, body } = await ask(
      door.https,
      get('/caf%C3%A9/?q=a%20b&q=c', 'User-Agent: t\r\nCookie: x=1; c=2\r\n'),
    );
    const seen = JSON.parse(body);
    assert.equal(status, 200);
    assert.equal(seen.path, '/café/');
    assert.equal(seen.query, 'q=a%20b&q=c');
    assert.deepEqual(seen.fields, [['q', 'a b'], ['q', 'c']]);
    assert.equal(seen.agent, 't');
    assert.equal(seen.cookie, '2');
    assert.equal(seen.address, '127.0.0.1');
    assert.equal(seen.secure, 1);
    assert.match(seen.id, /^[0-9a-f]{16}$/);
    assert.equal(headers['content-length'], String(Buffer.byteLength(body)));
    assert.match(headers.date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
    assert.match(headers['content-security-policy'], /^default-src 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['strict-transport-security'], undefined); // the certificate is self-signed
  });

  test('of any method reach the handler', async () => {
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'BREW']) {
      const { status, body } = await ask(door.https, `${method} /x HTTP/1.1\r\n${HOST}\r\n`);
      assert.equal(status, 200, method);
      assert.equal(JSON.parse(body).method, method);
      assert.equal(JSON.parse(body).kind, 3);
    }
  });

  test('by HEAD get the head alone', async () => {
    const connection = await connectTls(door.https);
    connection.send(`HEAD /page HTTP/1.1\r\n${HOST}\r\n${get('/x')}`);
    const head = await connection.response('HEAD');
    assert.equal(head.headers['content-length'], '12288');
    assert.equal(JSON.parse((await connection.response()).body).path, '/x');
    connection.destroy();
  });

  test('that are malformed are refused, and the connection ends', async () => {
    const cases = [
      [400, 'GET / HTTP/1.1\nHost: a\n\n'],
      [400, 'GET /\r\n'],
      [400, `GET / HTTP/1.1\r\n${HOST}X: a\r\n b\r\n\r\n`],
      [400, `GET / HTTP/1.1\r\n${HOST}X : a\r\n\r\n`],
      [400, 'GET / HTTP/1.1\r\n\r\n'],
      [400, `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`],
      [400, `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`],
      [400, `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx`],
      [400, get('/%ff')],
      [400, get('/a/../b')],
      [400, get('/?q=%ff')],
      [400, get('/?q=%00')],
      [400, get('/?q=%')],
      [400, get('http://other.example/')],
      [400, 'GET /\0 HTTP/1.1\r\n'],
      [413, `POST /form HTTP/1.1\r\n${HOST}Content-Length: 99999999999\r\n\r\n`],
      [414, get(`/${'a'.repeat(9000)}`)],
      [417, get('/', 'Expect: miracles\r\n')],
      [431, `GET / HTTP/1.1\r\n${HOST}X: ${'a'.repeat(17000)}\r\n\r\n`],
      [431, get('/', 'X: y\r\n'.repeat(100))],
      [501, `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n`],
      [505, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ];
    for (const [status, text] of cases) {
      const connection = await connectTls(door.https);
      const response = await connection.send(text).response();
      assert.equal(response?.status, status, JSON.stringify(text.slice(0, 80)));
      assert.equal(response.headers.connection, 'close');
      assert.match(response.headers['content-security-policy'], /^default-src 'none'/);
      assert.equal(await connection.closed(), '');
    }
  });

  test('may come byte by byte, or many at once', async () => {
    const connection = await connectTls(door.https);
    for (const byte of get('/one')) connection.send(byte);
    assert.equal(JSON.parse((await connection.response()).body).path, '/one');
    connection.send(get('/two') + post('/form', 'a=1') + get('/three'));
    assert.equal(JSON.parse((await connection.response()).body).path, '/two');
    assert.equal((await connection.response()).body, '{"fields":[["a","1"]]}\n');
    assert.equal(JSON.parse((await connection.response()).body).path, '/three');
    connection.destroy();
  });

  test('in HTTP/1.0 end the connection unless asked otherwise', async () => {
    const connection = await connectTls(door.https);
    connection.send('GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    assert.equal((await connection.response()).headers.connection, 'keep-alive');
    connection.send('GET /b HTTP/1.0\r\n\r\n');
    assert.equal((await connection.response()).headers.connection, 'close');
    await connection.closed();
  });

  test('with "Connection: close" are the last', async () => {
    const connection = await connectTls(door.https);
    connection.send(get('/a', 'Connection: close\r\n') + get('/b'));
    assert.equal((await connection.response()).headers.connection, 'close');
    assert.equal(await connection.closed(), '');
  });

  test('whose head never ends get 408', async () => {
    const connection = await connectTls(door.https);
    const response = await connection.send('GET / HTTP/1.1\r\nHost:').response();
    assert.equal(response.status, 408);
    await connection.closed();
  });

  test('cannot make a header of their own', async () => {
    const { headers } = await ask(door.https, get('/inject?v=a%0D%0AX-Evil:%201'));
    assert.equal(headers['x-evil'], undefined);
    assert.equal(headers['x-value'], 'aX-Evil: 1');
    const redirect = await ask(door.https, get('/go?to=//evil.example/'));
    assert.equal(redirect.headers.location, '/evil.example/');
  });
});

describe('bodies', () => {
  let door;
  before(async () => (door = await startDoor({ head: 2000, body: 1500 })));
  after(() => door.stop());
  const fieldsOf = (response) => JSON.parse(response.body).fields;

  test('arrive whole, in pieces, chunked', async () => {
    const connection = await connectTls(door.https);
    connection.send(post('/form', 'a=%C3%B1&b=x+y'));
    assert.deepEqual(fieldsOf(await connection.response()), [['a', 'ñ'], ['b', 'x y']]);
    for (const byte of post('/form', 'a=1')) connection.send(byte);
    assert.deepEqual(fieldsOf(await connection.response()), [['a', '1']]);
    connection.send(chunked('3\r\na=1\r\n4;x=y\r\n&b=2\r\n0\r\nT: v\r\n\r\n'));
    assert.deepEqual(fieldsOf(await connection.response()), [['a', '1'], ['b', '2']]);
    for (const byte of chunked('3\r\na=1\r\n0\r\n\r\n')) connection.send(byte);
    assert.deepEqual(fieldsOf(await connection.response()), [['a', '1']]);
    connection.send(post('/form', ''));
    assert.deepEqual(fieldsOf(await connection.response()), []);
    connection.destroy();
  });

  test('may be multipart, with large files', async () => {
    const file = Buffer.alloc(3 * 1024 * 1024, 'f');
    const body = Buffer.concat([
      Buffer.from('--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; ' +
        'name="f"; filename="x.png"\r\nContent-Type: image/png\r\n\r\n'),
      file,
      Buffer.from('\r\n--B--\r\n'),
    ]);
    const connection = await connectTls(door.https);
    connection.send(`POST /upload HTTP/1.1\r\n${HOST}Content-Type: multipart/form-data; boundary=B\r\nContent-Length: ${body.length}\r\n\r\n`);
    connection.send(body);
    assert.deepEqual(fieldsOf(await connection.response()), [['a', '1'], ['f', 'x.png', file.length]]);
    connection.send(get('/after'));
    assert.equal((await connection.response()).status, 200);
    connection.destroy();
  });

  test('are asked for when the client waits for it', async () => {
    const connection = await connectTls(door.https);
    connection.send(post('/form', '', 'Expect: 100-continue\r\n').replace('Content-Length: 0', 'Content-Length: 3'));
    assert.equal((await connection.response()).status, 100);
    connection.send('a=1');
    assert.deepEqual(fieldsOf(await connection.response()), [['a', '1']]);
    connection.destroy();
  });

  test('of the wrong kind are refused', async () => {
    const type = (name) => `POST /form HTTP/1.1\r\n${HOST}Content-Type: ${name}\r\nContent-Length: 3\r\n\r\na=1`;
    const cases = [
      [200, type('application/x-www-form-urlencoded; charset=utf-8')],
      [415, type('application/json')],
      [415, type('application/x-www-form-urlencodedx')],
      [415, `POST /form HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\na=1`],
      [415, post('/form', 'a=1', 'Content-Encoding: gzip\r\n')],
      [400, type('multipart/form-data')],
      [400, type('multipart/form-data; boundary=B')],
      [400, post('/form', 'a=%ff')],
      [400, post('/form', 'a=%00')],
      [400, post('/form', 'a=%zz')],
      [400, post('/form', 'a=1&'.repeat(600))],
      [400, chunked('x\r\n')],
      [400, chunked('3\r\na=1x\r\n')],
      [400, chunked('3\na=1\r\n0\r\n\r\n')],
      [400, chunked('fffffffff\r\n')],
      [413, post('/form', `a=${'x'.repeat(70000)}`)],
      [413, chunked(`11000\r\n${'x'.repeat(0x11000)}\r\n0\r\n\r\n`)],
    ];
    for (const [status, text] of cases)
      assert.equal((await ask(door.https, text)).status, status, text.slice(0, 200));
  });

  test('that are too large leave the client its answer', async () => {
    const connection = await connectTls(door.https);
    connection.send(`POST /form HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8000000\r\n\r\n`);
    connection.send(Buffer.alloc(4000000, 'a'));
    const response = await connection.response();
    assert.equal(response.status, 413);
    assert.equal(response.headers.connection, 'close');
    connection.destroy();
  });

  test('nobody read are not taken for the next request', async () => {
    const connection = await connectTls(door.https);
    connection.send(post('/unread', get('/smuggled')));
    assert.equal((await connection.response()).body, 'unread\n');
    connection.send(get('/next'));
    assert.equal(JSON.parse((await connection.response()).body).path, '/next');
    connection.send(`POST /unread HTTP/1.1\r\n${HOST}Content-Length: 500\r\n\r\n`);
    const last = await connection.response();
    assert.equal(last.headers.connection, 'close');
    connection.send(get('/smuggled'));
    assert.equal(await connection.closed(), '');
  });

  test('that trickle in get 408', async () => {
    const connection = await connectTls(door.https);
    connection.send(`POST /form HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n`);
    const drip = setInterval(() => connection.send('a'), 100);
    const started = Date.now();
    const response = await connection.response();
    clearInterval(drip);
    assert.equal(response.status, 408);
    assert.ok(Date.now() - started < 3000 * SLOW);
    connection.destroy();
  });
});

describe('listeners', () => {
  test('plain HTTP leads to HTTPS', async (t) => {
    const door = await forTest(t);
    const plain = async (text) => {
      const connection = await connectPlain(door.http);
      const response = await connection.send(text).response();
      connection.destroy();
      return response;
    };
    const base = `https://127.0.0.1:${door.https}`;
    const first = await plain(get('/a%20b/?c=d', 'X-Forwarded-Proto: https\r\n'));
    assert.equal(first.status, 301);
    assert.equal(first.headers.location, `${base}/a%20b/?c=d`);
    const second = await plain(post('/form', 'a=1'));
    assert.equal(second.status, 308);
    assert.equal(second.headers.location, `${base}/form`);
  });

  test('plain HTTP sent to the TLS port is answered too', async (t) => {
    const door = await forTest(t, { host: 'taller.example' });
    const connection = await connectPlain(door.https);
    const response = await connection.send(get('/x')).response();
    assert.equal(response.status, 301);
    assert.equal(response.headers.location, 'https://taller.example/x');
    connection.destroy();
  });

  test('the ops listener is plain and not redirected', async (t) => {
    const door = await forTest(t);
    const connection = await connectPlain(door.ops);
    const seen = JSON.parse((await connection.send(get('/healthz')).response()).body);
    assert.equal(seen.listener, 2);
    assert.equal(seen.secure, 0);
    connection.destroy();
  });

  test('a trusted proxy is believed, and nobody else', async (t) => {
    const door = await forTest(t, { proxy: '127.0.0.2/32' });
    const from = async (localAddress, lines) => {
      const connection = await connectPlain(door.http, { localAddress });
      const response = await connection.send(get('/x', lines)).response();
      connection.destroy();
      return response;
    };
    const told = JSON.parse((await from('127.0.0.2', 'X-Forwarded-For: 9.9.9.9, 203.0.113.5\r\nX-Forwarded-Proto: https\r\n')).body);
    assert.equal(told.address, '203.0.113.5');
    assert.equal(told.secure, 1);
    assert.equal(told.proxy, 1);
    assert.equal((await from('127.0.0.2', 'X-Forwarded-Proto: http\r\n')).status, 301);
    assert.equal((await from('127.0.0.1', 'X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Proto: https\r\n')).status, 301);
    const direct = JSON.parse((await ask(door.https, get('/x', 'X-Forwarded-For: 203.0.113.5\r\n'))).body);
    assert.equal(direct.address, '127.0.0.1');
  });

  test('an address in use is said clearly', async (t) => {
    const door = await forTest(t);
    await assert.rejects(startDoor({ https: `127.0.0.1:${door.https}` }), /cannot listen on --https 127\.0\.0\.1:\d+: Address already in use/);
    await assert.rejects(startDoor({ https: 'localhost:1' }), /--https localhost:1/);
    await assert.rejects(startDoor({ proxy: '10.0.0.0/99' }), /--behind-proxy 10\.0\.0\.0\/99/);
  });

  test('IPv6 works', async (t) => {
    const door = await forTest(t, { https: '[::1]:0' });
    const connection = await connectTls(door.https, { host: '::1' });
    assert.equal(JSON.parse((await connection.send(get('/x')).response()).body).address, '::1');
    connection.destroy();
  });
});

describe('TLS', () => {
  let door;
  before(async () => (door = await startDoor({ handshake: 1500 })));
  after(() => door.stop());

  test('1.2 and 1.3 with AEAD suites, ALPN http/1.1', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      const connection = await connectTls(door.https, { minVersion: version, maxVersion: version, ALPNProtocols: ['h2', 'http/1.1'] });
      assert.equal(connection.socket.getProtocol(), version);
      assert.match(connection.socket.getCipher().standardName, /AES_256_GCM|CHACHA20/);
      assert.equal(connection.socket.alpnProtocol, 'http/1.1');
      assert.equal((await connection.send(get('/x')).response()).status, 200);
      assert.equal(connection.socket.getPeerCertificate().fingerprint256, door.fingerprint);
      connection.destroy();
    }
  });

  test('nothing older or weaker', async () => {
    const refused = [
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384' },
      { maxVersion: 'TLSv1.2', ciphers: 'AES256-GCM-SHA384' },
      { ALPNProtocols: ['h2'] },
    ];
    for (const options of refused) await assert.rejects(connectTls(door.https, options), undefined, JSON.stringify(options));
  });

  test('sessions are resumed in both versions', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      const options = { minVersion: version, maxVersion: version };
      const first = await connectTls(door.https, options);
      const ticket = version === 'TLSv1.2' ? Promise.resolve(first.socket.getSession())
        : new Promise((resolve) => first.socket.once('session', resolve));
      assert.equal((await first.send(get('/x')).response()).status, 200);
      const session = await ticket;
      first.destroy();
      const second = await connectTls(door.https, { ...options, session });
      assert.equal(second.socket.isSessionReused(), true, version);
      assert.equal((await second.send(get('/x')).response()).status, 200);
      second.destroy();
    }
  });

  test('a response of many records arrives as it was', async () => {
    for (const size of [0, 1, 15000, 16383, 16384, 16385, 40000, 5000000]) {
      const { bytes } = await ask(door.https, get(`/bytes?n=${size}`));
      assert.equal(bytes.length, size);
      assert.ok(bytes.every((byte) => byte === 0x78));
    }
  });

  test('a handshake that never ends is ended', async () => {
    const started = Date.now();
    const silent = await connectPlain(door.https);
    const half = await connectPlain(door.https);
    half.send(Buffer.from('1603010200010001fc0303', 'hex'));
    await Promise.all([silent.closed(15000), half.closed(15000)]);
    assert.ok(Date.now() - started >= 1000);
    assert.equal((await ask(door.https, get('/x'))).status, 200);
  });

  test('a new certificate is taken up while connections go on', async (t) => {
    const cert = path.join(door.dir, 'new.crt');
    const key = path.join(door.dir, 'new.key');
    const make = (name) => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
      '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    make('one.example');
    const other = await forTest(t, { cert, key });
    const nameNow = async () => {
      const connection = await connectTls(other.https);
      const name = connection.socket.getPeerCertificate().subject.CN;
      connection.destroy();
      return name;
    };
    const old = await connectTls(other.https);
    assert.equal((await old.send(get('/x')).response()).status, 200);
    make('two.example');
    other.signal('SIGHUP');
    await until(async () => await nameNow() === 'two.example');
    assert.equal((await old.send(get('/x')).response()).status, 200);
    fs.writeFileSync(key, 'nonsense');
    other.signal('SIGHUP');
    await until(() => /certificate_refused/.test(other.errors()));
    assert.equal(await nameNow(), 'two.example');
    old.destroy();
  });

  test('a certificate somebody issued brings Strict-Transport-Security', async (t) => {
    const file = (name) => path.join(door.dir, name);
    const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' });
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    openssl('req', '-x509', ...ec, '-subj', '/CN=An authority', '-keyout', file('ca.key'), '-out', file('ca.crt'));
    openssl('req', ...ec, '-subj', '/CN=taller.example', '-keyout', file('leaf.key'), '-out', file('leaf.csr'));
    openssl('x509', '-req', '-in', file('leaf.csr'), '-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-out', file('leaf.crt'));
    const other = await forTest(t, { cert: file('leaf.crt'), key: file('leaf.key') });
    assert.match((await ask(other.https, get('/x'))).headers['strict-transport-security'], /^max-age=\d+/);
  });
});

describe('many connections', () => {
  // Opens `count` connections that do what `begin` says; those the server ends stay ended.
  const crowd = async (count, connect, begin) => {
    const all = Array.from({ length: count }, async () => {
      const connection = await connect().catch(() => null);
      if (connection) begin(connection);
      return connection;
    });
    return (await Promise.all(all)).filter(Boolean);
  };
  // The slowest of several requests, each on a new connection, in milliseconds.
  const slowest = async (door, localAddress) => {
    let worst = 0;
    for (let i = 0; i < 20; i++) {
      const started = performance.now();
      const connection = await connectTls(door.https, { localAddress });
      assert.equal((await connection.send(get('/x')).response()).status, 200);
      connection.destroy();
      worst = Math.max(worst, performance.now() - started);
    }
    return worst;
  };

  test('slow, silent and idle ones do not keep others out', async (t) => {
    const door = await forTest(t, { workers: 32 });
    const all = [
      ...(await crowd(100, () => connectPlain(door.https), () => {})),
      ...(await crowd(100, () => connectPlain(door.https), (c) => c.send(Buffer.from('160301', 'hex')))),
      ...(await crowd(100, () => connectPlain(door.http), (c) => c.send('GET / HTTP/1.1\r\nHo'))),
    ];
    const worst = await slowest(door, '127.0.0.5');
    for (const connection of all) connection.destroy();
    assert.ok(worst < 1000 * SLOW, `${worst} ms`);
  });

  test('clients that never finish a body do not either', async (t) => {
    const door = await forTest(t, { workers: 16 });
    const all = await crowd(40, () => connectTls(door.https),
      (c) => c.send(`POST /form HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\na`));
    const worst = await slowest(door, '127.0.0.5');
    for (const connection of all) connection.destroy();
    assert.ok(worst < 1000 * SLOW, `${worst} ms`);
  });

  test('a request at work is never ended for others', async (t) => {
    const door = await forTest(t, { workers: 8 });
    const slow = await crowd(4, () => connectTls(door.https), (c) => c.send(get('/slow?ms=800')));
    await sleep(100);
    const noise = await crowd(40, () => connectPlain(door.http), () => {});
    for (const connection of slow) assert.equal((await connection.response()).body, 'slow\n');
    for (const connection of [...slow, ...noise]) connection.destroy();
  });

  test('idle ones are closed in time', async (t) => {
    const door = await forTest(t, { idle: 600 });
    const connection = await connectTls(door.https);
    const started = Date.now();
    await connection.send(get('/x')).response();
    await connection.closed(3000 * SLOW);
    assert.ok(Date.now() - started >= 600);
  });

  test('a client that takes no response is given up', async (t) => {
    const door = await forTest(t, { send: 2000 });
    const connection = await connectPlain(door.ops);
    const stats = async () => JSON.parse((await ask(door.https, get('/stats'))).body);
    connection.socket.pause();
    connection.send(get('/bytes?n=60000000'));
    await until(async () => (await stats()).at_work === 2); // this one and the one that asks
    await until(async () => (await stats()).at_work === 1);
    assert.equal((await stats()).expired, 1);
    connection.destroy();
  });
});

test('workers that never come back are noticed, clients that keep them waiting are not', async (t) => {
  const door = await forTest(t, { workers: 3, stuck: 700 });
  const patient = [];
  for (let i = 0; i < 3; i++) {
    patient.push(await connectTls(door.https));
    patient[i].send(post('/form', 'a=1').slice(0, -1)); // its last byte is missing
  }
  await sleep(1500);
  assert.equal(await door.says('SIGUSR1'), 'moves');
  for (const connection of patient) {
    connection.send('1');
    await connection.response();
    connection.destroy();
  }
  const stuck = [];
  for (let i = 0; i < 3; i++) {
    stuck.push(await connectTls(door.https));
    stuck[i].send(get('/slow?ms=4000'));
  }
  await until(async () => await door.says('SIGUSR1') === 'stuck');
  for (const connection of stuck) assert.equal((await connection.response()).body, 'slow\n');
  await until(async () => await door.says('SIGUSR1') === 'moves');
});

describe('draining', () => {
  test('finishes what is at work and takes no more', async (t) => {
    const door = await forTest(t);
    const busy = await connectTls(door.https);
    const idle = await connectTls(door.https);
    await idle.send(get('/x')).response();
    busy.send(get('/slow?ms=4000'));
    await sleep(200);
    door.signal('SIGTERM');
    await idle.closed(3000 * SLOW);
    const late = await connectTls(door.https);
    const refused = await late.send(get('/x')).response();
    assert.equal(refused.status, 503);
    assert.equal(refused.headers['retry-after'], '5');
    const finished = await busy.response();
    assert.equal(finished.body, 'slow\n');
    assert.equal(finished.headers.connection, 'close');
    assert.equal((await door.exited).code, 0);
  });
});
