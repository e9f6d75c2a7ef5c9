'use strict';
// sqlmap against one target of lib/targets.js, and what it says of each parameter.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { urlencoded } = require('../../lib/browser.js');
const { runTool, withHome } = require('./tool.js');

// It knows that the database is SQLite, as everybody does. What a form leads to is another page,
// attacked by itself. Left alone, it skips parameters that look cast to an integer.
const ALWAYS = ['--batch', '--disable-coloring', '--dbms=sqlite', '--ignore-redirects',
    '--drop-set-cookie', '--flush-session', '--answers=skip those kind of cases=N'];
/** Places that have tests of their own: each request would be sent again for them. */
const ELSEWHERE = ['cookie', 'user-agent', 'referer', 'host'];

const VERDICT = /\] ((?:\(custom\) )?[\w-]+) parameter '([^']+)' does not seem to be injectable/g;

/** The rows of the file of results, which has injectable parameters only:
 * [{parameter: "GET q", technique: "B"}, …]. */
function injectable(file) {
    const [header, ...rows] = fs.readFileSync(file, 'utf8').trim().split('\n');
    assert.equal(header, 'Target URL,Place,Parameter,Technique(s),Note(s)');
    return rows.map((row) => row.match(/,(?<place>[^,]*),(?<name>[^,]*),(?<technique>[^,]*),[^,]*$/).groups)
        .filter(({ place }) => place)
        .map(({ place, name, technique }) => ({ parameter: `${place} ${name}`, technique }));
}

/** One run: {safe, claims, output}. options:
 *   only             the name of the one parameter that is tried
 *   cookie, headers  sent with each request
 *   level, risk      sqlmap's own
 *   skip             names of parameters that are left alone */
function runOnce(origin, target, { only, cookie, headers = [], level = 1, risk = 1, skip = [] } = {}) {
    const fields = urlencoded(target.fields).body.toString().replaceAll('%2A', '*');
    const query = target.method === 'GET' && fields ? `?${fields}` : '';
    return withHome(async (home) => {
        const results = path.join(home, 'results.csv');
        const { output } = await runTool('sqlmap', [...ALWAYS,
            '-u', `${origin}${target.address}${query}`,
            ...(target.method === 'POST' ? ['--method=POST', `--data=${fields}`] : []),
            ...(target.spent ? ['--ignore-code=404'] : []),
            ...(cookie ? [`--cookie=${cookie}`] : []),
            ...(headers.length ? [`--headers=${headers.join('\\n')}`] : []),
            ...(only ? ['-p', only] : []),
            `--level=${level}`, `--risk=${risk}`, `--skip=${[...ELSEWHERE, ...skip].join(',')}`,
            `--results-file=${results}`, `--output-dir=${home}`], { home });
        assert.ok(fs.existsSync(results), `sqlmap came to no result:\n${output.slice(-4000)}`);
        return {
            safe: [...output.matchAll(VERDICT)].map(([, place, name]) => `${place} ${name}`),
            claims: injectable(results), output,
        };
    });
}

/** Attacks a target: {safe, injectable, output}, the first two lists of "PLACE parameter"; options of
 * runOnce(). sqlmap compares pages, and a form that makes something new at each request answers with
 * another page by itself: so what it claims of a parameter it has to claim again, of that one alone. */
async function sqlmap(origin, target, options = {}) {
    const { safe, claims, output } = await runOnce(origin, target, options);
    const found = { safe, injectable: [], output };
    for (const { parameter, technique } of claims) {
        const name = parameter.split(' ').at(-1);
        const only = name.startsWith('#') ? undefined : name; // "#1*" is a place, not a name
        const again = await runOnce(origin, target, { ...options, only });
        const repeated = again.claims.some((claim) => claim.parameter === parameter);
        console.log(`  sqlmap claims ${parameter} of ${target.address} (${technique}), and `
            + (repeated ? 'again' : 'takes it back'));
        (repeated ? found.injectable : found.safe).push(parameter);
        found.output += again.output;
    }
    return found;
}

module.exports = { sqlmap };
