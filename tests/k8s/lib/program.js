'use strict';
// What the program says of itself, for manifests to be held against: its commands, its options and
// which of them are secrets, the paths of its machines' port, how long it drains.

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('./render.js');

const BINARY = path.resolve(ROOT, process.env.TALLER ?? 'build/taller');

function variable(option) { return `TALLER_${option.toUpperCase().replaceAll('-', '_')}`; }

/** Where the image has the program: the word of the Dockerfile's last ENTRYPOINT. */
function entrypoint() {
    const text = fs.readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8');
    const words = [...text.matchAll(/^ENTRYPOINT (\[.*\])$/gm)].at(-1)?.[1];
    return JSON.parse(words)[0];
}

/** The flags of a command, which its own help names before the options of all. */
function flagsOf(command) {
    const [own] = execFileSync(BINARY, ['help', command], { encoding: 'utf8' }).split('\nOptions:');
    return own.match(/--[a-z-]+/g) ?? [];
}

/** {commands, flags by command, options, secrets, paths, drainSeconds, entrypoint}; options and secrets are names of
 * variables. */
function describe() {
    const help = execFileSync(BINARY, ['help'], { encoding: 'utf8' });
    const [, commands, options] = /Commands:\n([^]*?)\nOptions:\n([^]*)/.exec(help);
    const names = [...commands.matchAll(/^ {2}(\S+)/gm)].map((m) => m[1])
        .filter((name) => name !== 'help');
    return {
        commands: names,
        flags: Object.fromEntries(names.map((name) => [name, flagsOf(name)])),
        options: [...options.matchAll(/^ {2}--(\S+)/gm)].map((m) => variable(m[1])),
        secrets: [...options.matchAll(/^ {2}\(environment only\).*: (TALLER_\w+)$/gm)]
            .map((m) => m[1]),
        paths: /--ops .*?:((?: \/\w+,?)+)/.exec(options)[1].trim().split(/, /),
        drainSeconds: Number(/--drain-seconds .*\(default (\d+)\)/.exec(options)[1]),
        entrypoint: entrypoint(),
    };
}

/** NULL when the program takes these variables, else its sentence. */
function refuses(env) {
    const done = spawnSync(BINARY, ['config'], { env, encoding: 'utf8', timeout: 10000 });
    return done.status === 0 ? null : done.stderr.trim();
}

module.exports = { BINARY, describe, refuses };
