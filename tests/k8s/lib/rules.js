'use strict';
// All rules by name, and what they find.

const RULES = { ...require('./rules-pod.js'), ...require('./rules-net.js') };

/** ["rule: sentence", …] for a set of objects; `program` is what program.js describes. */
function findings(set, program) {
    return Object.entries(RULES).flatMap(([name, rule]) =>
        [...rule(set, program)].map((sentence) => `${name}: ${sentence}`));
}

module.exports = { RULES, findings };
