'use strict';
// A pod of a rendered overlay, started from the program under test: the arguments, variables,
// volumes, limits, user and root that the manifest says, its probes asked and its hook run as the
// kubelet would. The node's part (namespaces, mounts, the user) is done by ../container.

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { podsOf, environment, argumentsOf, volumeOf } = require('./pods.js');
const { BINARY } = require('./program.js');
const { Limits } = require('./limits.js');

/** Whether this machine lets us be a node: namespaces, and a loopback nobody else listens on. */
function possible() {
    const done = spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']);
    return done.status === 0 && process.env.TALLER_K8S_ALONE === '1';
}

/** The status of GET path at a port of loopback; 0 when nobody answers in time. */
function ask(port, where, timeout) {
    return new Promise((resolve) => {
        const request = http.get({ port, path: where, host: '127.0.0.1', timeout, agent: false },
            (response) => { response.resume(); resolve(response.statusCode); });
        request.on('timeout', () => request.destroy(new Error('timeout')));
        request.on('error', () => resolve(0));
    });
}

class Pod {
    /** `kind`: whose pod. `secrets` and `files`: {name: {key: value}}, what the cluster holds.
     * `volume`: the folder of a claim that is there already. `ownNetwork`: a network of its own,
     * where its probes do not reach; it has started when it says so. */
    constructor(set, { kind = 'StatefulSet', entrypoint, secrets = {}, files = {}, volume, ownNetwork }) {
        this.ownNetwork = ownNetwork;
        this.set = set;
        this.entrypoint = entrypoint;
        this.secrets = secrets;
        this.pod = podsOf(set).find(({ owner }) => owner.kind === kind);
        this.security = this.pod.spec.securityContext;
        this.grace = this.pod.spec.terminationGracePeriodSeconds;
        this.base = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-pod-'));
        this.volume = volume ?? this.claim();
        for (const [name, keys] of Object.entries(files)) this.project(name, keys);
        this.limits = new Limits(this.pod.containers.at(-1).resources.limits);
        this.log = '';
    }

    /** A fresh block volume as a node mounts it: root's, with lost+found, the group set by fsGroup. */
    claim() {
        const folder = path.join(this.base, 'claim');
        fs.mkdirSync(path.join(folder, 'lost+found'), { recursive: true, mode: 0o700 });
        fs.chownSync(folder, 0, this.security.fsGroup);
        fs.chmodSync(folder, 0o2775);
        return folder;
    }

    /** A Secret's files, as the kubelet lays them: behind one link that is swapped as a whole. */
    project(name, keys) {
        const folder = path.join(this.base, name);
        const data = `..${Date.now()}`;
        fs.mkdirSync(path.join(folder, data), { recursive: true });
        for (const [key, value] of Object.entries(keys)) {
            const file = path.join(folder, data, key);
            fs.writeFileSync(file, value, { mode: 0o440 });
            fs.chownSync(file, 0, this.security.fsGroup);
            if (!fs.existsSync(path.join(folder, key)))
                fs.symlinkSync(`..data/${key}`, path.join(folder, key));
        }
        fs.symlinkSync(data, path.join(folder, '..data.new'));
        fs.renameSync(path.join(folder, '..data.new'), path.join(folder, '..data'));
    }

    mounts(container) {
        return container.volumeMounts.map(({ name, mountPath, readOnly }) => {
            const { kind, source } = volumeOf(this.pod, name);
            const folder = kind === 'secret' ? path.join(this.base, source.secretName) : this.volume;
            return `${folder}:${mountPath}:${readOnly || kind === 'secret' ? 'ro' : 'rw'}`;
        });
    }

    /** The container's process, as a child. */
    launch(container) {
        const root = fs.mkdtempSync(path.join(this.base, 'root-'));
        const env = environment(this.set, container, this.secrets);
        const { runAsUser, runAsGroup, fsGroup } = this.security;
        const [command, ...words] = this.limits.wrap(['unshare', '--mount', '--pid', '--fork',
            ...this.ownNetwork ? ['--net'] : [], path.join(__dirname, '../container'), root, BINARY, this.entrypoint,
            String(runAsUser), String(runAsGroup), String(fsGroup), ...this.mounts(container), '--',
            ...argumentsOf(container, env)]);
        return spawn(command, words,
            { env: { ...env, ...this.limits.env, PATH: process.env.PATH } });
    }

