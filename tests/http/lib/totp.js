'use strict';
// What an authenticator app does: codes of RFC 6238, and reading the key a page shows.

const { createHmac } = require('node:crypto');

/** The code of a secret (bytes) at a moment (seconds since 1970). */
function totp(secret, at = Date.now() / 1000) {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(at / 30)));
    const mac = createHmac('sha1', secret).update(counter).digest();
    const bits = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
    return String(bits % 1000000).padStart(6, '0');
}

function fromBase32(text) {
    const bits = [...text.replace(/\s/g, '')].map((c) =>
        'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
    return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

module.exports = { fromBase32, totp };
