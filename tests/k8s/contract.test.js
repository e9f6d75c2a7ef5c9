'use strict';
// What the manifests promise about the image, tried with the program as the node would run it: user
// 10001, a root that cannot be written, no capability, a volume that is root's and the group's; the
// probes and the hook of the manifest; the end of a pod with a request under way; the drills of the
// manual, step by step.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const tls = require('node:tls');
const { ROOT, render, ofKind } = require('./lib/render.js');
const { Pod, possible } = require('./lib/pod.js');
const program = require('./lib/program.js').describe();

const skip = possible() ? false : 'needs root and namespaces, as tests/k8s/run makes them';
const HOST = 'talleres.example.org';
const SECRETS = { taller: {
    'smtp-password': 'x', 'metrics-token': 'y', 'backup-key': '0'.repeat(64), 's3-access-key': 'a',
    's3-secret-key': 'b',
} };

/** A form whose body takes `seconds` to arrive: the status of the whole answer, or what broke. */
function slowRequest(client, options, seconds) {
    const body = `csrf_token=x&login=a@example.org&password=${'x'.repeat(64)}`;
    return new Promise((resolve) => {
        const request = client.request({
            host: '127.0.0.1', method: 'POST', path: '/accounts/login/', rejectUnauthorized: false,
            agent: false, ...options, headers: {
                Host: HOST, 'Content-Type': 'application/x-www-form-urlencoded',
                'Content-Length': body.length, ...options.headers,
            },
        }, (response) => {
            let length = 0;
            response.on('data', (chunk) => { length += chunk.length; });
            response.on('end', () => resolve({ status: response.statusCode, length }));
            response.on('error', (error) => resolve({ error: error.message }));
        });
        request.on('error', (error) => resolve({ error: error.message }));
        request.write(body.slice(0, 10));
        setTimeout(() => request.end(body.slice(10)), seconds * 1000);
    });
}

/** A pair as cert-manager would store it: {'tls.crt', 'tls.key'}. */
function certificate() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-cert-'));
    const [crt, key] = ['tls.crt', 'tls.key'].map((name) => path.join(folder, name));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
        '-nodes', '-days', '9', '-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`,
        '-keyout', key, '-out', crt], { stdio: 'ignore' });
    const pair = { 'tls.crt': fs.readFileSync(crt), 'tls.key': fs.readFileSync(key) };
    fs.rmSync(folder, { recursive: true });
    return pair;
}

/** SHA-256 fingerprint of the certificate served at a port. */
function fingerprint(port) {
    return new Promise((resolve, reject) => {
        const socket = tls.connect({ port, host: '127.0.0.1', servername: HOST,
            rejectUnauthorized: false }, () => {
            resolve(socket.getPeerX509Certificate().fingerprint256);
            socket.destroy();
        });
        socket.on('error', reject);
    });
}

function confined(pod) {
    const { Uid, Gid, Groups, CapEff, CapPrm, NoNewPrivs } = pod.status();
    assert.equal(Uid, '10001\t10001\t10001\t10001');
    assert.equal(Gid, '10001\t10001\t10001\t10001');
    assert.equal(Groups.trim(), '10001');
    assert.deepEqual([CapEff, CapPrm], ['0000000000000000', '0000000000000000']);
    assert.equal(NoNewPrivs, '1');
    const root = fs.readFileSync(`/proc/${pod.pid}/mountinfo`, 'utf8').split('\n')
        .map((line) => line.split(' ')).find((words) => words[4] === '/');
    assert.match(root[5], /^ro,/);
    if (pod.limits.held)
        assert.match(fs.readFileSync(`/proc/${pod.pid}/cgroup`, 'utf8'), /taller-\d+-\d+/);
}

/** Its end with a request that outlasts the hook's beginning: the answer is whole, the status 0. */
async function endsWell(pod, client, options) {
    const answer = slowRequest(client, options, 3);
    await sleep(500);
    const end = pod.stop();
    await sleep(1000);
    assert.equal(await pod.probe('readinessProbe'), false, 'a draining pod is not ready');
    const { status, signal, seconds, hook } = await end;
    const { status: code, length, error } = await answer;
    assert.equal(error, undefined, `the request under way was cut: ${error}`);
    assert.ok(code >= 200 && code < 500 && length > 100, `${code}, ${length} bytes`);
    assert.equal(hook.status, 0, hook.output);
    assert.deepEqual({ status, signal }, { status: 0, signal: null }, pod.log);
    assert.ok(seconds >= 2 && seconds < pod.grace - 10, `it took ${seconds} s`);
}

function suite(overlay, options, body) {
    describe(overlay, { skip }, () => {
        const state = {};
        before(() => {
            const set = render(`k8s/overlays/${overlay}`);
            // The Ingress controller is this test.
            for (const { data } of ofKind(set, 'ConfigMap'))
                if (data.TALLER_BEHIND_PROXY) data.TALLER_BEHIND_PROXY = '127.0.0.0/8';
            state.pod = new Pod(set, { entrypoint: program.entrypoint, ...options });
        });
        after(() => state.pod.remove());
        body(state);
    });
}

