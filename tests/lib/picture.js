'use strict';
// Picture files for tests, made here byte by byte.

const zlib = require('node:zlib');

function chunk(name, data) {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), out.length - 4);
    return out;
}

function crc(bytes) {
    let sum = ~0;
    for (const byte of bytes) {
        sum ^= byte;
        for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum >>> 0;
}

/** A PNG of one colour; `claims` puts other sizes into its head than it has. */
function png(width, height, { color = [200, 80, 20, 255], claims } = {}) {
    const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 6, 0, 0, 0]);
    head.writeUInt32BE(claims?.width ?? width, 0);
    head.writeUInt32BE(claims?.height ?? height, 4);
    const row = Buffer.alloc(1 + width * 4);
    for (let x = 0; x < width; x++) row.set(color, 1 + x * 4);
    return Buffer.concat([
        Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head),
        chunk('IDAT', zlib.deflateSync(Buffer.concat(Array(height).fill(row)))),
        chunk('IEND', Buffer.alloc(0)),
    ]);
}

/** {type, width, height} of a stored PNG or JPEG. */
function measure(bytes) {
    if (bytes.subarray(1, 4).toString('latin1') === 'PNG')
        return { type: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
    for (let at = 2; at < bytes.length;) {
        const marker = bytes[at + 1];
        if (marker >= 0xc0 && marker <= 0xc2)
            return { type: 'jpeg', height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
        at += 2 + bytes.readUInt16BE(at + 2);
    }
    return null;
}

module.exports = { png, measure };
