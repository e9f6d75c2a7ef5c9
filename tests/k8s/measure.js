'use strict';
// What a pod of the demo overlay carries and what an idle one costs, each within the limits of its
// manifest (CPU=500m in the environment for another limit). The load client shares the machine, so
// pages a second are a lower bound; CPU time is the server's own.
//
// usage: TALLER=PROGRAM tests/k8s/measure [idle] [pages]      (make k8s-measure)

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { promisify } = require('node:util');
const { ROOT, render } = require('./lib/render.js');
const { Pod } = require('./lib/pod.js');
const program = require('./lib/program.js').describe();

const SCHOOLS = 10;
const SECONDS = Number(process.env.IDLE_SECONDS ?? 60);
const TICKS = 100;
const MB = 1 << 20;

function demo() {
    const set = render('k8s/overlays/demo');
    const [container] = set.find(({ kind }) => kind === 'StatefulSet').spec.template.spec.containers;
    if (process.env.CPU) container.resources.limits.cpu = process.env.CPU;
    return { set, limits: container.resources.limits };
}

/** CPU seconds of a process so far. */
function cpu(pid) {
    const words = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(words[11]) + Number(words[12])) / TICKS;
}

/** Megabytes of its own (Pss counts a page of the program shared by n schools as 1/n). */
function memory(pid) {
    const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const kb = (name) => Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(text)[1]);
    return { rss: kb('Rss') / 1024, pss: kb('Pss') / 1024 };
}

function median(values) { return values.sort((a, b) => a - b)[values.length >> 1]; }

async function idle() {
    const pods = [];
    try {
        for (let i = 0; i < SCHOOLS; i++) {
            const { set } = demo();
            pods.push(new Pod(set, { entrypoint: program.entrypoint, ownNetwork: true }));
            await pods.at(-1).start();
        }
        await sleep(10000);
        const before = pods.map((pod) => cpu(pod.pid));
        await sleep(SECONDS * 1000);
        const used = pods.map((pod, i) => (cpu(pod.pid) - before[i]) / SECONDS * 1000);
        const held = pods.map((pod) => memory(pod.pid));
        console.log(`${SCHOOLS} idle schools, ${SECONDS} s, median of each:`
            + ` ${median(held.map(({ rss }) => rss)).toFixed(1)} MB resident`
            + ` (${median(held.map(({ pss }) => pss)).toFixed(1)} MB its share),`
            + ` ${median(used).toFixed(2)} millicores`);
    } finally {
        await Promise.all(pods.map((pod) => pod.remove()));
    }
}

async function pages() {
    const { set, limits } = demo();
    const pod = new Pod(set, { entrypoint: program.entrypoint });
    try {
        await pod.start();
        console.log(`64 TLS connections for 10 s, ${limits.cpu} cores at most`
            + `${pod.limits.held ? '' : ' (not held: no control groups here)'}:`);
        for (const [what, page] of [['the catalogue', '/workshops/'],
            ['a catalogue page made anew each time', '/workshops/?x=#']]) {
            const begin = cpu(pod.pid);
            const { stdout } = await promisify(execFile)(path.join(ROOT, 'build/load'),
                ['get', '--port', String(pod.port('https')), '--path', page, '--connections', '64',
                    '--seconds', '10', '--pid', String(pod.pid)]);
            const { done, failed, seconds, p50_us: p50, p99_us: p99 } = JSON.parse(stdout);
            console.log(`${what}: ${Math.round(done / seconds)} pages a second, ${failed} failed,`
                + ` p50 ${(p50 / 1000).toFixed(1)} ms, p99 ${(p99 / 1000).toFixed(1)} ms,`
                + ` ${((cpu(pod.pid) - begin) / seconds).toFixed(2)} cores used;`
                + ` ${memory(pod.pid).rss.toFixed(0)} MB resident,`
                + ` ${(pod.limits.peak / MB).toFixed(0)} MB at most with page cache`);
        }
    } finally {
        await pod.remove();
    }
}

const BENCHES = { idle, pages };

async function main(wanted) {
    for (const name of wanted) await BENCHES[name]();
}

main(process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHES))
    .catch((error) => { console.error(error); process.exitCode = 1; });