suite('demo', {}, (state) => {
    test('starts as user 10001 on a root it cannot write, and is ready', async () => {
        await state.pod.start();
        confined(state.pod);
        assert.ok(await state.pod.probe('livenessProbe'));
        assert.ok(await state.pod.probe('readinessProbe'));
        assert.match(state.pod.log, /Filled \/data with a demonstration school/);
    });

    test('ends within its grace, the request under way answered whole', () =>
        endsWell(state.pod, https, { port: state.pod.port('https') }));

    test('starts again on what is there', async () => {
        const again = new Pod(state.pod.set, { entrypoint: program.entrypoint,
            volume: state.pod.volume });
        try {
            await again.start();
            assert.match(again.log, /holds a school already/);
            assert.equal((await again.stop()).status, 0);
        } finally {
            await again.remove();
        }
    });
});

suite('production', { secrets: SECRETS }, (state) => {
    const proxied = () => ({ port: state.pod.port('http'), headers: { 'X-Forwarded-Proto': 'https' } });

    test('starts with its secrets, serves plain HTTP for its host', async () => {
        await state.pod.start();
        confined(state.pod);
        assert.ok(await state.pod.probe('readinessProbe'));
        const { status } = await slowRequest(http, proxied(), 0);
        assert.equal(status, 403, 'a form without its token is answered, not redirected');
    });

    test('ends within its grace, the request under way answered whole', () =>
        endsWell(state.pod, http, proxied()));
});

suite('production-own-tls', { secrets: SECRETS, files: { 'taller-tls': certificate() } }, (state) => {
    test('serves the certificate of the Secret, and a renewed one without a restart', async () => {
        await state.pod.start();
        const port = state.pod.port('https');
        const first = await fingerprint(port);
        state.pod.project('taller-tls', certificate());
        let now = first;
        for (let i = 0; i < 80 && now === first; i++) {
            await sleep(500);
            now = await fingerprint(port);
        }
        assert.notEqual(now, first, 'the old certificate is still served after 40 s');
        assert.equal(state.pod.exit, undefined);
    });

    test('ends within its grace, the request under way answered whole', () =>
        endsWell(state.pod, https, { port: state.pod.port('https') }));
});

describe('drills', { skip }, () => {
    const shopOf = (volume) => new Pod(render('k8s/overlays/production'),
        { entrypoint: program.entrypoint, secrets: SECRETS, volume });

    /** Runs the Job of an overlay on a volume: {status, output}. */
    async function job(overlay, volume, backup) {
        const set = render(`k8s/overlays/${overlay}`);
        ofKind(set, 'ConfigMap').find(({ data }) => data.BACKUP).data.BACKUP = backup;
        const pod = new Pod(set, { kind: 'Job', entrypoint: program.entrypoint, secrets: SECRETS, volume });
        try {
            return await pod.complete(pod.pod.containers[0]);
        } finally {
            await pod.remove();
        }
    }

    /** The shop back on its volume: ready, and it ends well. */
    async function back(volume) {
        const shop = shopOf(volume);
        try {
            await shop.start();
            assert.ok(await shop.probe('readinessProbe'));
            assert.equal((await shop.stop()).status, 0);
        } finally {
            await shop.remove();
        }
    }

    const kept = (shop) => fs.readdirSync(path.join(shop.volume, 'backups'))
        .filter((name) => name.startsWith('replaced-')).length;

    test('restore: a backup, the shop at zero, the Job, the shop back', async () => {
        const shop = shopOf();
        try {
            await shop.start();
            const made = await shop.exec([program.entrypoint, 'backup', '/data/backups/drill.db']);
            assert.equal(made.status, 0, made.output);
            assert.match(made.output, /encrypted/);
            const early = await job('restore', shop.volume, '/data/backups/drill.db');
            assert.equal(early.status, 1, 'refused while the shop runs');
            assert.match(early.output, /another server holds/);
            assert.ok(await shop.probe('readinessProbe'));
            assert.equal((await shop.stop()).status, 0);
            const missing = await job('restore', shop.volume, '/data/backups/FILE');
            assert.equal(missing.status, 1, missing.output);
            assert.match(missing.output, /\/data\/backups\/FILE/);
            const done = await job('restore', shop.volume, '/data/backups/drill.db');
            assert.equal(done.status, 0, done.output);
            assert.equal(kept(shop), 1, 'the replaced database is kept');
            await back(shop.volume);
        } finally {
            await shop.remove();
        }
    });

    test('upgrade and rollback: a school of the first version, up and down again', async () => {
        const shop = shopOf();
        const file = path.join(shop.volume, 'taller.db');
        const sql = (query) => execFileSync('sqlite3', [file, query], { encoding: 'utf8' }).trim();
        try {
            for (const name of ['schema-1.sql', 'school-1.sql'])
                sql(`.read ${path.join(ROOT, 'tests/fixtures', name)}`);
            fs.chownSync(file, shop.security.runAsUser, shop.security.runAsGroup);
            await shop.start();
            assert.ok(Number(sql('PRAGMA user_version')) > 1);
            const listed = await shop.exec([program.entrypoint, 'rollback']);
            assert.equal(listed.status, 0, listed.output);
            assert.match(listed.output, /Nothing was changed/);
            assert.equal((await shop.stop()).status, 0);
            const done = await job('rollback', shop.volume, '');
            assert.equal(done.status, 0, done.output);
            assert.equal(sql('PRAGMA user_version'), '1');
            assert.equal(kept(shop), 1, 'the newer database is kept');
            await back(shop.volume);
        } finally {
            await shop.remove();
        }
    });
});
