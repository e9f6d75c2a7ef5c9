'use strict';
// An attack tool run to its end, in a folder of its own that it takes for its home, so that nothing
// of it is left. What it found is in its own files: these tools end with status 0 whatever they find.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** {output, seconds}, output being both streams as they came. Fails when the tool is not there, or
 * not done after `limit` seconds. */
function runTool(command, args, { home, limit = 1200 }) {
    const begin = Date.now();
    return new Promise((resolve, reject) => {
        const tool = spawn(command, args, {
            cwd: home, env: { ...process.env, HOME: home, TMPDIR: home },
            stdio: ['ignore', 'pipe', 'pipe'], timeout: limit * 1000, killSignal: 'SIGKILL',
        });
        let output = '';
        for (const stream of [tool.stdout, tool.stderr])
            stream.setEncoding('utf8').on('data', (chunk) => { output += chunk; });
        tool.on('error', reject);
        tool.on('close', (status, signal) => {
            if (signal === null) resolve({ output, seconds: (Date.now() - begin) / 1000 });
            else reject(new Error(`${command}, which had ${limit} s, ended by ${signal}:\n`
                + output.slice(-4000)));
        });
    });
}

/** What `use` makes of an empty folder, which is gone afterwards. */
async function withHome(use) {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-tool-'));
    try {
        return await use(home);
    } finally {
        fs.rmSync(home, { recursive: true, force: true });
    }
}

module.exports = { runTool, withHome };
