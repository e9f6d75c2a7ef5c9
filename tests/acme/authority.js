'use strict';
// A certificate authority on loopback: pebble, with a name server for which every name is this
// machine, and a proxy in front of it that can be told to misbehave.
//
//     const authority = await openAuthority({ nonceReject: 30, lifetime: 60 });
//     const shop = await start({ args: [...authority.args('school.test'), …] });
//     authority.proxy.answer = (request) => ({ status: 429, headers, body });
//     await authority.close();

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');
const { freePort, start, until } = require('../lib/shop.js');
const { makeAuthority } = require('../lib/certificates.js');

/** One request; {status, headers, body}, or an Error's rejection. */
function ask(options, body) {
    return new Promise((resolve, reject) => {
        const request = https.request({ agent: false, timeout: 20000, ...options }, (response) => {
            const chunks = [];
            response.on('data', (chunk) => chunks.push(chunk));
            response.on('end', () => resolve({
                status: response.statusCode, headers: response.headers,
                body: Buffer.concat(chunks).toString(),
            }));
        });
        request.on('timeout', () => request.destroy(new Error('no answer')));
        request.on('error', reject);
        request.end(body);
    });
}

/** Passes everything on to pebble, unless `answer` has something of its own to say: it gets the
 * request and its body, and gives nothing or {status, headers, body}. `change` may alter what pebble
 * said. */
class Proxy {
    constructor(identity, target) {
        this.target = target;
        this.seen = []; // {method, path, status}
        this.answer = () => null;
        this.change = (reply) => reply;
        this.server = https.createServer(identity, (request, response) => {
            const chunks = [];
            request.on('data', (chunk) => chunks.push(chunk));
            request.on('end', () => this.pass(request, Buffer.concat(chunks), response)
                .catch(() => response.destroy()));
        });
    }

    async pass(request, body, response) {
        const seen = { method: request.method, path: request.url };
        this.seen.push(seen);
        const own = this.answer(request, body);
        const reply = this.change(own ?? await ask({
            host: '127.0.0.1', port: this.target, method: request.method, path: request.url,
            headers: request.headers, rejectUnauthorized: false,
        }, body), request);
        seen.status = reply.status;
        const { 'content-length': ignored, 'transfer-encoding': coding, ...headers } = reply.headers;
        response.writeHead(reply.status, headers);
        response.end(reply.body);
    }

    /** How often something was asked for and given; nonces are refused now and then. */
    count(place) {
        return this.seen.filter((one) => one.path.startsWith(place) && one.status < 300).length;
    }

    open(port = 0) {
        return new Promise((resolve) => {
            this.server.listen(port, '127.0.0.1', () => {
                this.port = this.server.address().port;
                resolve(this);
            });
        });
    }

    close() {
        this.server.closeAllConnections();
        return new Promise((resolve) => { this.server.close(resolve); });
    }
}

class Authority {
    /** nonceReject: percent of good nonces refused; lifetime: of certificates, in seconds. */
    constructor({ nonceReject = 5, lifetime = 0 } = {}) {
        Object.assign(this, { nonceReject, lifetime, children: [] });
        this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-acme-'));
    }

    run(program, args, env = {}) {
        const log = fs.openSync(path.join(this.folder, `${program}.log`), 'a');
        const child = spawn(program, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
        fs.closeSync(log);
        child.gone = new Promise((resolve) => { child.on('close', resolve).on('error', resolve); });
        this.children.push(child);
        return child;
    }

    async open() {
        const [listen, management, dns, dnsManagement, http, alpn] =
            await Promise.all(Array.from({ length: 6 }, freePort));
        Object.assign(this, { listen, management, http, alpn });
        const own = makeAuthority(this.folder);
        const identity = own.issue();
        this.caFile = own.file;
        const at = (name, content) => {
            const file = path.join(this.folder, name);
            fs.writeFileSync(file, content);
            return file;
        };
        this.config = at('pebble.json', JSON.stringify({ pebble: {
            listenAddress: `127.0.0.1:${listen}`, managementListenAddress: `127.0.0.1:${management}`,
            certificate: at('pebble.pem', identity.cert), privateKey: at('pebble.key', identity.key),
            httpPort: http, tlsPort: alpn, ocspResponderURL: '',
            externalAccountBindingRequired: false, certificateValidityPeriod: this.lifetime,
        } }));
        this.dns = `127.0.0.1:${dns}`;
        this.run('pebble-challtestsrv', ['-defaultIPv4', '127.0.0.1', '-defaultIPv6', '', '-dns01',
            this.dns, '-http01', '', '-https01', '', '-tlsalpn01', '', '-management',
            `127.0.0.1:${dnsManagement}`]);
        await this.rise();
        this.proxy = await new Proxy(identity, listen).open();
        return this;
    }

    /** Starts pebble, which forgets all it knew. */
    async rise() {
        this.pebble = this.run('pebble', ['-config', this.config, '-strict', '-dnsserver', this.dns], {
            PEBBLE_VA_NOSLEEP: '1', PEBBLE_VA_ALWAYS_VALID: '0', PEBBLE_AUTHZREUSE: '0',
            PEBBLE_WFE_NONCEREJECT: String(this.nonceReject),
        });
        this.root = await until(() => ask({
            host: '127.0.0.1', port: this.management, path: '/roots/0', rejectUnauthorized: false,
        }).then((reply) => reply.status === 200 && reply.body, () => null), 20);
    }

    async fall() {
        this.pebble.kill('SIGKILL');
        await this.pebble.gone;
    }

    get directory() { return `https://127.0.0.1:${this.proxy.port}/dir`; }

    /** The flags of a shop whose ports are those pebble knocks at. */
    args(names, { http = true, https: secure = this.alpn } = {}) {
        return ['--domain', names, '--acme-directory', this.directory, '--ca-file', this.caFile,
            '--https', `127.0.0.1:${secure}`, '--http', http ? `127.0.0.1:${this.http}` : ''];
    }

    /** pebble says its own address in links: they lead through the proxy. */
    link() {
        const own = new RegExp(`https://127\\.0\\.0\\.1:${this.listen}/`, 'g');
        const ours = `https://127.0.0.1:${this.proxy.port}/`;
        this.proxy.change = (reply) => ({
            ...reply, body: reply.body.replace(own, ours),
            headers: Object.fromEntries(Object.entries(reply.headers).map(([name, value]) =>
                [name, typeof value === 'string' ? value.replace(own, ours) : value])),
        });
    }

    async close() {
        if (this.proxy) await this.proxy.close();
        for (const child of this.children) child.kill('SIGKILL');
        await Promise.all(this.children.map((child) => child.gone));
        fs.rmSync(this.folder, { recursive: true, force: true });
    }
}

function openAuthority(options) { return new Authority(options).open(); }

/** What a browser sees that trusts the authority's root: the certificate, or the reason not to. */
function visit(shop, authority, name) {
    return new Promise((resolve, reject) => {
        const socket = tls.connect({
            host: '127.0.0.1', port: shop.ports.https, servername: name, ca: authority.root,
            ALPNProtocols: ['http/1.1'],
        }, () => {
            const certificate = socket.getPeerCertificate();
            socket.end();
            resolve(certificate);
        });
        socket.on('error', reject);
    });
}

/** Waits for a certificate that a browser accepts. */
function trusted(shop, authority, name, seconds = 40) {
    return until(() => visit(shop, authority, name).catch(() => null), seconds);
}

module.exports = { ask, openAuthority, start, trusted, until, visit };
