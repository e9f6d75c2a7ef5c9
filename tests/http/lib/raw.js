'use strict';
// Requests whose bytes a test sends when it likes, to the running program over TLS.

const tls = require('node:tls');

/** One connection: write(), the text that came (said), and promises of its opening and its end. */
class Raw {
    constructor(shop) {
        this.said = '';
        this.error = null;
        this.socket = tls.connect({ port: shop.ports.https, host: '127.0.0.1',
            rejectUnauthorized: false });
        this.socket.on('data', (data) => { this.said += data; });
        this.socket.on('error', (error) => { this.error = error; });
        this.closed = new Promise((resolve) => { this.socket.on('close', () => resolve(this)); });
        this.open = new Promise((resolve, reject) => {
            this.socket.on('secureConnect', () => resolve(this));
            this.socket.on('error', reject);
        });
        this.open.catch(() => {});
    }

    write(text) { this.socket.write(text); }

    /** The status of the answer, 0 while there is none. */
    get status() { return Number(this.said.match(/^HTTP\/1\.1 (\d{3}) /)?.[1] ?? 0); }
}

/** A POST that has sent its head and only the beginning of its body. finish() sends the rest. */
async function halfPost(shop, path, body, headers = {}) {
    const raw = await new Raw(shop).open;
    const bytes = Buffer.from(body);
    const half = bytes.length >> 1;
    const lines = Object.entries({
        Host: 'x', 'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Length': bytes.length, ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    raw.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    raw.write(bytes.subarray(0, half));
    raw.finish = () => raw.write(bytes.subarray(half));
    return raw;
}

module.exports = { Raw, halfPost };
