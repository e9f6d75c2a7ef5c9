'use strict';
// Node's test events in a few lines: one a file that passes, what tests print, all there is to
// know of what fails; at the end the names of what failed and the counts, which are in
// RESULTS/SUITE too (both are variables; build/results).

const fs = require('node:fs');
const path = require('node:path');

/** "suite > test" by following the nesting of events, which come in order of starting. */
function nameOf(parents, { name, nesting }) {
    return [...parents.slice(0, nesting), name].join(' › ');
}

function failure(file, name, error) {
    const cause = error.cause ?? error;
    return `  ${file}: ${name}\n      ${(cause.stack ?? String(cause)).split('\n')
        .filter((line) => !line.includes('node:internal')).slice(0, 40).join('\n      ')}\n`;
}

module.exports = async function* report(source) {
    const files = new Map();
    const parents = [];
    const failures = [];
    for await (const { type, data } of source) {
        if (type === 'test:start') parents[data.nesting] = data.name;
        if (type === 'test:stderr' || type === 'test:stdout') yield data.message;
        if (type !== 'test:pass' && type !== 'test:fail') continue;
        const file = path.basename(data.file ?? data.name, '.test.js');
        const counts = files.get(file) ?? { passed: 0, failed: 0, ms: 0 };
        files.set(file, counts);
        if (data.nesting === 0) counts.ms += data.details.duration_ms;
        if (type === 'test:fail') {
            // A suite fails with its tests; what is its own is a hook that failed.
            const inherited = data.details.error?.failureType === 'subtestsFailed';
            if (inherited) continue;
            counts.failed++;
            const name = nameOf(parents, data);
            failures.push(`FAILED ${file}: ${name}\n`);
            yield failure(file, name, data.details.error);
        } else if (data.details.type !== 'suite' && data.skip === undefined) {
            counts.passed++;
        }
    }
    let [passed, failed] = [0, 0];
    for (const [file, counts] of files) {
        passed += counts.passed;
        failed += counts.failed;
        yield `  ${file.padEnd(12)} ${String(counts.passed).padStart(4)} passed`
            + `${counts.failed ? `, ${counts.failed} FAILED` : ''}, ${Math.round(counts.ms / 1000)} s\n`;
    }
    yield* failures;
    const suite = process.env.SUITE;
    fs.writeFileSync(`${process.env.RESULTS ?? 'build/results'}/${suite}`, `${suite} ${passed} ${failed}\n`);
    yield `${suite}: ${passed} passed, ${failed} failed\n`;
};
