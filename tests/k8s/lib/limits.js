'use strict';
// The limits of a container, held by the kernel's control groups as a node has it do (version 1 or
// 2, whichever this machine has). Where they cannot be made, there are none.

const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { quantity } = require('./pods.js');

const TOP = '/sys/fs/cgroup';
const PERIOD = 100000;

/** The folders to make, what to write there, where the peak of memory is read. */
function plan(name, { cpu, memory }) {
    const quota = Math.round(quantity(cpu) * PERIOD);
    const bytes = String(quantity(memory));
    if (fs.existsSync(`${TOP}/memory/cgroup.procs`))
        return {
            files: [[`${TOP}/memory/${name}`, 'memory.limit_in_bytes', bytes],
                [`${TOP}/cpu/${name}`, 'cpu.cfs_period_us', String(PERIOD)],
                [`${TOP}/cpu/${name}`, 'cpu.cfs_quota_us', String(quota)]],
            peak: `${TOP}/memory/${name}/memory.max_usage_in_bytes`,
        };
    return {
        files: [[`${TOP}/${name}`, 'memory.max', bytes],
            [`${TOP}/${name}`, 'cpu.max', `${quota} ${PERIOD}`]],
        peak: `${TOP}/${name}/memory.peak`,
    };
}

class Limits {
    constructor(limits) {
        const { files, peak } = plan(`taller-${process.pid}-${Limits.count++}`, limits);
        this.folders = [...new Set(files.map(([folder]) => folder))];
        this.peakFile = peak;
        try {
            for (const folder of this.folders) fs.mkdirSync(folder);
            for (const [folder, file, value] of files)
                fs.writeFileSync(path.join(folder, file), value);
            this.held = true;
        } catch {
            this.held = false;
        }
    }

    /** A command that enters the groups and then becomes `command`. */
    wrap(command) {
        if (!this.held) return command;
        return ['sh', '-c', 'for f in $FOLDERS; do echo $$ >"$f/cgroup.procs"; done; unset FOLDERS; exec "$@"',
            'sh', ...command];
    }

    get env() { return this.held ? { FOLDERS: this.folders.join(' ') } : {}; }

    /** The most memory held so far, files in the page cache among it; undefined: not known. */
    get peak() {
        return this.held && fs.existsSync(this.peakFile)
            ? Number(fs.readFileSync(this.peakFile, 'utf8')) : undefined;
    }

    /** The groups go when their last process has. */
    async remove() {
        for (const folder of this.folders.filter((each) => fs.existsSync(each)))
            for (let i = 0; i < 50; i++) {
                try {
                    fs.rmdirSync(folder);
                    break;
                } catch {
                    await sleep(50);
                }
            }
    }
}
Limits.count = 0;

module.exports = { Limits };
