'use strict';
// testssl against one listener, and what it says: {id, severity, finding}, as its JSON has them.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { runTool, withHome } = require('./tool.js');

/** Above INFO, as testssl grades; WARN is something it could not do. */
const GRAVE = ['WARN', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL', 'FATAL'];

/** All findings. options: ca (a file with the authority to trust), parts (testssl's names of
 * checks; all by default). */
function testssl(url, { ca, parts = [] } = {}) {
    return withHome(async (home) => {
        const json = path.join(home, 'findings.json');
        const { output, seconds } = await runTool('testssl', ['--quiet', '--color', '0',
            '--warnings', 'off', '--nodns', 'none', '--jsonfile', json,
            ...(ca ? ['--add-ca', ca] : []), ...parts, url], { home });
        assert.ok(fs.existsSync(json), `testssl left no findings:\n${output.slice(-4000)}`);
        return { findings: JSON.parse(fs.readFileSync(json, 'utf8')), output, seconds };
    });
}

/** ["SEVERITY id: finding"] of what is above INFO. */
function grave(findings) {
    return findings.filter(({ severity }) => GRAVE.includes(severity))
        .map(({ severity, id, finding }) => `${severity} ${id}: ${finding}`);
}

module.exports = { grave, testssl };
