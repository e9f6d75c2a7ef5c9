'use strict';
// Requests in raw bytes, each with its answer: what smuggles a second request past a proxy, and what is
// malformed. Refused ones end the connection; of those that are taken the next request is understood.
// RFC 9110, RFC 9112.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { connectTls, startDoor } = require('./lib/door.js');

const HOST = 'Host: taller.example\r\n';
const F = 'Content-Type: application/x-www-form-urlencoded\r\n';
const NEXT = `GET /next HTTP/1.1\r\n${HOST}\r\n`;

describe('in raw bytes:', () => {
    let door;
    before(async () => { door = await startDoor({ head: 4000, body: 4000 }); });
    after(() => door.stop());

    const CASES = [
        [400, 'Transfer-Encoding twice', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
        [501, 'chunked, chunked', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`],
        [501, 'chunked, then another', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
        [501, 'xchunked', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
        [400, 'a control character before chunked', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`],
        [400, 'a space before the colon', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
        [400, 'chunked in HTTP/1.0', `POST /form HTTP/1.0\r\n${HOST}${F}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
        [200, 'CHUNKED in capitals', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: CHUNKED\r\n\r\n3\r\na=1\r\n0\r\n\r\n`],
        [400, 'a length with a plus', `POST /form HTTP/1.1\r\n${HOST}${F}Content-Length: +3\r\n\r\na=1`],
        [400, 'a length below zero', `POST /form HTTP/1.1\r\n${HOST}${F}Content-Length: -3\r\n\r\na=1`],
        [400, 'a length in hexadecimal', `POST /form HTTP/1.1\r\n${HOST}${F}Content-Length: 0x3\r\n\r\na=1`],
        [400, 'a list of lengths', `POST /form HTTP/1.1\r\n${HOST}${F}Content-Length: 3, 3\r\n\r\na=1`],
        [400, 'two numbers as a length', `POST /form HTTP/1.1\r\n${HOST}${F}Content-Length: 3 3\r\n\r\na=1`],
        [400, 'an empty length', `POST /form HTTP/1.1\r\n${HOST}${F}Content-Length: \r\n\r\na=1`],
        [400, 'a length of 2^64 + 1', `POST /form HTTP/1.1\r\n${HOST}${F}Content-Length: 18446744073709551617\r\n\r\na=1`],
        [400, 'a length of 2^64 + 3, which is 3 to who overflows', `POST /form HTTP/1.1\r\n${HOST}${F}Content-Length: 18446744073709551619\r\n\r\na=1`],
        [200, 'a chunk extension', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: chunked\r\n\r\n3;x="y"\r\na=1\r\n0\r\n\r\n`],
        [400, 'a chunk extension that ends in LF', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: chunked\r\n\r\n3;x\na=1\r\n0\r\n\r\n`],
        [400, 'a chunk size with 0x', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: chunked\r\n\r\n0x3\r\na=1\r\n0\r\n\r\n`],
        [400, 'a chunk size with a plus', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: chunked\r\n\r\n+3\r\na=1\r\n0\r\n\r\n`],
        [400, 'a chunk size below zero', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: chunked\r\n\r\n-3\r\na=1\r\n0\r\n\r\n`],
        [400, 'a space behind a chunk size', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: chunked\r\n\r\n3 \r\na=1\r\n0\r\n\r\n`],
        [200, 'a trailer', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\nX: y\r\n\r\n`],
        [400, 'a chunk without a size', `POST /form HTTP/1.1\r\n${HOST}${F}Transfer-Encoding: chunked\r\n\r\n\r\na=1\r\n0\r\n\r\n`],
        [400, 'NUL in a value', `GET / HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`],
        [400, 'NUL in a name', `GET / HTTP/1.1\r\n${HOST}X\0: a\r\n\r\n`],
        [400, 'a bare CR', `GET / HTTP/1.1\r\n${HOST}X: a\rb\r\n\r\n`],
        [400, 'a bare LF', `GET / HTTP/1.1\r\n${HOST}X: a\nY: b\r\n\r\n`],
        [400, 'DEL in a value', `GET / HTTP/1.1\r\n${HOST}X: a\x7fb\r\n\r\n`],
        [200, 'an empty line first (RFC 9112, 2.2)', `\r\nGET / HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'a space first', ` GET / HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'a folded line first', `GET / HTTP/1.1\r\n ${HOST}\r\n`],
        [400, 'a line folded with a tab', `GET / HTTP/1.1\r\n${HOST}X: a\r\n\tb\r\n\r\n`],
        [400, 'a line without a colon', `GET / HTTP/1.1\r\n${HOST}nonsense\r\n\r\n`],
        [200, 'a range, which need not be read (RFC 9110, 14.2)', `GET / HTTP/1.1\r\n${HOST}Range: bytes=0-0\r\n\r\n`],
        [200, 'ranges without end', `GET / HTTP/1.1\r\n${HOST}Range: bytes=${'0-,'.repeat(900)}5-2,-\r\n\r\n`],
        [400, 'an empty name', `GET / HTTP/1.1\r\n${HOST}: x\r\n\r\n`],
        [400, 'a name with brackets', `GET / HTTP/1.1\r\n${HOST}X(y): x\r\n\r\n`],
        [200, 'a method in small letters is another method', `get / HTTP/1.1\r\n${HOST}\r\n`],
        [505, 'HTTP/1.2', `GET / HTTP/1.2\r\n${HOST}\r\n`],
        [505, 'HTTP/2.0', `GET / HTTP/2.0\r\n${HOST}\r\n`],
        [400, 'HTTP/01.1', `GET / HTTP/01.1\r\n${HOST}\r\n`],
        [400, 'http/1.1', `GET / http/1.1\r\n${HOST}\r\n`],
        [400, 'HTTP/1.1 x', `GET / HTTP/1.1 x\r\n${HOST}\r\n`],
        [400, 'two spaces', `GET  / HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'tabs for spaces', `GET\t/\tHTTP/1.1\r\n${HOST}\r\n`],
        [400, 'no target', `GET HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'HTTP/0.9', 'GET /workshops/\r\n\r\n'],
        [400, 'a fragment', `GET /#x HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'an authority as target', `GET taller.example:443 HTTP/1.1\r\n${HOST}\r\n`],
        [200, 'CONNECT is no proxy: the handler says no', `CONNECT taller.example:443 HTTP/1.1\r\n${HOST}\r\n`],
        [200, 'OPTIONS *', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`],
        [200, 'an absolute target of ours', `GET https://taller.example/x HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'an absolute target of others', `GET https://evil.example/x HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'a target that is a file', `GET file:///etc/passwd HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'an empty Host', `GET / HTTP/1.1\r\nHost: \r\n\r\n`],
        [400, 'a Host with a space', `GET / HTTP/1.1\r\nHost: a b\r\n\r\n`],
        [400, 'a Host with a user', `GET / HTTP/1.1\r\nHost: a@b\r\n\r\n`],
        [400, 'a Host with a slash', `GET / HTTP/1.1\r\nHost: a/b\r\n\r\n`],
        [400, 'a Host whose port is none', `GET / HTTP/1.1\r\nHost: a:b\r\n\r\n`],
        [400, 'a list as Host', `GET / HTTP/1.1\r\nHost: a, b\r\n\r\n`],
        [400, 'Host twice, in other letters', `GET / HTTP/1.1\r\n${HOST}hOsT: other\r\n\r\n`],
        [200, 'a backslash is a character', `GET /a\\b HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'bytes beyond ASCII', `GET /caf\xc3\xa9 HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'an overlong dot', `GET /%c0%ae%c0%ae/ HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'encoded dots', `GET /%2e%2e/x HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'an encoded slash', `GET /a%2fb HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'an encoded NUL', `GET /%00 HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'half an escape', `GET /%2 HTTP/1.1\r\n${HOST}\r\n`],
        [400, 'two slashes', `GET //evil.example/ HTTP/1.1\r\n${HOST}\r\n`],
        [200, 'an upgrade to HTTP/2 is passed over', `GET / HTTP/1.1\r\n${HOST}Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n`],
        [400, 'TLS in TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
        [200, 'a value of spaces', `GET / HTTP/1.1\r\n${HOST}X:${' '.repeat(4000)}\r\n\r\n`],
    ];

    for (const [status, name, text] of CASES)
        test(`${name}: ${status}`, async () => {
            const connection = await connectTls(door.https);
            connection.socket.write(Buffer.from(text + NEXT, 'latin1'));
            const response = await connection.response();
            assert.equal(response?.status, status);
            if (status === 200) {
                assert.equal(JSON.parse((await connection.response()).body).path, '/next');
                connection.destroy();
            } else {
                assert.equal(response.headers.connection, 'close');
                assert.equal(await connection.closed(), '', 'nothing behind it is answered');
            }
        });
});
