'use strict';
// What a process uses while something goes on: memory, open files, processor time; and whose time
// the machine spent meanwhile.

const fs = require('node:fs');

const TICKS = 100; // a second, in /proc
const EVERY_MS = 100;

function rssAnon(pid) {
    const status = fs.readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(status.match(/^RssAnon:\s+(\d+)/m)[1]) / 1024;
}

function openFiles(pid) { return fs.readdirSync(`/proc/${pid}/fd`).length; }

/** Seconds of processor time a process has used. */
function cpu(pid) {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '').split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Seconds of processor time all have used, and those nobody did: of user, nice, system, idle … */
function machine() {
    const [user, nice, system, idle, wait, irq, softirq, steal] = fs.readFileSync('/proc/stat', 'latin1')
        .match(/^cpu +(.*)/)[1].split(' ').map((ticks) => Number(ticks) / TICKS);
    return { busy: user + nice + system + irq + softirq + steal, idle: idle + wait };
}

/** Watches a process until stop(): {memory, files (the most there were), server, total (seconds of
 * processor time: its own, and all the machine has)}. */
function watch(pid) {
    const seen = { memory: rssAnon(pid), files: openFiles(pid) };
    const begin = { cpu: cpu(pid), machine: machine() };
    const look = () => {
        seen.memory = Math.max(seen.memory, rssAnon(pid));
        seen.files = Math.max(seen.files, openFiles(pid));
    };
    const timer = setInterval(look, EVERY_MS);
    return {
        stop() {
            clearInterval(timer);
            look();
            const end = machine();
            return {
                ...seen, server: cpu(pid) - begin.cpu, busy: end.busy - begin.machine.busy,
                total: end.busy + end.idle - begin.machine.busy - begin.machine.idle,
            };
        },
    };
}

module.exports = { openFiles, rssAnon, watch };