    /** Runs a container to its end: {status, output}. */
    async complete(container) {
        const child = this.launch(container);
        let output = '';
        for (const stream of [child.stdout, child.stderr])
            stream.on('data', (chunk) => { output += chunk; });
        const status = await new Promise((resolve) => { child.on('close', resolve); });
        return { status, output };
    }

    /** The init containers, then the container, until its startup probe succeeds. */
    async start() {
        const containers = [...this.pod.containers];
        this.shop = containers.pop();
        for (const init of containers) {
            const { status, output } = await this.complete(init);
            if (status !== 0) throw new Error(`init container ${init.name}: ${status}: ${output}`);
            this.log += output;
        }
        this.child = this.launch(this.shop);
        this.ended = new Promise((resolve) => {
            this.child.on('exit', (status, signal) => {
                this.exit = { status, signal };
                resolve(this.exit);
            });
        });
        this.child.stderr.on('data', (chunk) => { this.log += chunk; });
        const { periodSeconds, failureThreshold } = this.shop.startupProbe;
        for (let i = 0; i < failureThreshold * periodSeconds * 10 && !this.exit; i++) {
            if (this.ownNetwork ? /"serving"/.test(this.log) : await this.probe('startupProbe')) return;
            await sleep(100);
        }
        throw new Error(`the pod did not start: ${JSON.stringify(this.exit)}\n${this.log}`);
    }

    port(name) {
        return this.shop.ports.find((each) => each.name === name).containerPort;
    }

    /** Whether a probe of the manifest succeeds, asked once. */
    async probe(name) {
        const { httpGet, timeoutSeconds } = this.shop[name];
        const status = await ask(this.port(httpGet.port), httpGet.path, timeoutSeconds * 1000);
        return status >= 200 && status < 400;
    }

    /** The program's process id, seen from here; it is 1 in the pod. */
    get pid() {
        const [id] = fs.readFileSync(`/proc/${this.child.pid}/task/${this.child.pid}/children`, 'utf8')
            .split(' ');
        return Number(id);
    }

    /** What /proc says of the program: {Uid, Gid, Groups, CapEff, …}. */
    status() {
        return Object.fromEntries(fs.readFileSync(`/proc/${this.pid}/status`, 'utf8').split('\n')
            .map((line) => line.split(':\t')));
    }

    /** Runs a command beside the program, in its namespaces, its root and as its user. */
    exec(command) {
        const { runAsUser, runAsGroup } = this.security;
        const child = spawn('nsenter', ['--target', String(this.pid), '--mount', '--pid', '--root',
            '--wd', '--setgid', String(runAsGroup), '--setuid', String(runAsUser), ...command],
        { env: { ...environment(this.set, this.shop, this.secrets), PATH: process.env.PATH } });
        let output = '';
        for (const stream of [child.stdout, child.stderr])
            stream.on('data', (chunk) => { output += chunk; });
        return new Promise((resolve) => {
            child.on('close', (status) => resolve({ status, output }));
        });
    }

    /** As the kubelet ends a pod: the hook, SIGTERM, SIGKILL when the grace is over. Resolves to
     * {status, signal, seconds, hook}. */
    async stop() {
        const begin = Date.now();
        const late = setTimeout(() => { process.kill(this.pid, 'SIGKILL'); }, this.grace * 1000);
        const hook = await this.exec(this.shop.lifecycle.preStop.exec.command);
        if (!this.exit) process.kill(this.pid, 'SIGTERM');
        const { status, signal } = await this.ended;
        clearTimeout(late);
        return { status, signal, hook, seconds: (Date.now() - begin) / 1000 };
    }

    async remove() {
        if (this.child && !this.exit) {
            // Not unshare, which would leave it behind: who changes user is no longer its to kill.
            process.kill(this.pid, 'SIGKILL');
            await this.ended;
        }
        await this.limits.remove();
        fs.rmSync(this.base, { recursive: true, force: true });
    }
}

module.exports = { Pod, possible };
