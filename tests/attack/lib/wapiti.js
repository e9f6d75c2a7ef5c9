'use strict';
// wapiti against a whole site, and what it reports.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { runTool, withHome } = require('./tool.js');

/** Where a server that can be made to fetch an address is led to. wapiti asks at the end who came
 * (get_….php): nobody, unless `visits` says so. */
async function openEndpoint() {
    const visits = [];
    const server = http.createServer((request, response) => {
        if (!/^\/get_\w+\.php\?/.test(request.url)) visits.push(request.url);
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.end('{}');
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return {
        url: `http://127.0.0.1:${server.address().port}/`, visits,
        close: () => new Promise((resolve) => {
            server.close(resolve);
            server.closeAllConnections();
        }),
    };
}

/** ["KIND: METHOD PATH: what it says"] of a report. */
function findings(file) {
    const report = JSON.parse(fs.readFileSync(file, 'utf8'));
    return Object.entries({ ...report.vulnerabilities, ...report.anomalies })
        .flatMap(([kind, found]) => found.map(({ method, path: address, info }) =>
            `${kind}: ${method} ${address.split('?')[0]}: ${info}`));
}

/** Attacks a site with some modules: {found, pages}. options: modules, cookie (sent with each
 * request), below (a folder that is not left), first (the page to begin with). */
function wapiti(origin, { modules, cookie, below = '/', first = below }) {
    return withHome(async (home) => {
        // Its module of technologies, though not asked for, would fetch its list from the network.
        fs.writeFileSync(path.join(home, 'apps.json'), '{}');
        const endpoint = await openEndpoint();
        const report = path.join(home, 'report.json');
        const { output, seconds } = await runTool('wapiti', ['-u', `${origin}${below}`,
            '-s', `${origin}${first}`, '-m', modules.join(','),
            '--flush-session', '--store-session', home, '--store-config', home,
            '--endpoint', endpoint.url, '--no-bugreport', '--depth', '4',
            '--max-files-per-dir', '12', '--format', 'json', '--output', report,
            ...(cookie ? ['--header', `Cookie: ${cookie}`] : [])], { home });
        await endpoint.close();
        assert.ok(fs.existsSync(report), `wapiti left no report:\n${output.slice(-4000)}`);
        const launched = [...output.matchAll(/Launching module (\w+)/g)].map(([, name]) => name);
        assert.deepEqual(launched.sort(), [...modules].sort(), output.slice(-4000));
        assert.deepEqual(endpoint.visits, []);
        const pages = Number(output.match(/Wapiti found (\d+) URLs and forms/)[1]);
        return { found: findings(report), pages, output, seconds };
    });
}

module.exports = { wapiti };
