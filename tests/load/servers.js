'use strict';
// What is measured: a shop of its own, nginx beside it with the same certificate, and the load
// client (*.c here) that asks them. All on loopback, all ended with the run.

const assert = require('node:assert/strict');
const { execFile, execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { BINARY, ROOT, freePort, request, start, until } = require('../lib/shop.js');

const CLIENT = path.join(ROOT, 'build/load');
const QUICK = Boolean(process.env.BENCH_QUICK);
const ROUNDS = QUICK ? 1 : 3;

/** What runs, to be ended when a run fails. */
const running = new Set();

function remember(server) {
    const stop = server.stop.bind(server);
    server.stop = (...args) => {
        running.delete(server);
        return stop(...args);
    };
    running.add(server);
}

/** A shop on a demonstration's data; `grow` = [workshops, inscriptions] more. */
async function startShop({ grow } = {}) {
    const shop = await start({ demo: true });
    shop.pids = [shop.process.pid];
    shop.port = shop.ports.https;
    remember(shop);
    shop.grow = async (sizes) => {
        const grown = await run(BINARY,
            ['demo', 'grow', ...sizes.map(String), '--data', shop.data]);
        assert.equal(grown.status, 0, grown.stderr);
        shop.sql('PRAGMA wal_checkpoint(TRUNCATE)');
    };
    if (grow) await shop.grow(grow);
    return shop;
}

/** nginx, serving what `files` says ({name: bytes}) with the certificate of `shop`, in Debian's own
 * configuration as far as it matters here. Never the system's service: a configuration of our own,
 * in a folder of our own, ended with the run. */
async function startNginx(shop, files) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-nginx-'));
    const port = await freePort();
    fs.chmodSync(folder, 0o755);
    for (const [name, bytes] of Object.entries(files))
        fs.writeFileSync(path.join(folder, name), bytes);
    fs.writeFileSync(path.join(folder, 'nginx.conf'), `
daemon off;
worker_processes auto;
pid ${folder}/pid;
error_log stderr crit;
events { worker_connections 2048; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    default_type "text/html; charset=utf-8";
    keepalive_timeout 600;
    keepalive_requests 1000000000;
    client_body_temp_path ${folder};
    proxy_temp_path ${folder};
    fastcgi_temp_path ${folder};
    uwsgi_temp_path ${folder};
    scgi_temp_path ${folder};
    server {
        listen 127.0.0.1:${port} ssl;
        root ${folder};
        ssl_certificate ${shop.data}/tls/self-signed.crt;
        ssl_certificate_key ${shop.data}/tls/self-signed.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_ciphers ECDHE-ECDSA-AES256-GCM-SHA384;
    }
}
`);
    const server = spawn(execFileSync(path.join(__dirname, 'nginx'), { encoding: 'utf8' }).trim(),
        ['-c', path.join(folder, 'nginx.conf'), '-p', folder, '-e', 'stderr'],
        { stdio: ['ignore', 'inherit', 'inherit'] });
    const nginx = {
        port,
        async stop() {
            server.kill('SIGTERM');
            await new Promise((resolve) => { server.on('close', resolve); });
            fs.rmSync(folder, { recursive: true, force: true });
        },
    };
    remember(nginx);
    const name = Object.keys(files)[0];
    await until(() => request(`https://127.0.0.1:${port}/${name}`).catch(() => null));
    nginx.pids = [server.pid, ...children(server.pid)];
    return nginx;
}

function children(pid) {
    return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
        .map(Number);
}

/** Runs a program beside everything else: {status, stdout, stderr}. */
function run(program, args) {
    return new Promise((resolve) => {
        execFile(program, args, { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
            resolve({ status: error ? error.code ?? 1 : 0, stdout, stderr });
        });
    });
}

/** Runs the load client against a server; gives what it measured. */
async function load(command, server, options = {}, rest = []) {
    const args = [command, '--port', String(server.port)];
    for (const pid of server.pids ?? []) args.push('--pid', String(pid));
    for (const [name, value] of Object.entries(options))
        if (value === true) args.push(`--${name}`);
        else if (value !== undefined && value !== false) args.push(`--${name}`, String(value));
    const done = await run(CLIENT, [...args, ...rest]);
    if (done.status !== 0) throw new Error(`load ${args.join(' ')}: ${done.stderr}`);
    process.stderr.write(done.stderr);
    return JSON.parse(done.stdout);
}

/** The same page over 64 keep-alive connections: {cpu (µs a request), rate, p50, p99 (ms)}. */
async function measurePage(server, target, options = {}) {
    const seen = await load('get', server,
        { path: target, connections: 64, seconds: QUICK ? 0.7 : 2.5, ...options });
    assert.equal(seen.failed, 0, `${target}: ${seen.failed} of ${seen.done} failed`);
    return {
        cpu: seen.cpu_us / seen.done, rate: seen.done / seen.seconds,
        p50: seen.p50_us / 1000, p99: seen.p99_us / 1000, length: seen.length,
    };
}

function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
}

/** Medians of some rounds, in each of which every measure has its turn, so that what else the
 * machine does falls on all of them. `measures`: {name: async (round) => ({figure: number})}. */
async function interleave(measures, rounds = ROUNDS) {
    const seen = Object.fromEntries(Object.keys(measures).map((name) => [name, []]));
    for (let round = 0; round < rounds; round++)
        for (const [name, measure] of Object.entries(measures)) seen[name].push(await measure(round));
    return Object.fromEntries(Object.entries(seen).map(([name, all]) => [name, Object.fromEntries(
        Object.keys(all[0]).map((figure) => [figure, median(all.map((one) => one[figure]))]))]));
}

async function stopAll() {
    for (const server of running) await server.stop().catch(() => {});
}

module.exports = { QUICK, ROUNDS, startShop, startNginx, load, measurePage, interleave, stopAll };
