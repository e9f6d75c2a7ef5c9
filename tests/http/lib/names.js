'use strict';
// A command in a network of its own, with a name server of its own: what names lead to is the
// test's to say, and whatever the command connects to, nothing leaves the machine.
//
//     const inside = among({ records: { 'school.invalid': '127.0.0.9' },
//         sites: [{ address: '127.0.0.9', port: 80, status: 404, body: 'no' }] });
//     spawn(inside[0], [...inside.slice(1), BINARY, 'doctor']);
//
// records: a name's address, or an answer such as 'SERVFAIL'; other names do not exist, as names
// under .invalid never do (RFC 6761, 6.4). records null: there is no name server. A site with a key
// and a cert speaks TLS; `chunked`, it cuts its body. Takes root, or namespaces of users; cannot says why there is none.

const { spawn, spawnSync } = require('node:child_process');
const dgram = require('node:dgram');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const path = require('node:path');

const unshare = ['unshare', ...process.getuid() ? ['--map-root-user'] : [], '--net', '--mount'];
const ENTER = 'ip link set lo up && mount --bind "$1" /etc/resolv.conf && shift && exec "$@"';

let reason;
/** Why no network can be made here; false if one can. */
function cannot() {
    if (reason === undefined) {
        const probe = spawnSync(unshare[0], [...unshare.slice(1), 'sh', '-c', ENTER, 'sh', '/etc/hosts', 'true']);
        reason = probe.status === 0 ? false
            : 'no network of its own can be made here (it takes root, or namespaces of users, and iproute2)';
    }
    return reason;
}

/** The words that go before a command. */
function among(world, folder) {
    const file = path.join(folder, 'resolv.conf');
    fs.writeFileSync(file, 'nameserver 127.0.0.1\noptions timeout:2 attempts:2\n');
    return [...unshare, 'sh', '-c', ENTER, 'sh', file, process.execPath, __filename, JSON.stringify(world)];
}

// ---- inside -------------------------------------------------------------------------------------

const TYPE_A = 1;
const CODES = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };

/** The answer to one question (RFC 1035, 4). */
function answer(query, records) {
    let at = 12;
    const labels = [];
    for (; query[at]; at += query[at] + 1) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
    const name = labels.join('.').toLowerCase();
    const question = query.subarray(12, at + 5);
    const asksForA = query.readUInt16BE(at + 1) === TYPE_A;
    const record = Object.hasOwn(records, name) ? records[name] : 'NXDOMAIN';
    const isAddress = /^[\d.]+$/.test(record);
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | (isAddress ? 0 : CODES[record]), 2);
    header.writeUInt16BE(1, 4);
    if (!isAddress || !asksForA) return Buffer.concat([header, question]);
    header.writeUInt16BE(1, 6);
    const found = Buffer.from([0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4,
        ...record.split('.').map(Number)]);
    return Buffer.concat([header, question, found]);
}

async function serveNames(records) {
    const socket = dgram.createSocket('udp4');
    socket.on('message', (query, from) => socket.send(answer(query, records), from.port, from.address));
    await new Promise((resolve) => { socket.bind(53, '127.0.0.1', resolve); });
}

async function serveSite({ address, port, status = 200, body = '', chunked, key, cert }) {
    const length = chunked ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const give = (request, response) => {
        response.writeHead(status, length);
        response.write(body);
        response.end();
    };
    const server = key ? https.createServer({ key, cert }, give) : http.createServer(give);
    await new Promise((resolve) => { server.listen(port, address, resolve); });
}

async function live({ records, sites = [] }, command) {
    if (records) await serveNames(records);
    for (const site of sites) await serveSite(site);
    spawn(command[0], command.slice(1), { stdio: 'inherit' })
        .on('close', (status) => process.exit(status ?? 1));
}

if (require.main === module) live(JSON.parse(process.argv[2]), process.argv.slice(3));

module.exports = { among, cannot };
