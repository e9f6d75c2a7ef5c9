'use strict';
// Manifests with one fault each, to prove that the checks see it.

/** Maps whose keys are the writer's own: an unknown one is no fault. */
const FREE = new Set(['labels', 'annotations', 'matchLabels', 'selector', 'data', 'requests',
    'limits', 'nodeSelector', 'minAllowed', 'maxAllowed']);
/** Enumerations that the types know. (whenDeleted and whenScaled are plain texts to them: the rules
 * look at those.) */
const ENUMS = new Set(['accessModes', 'algorithm', 'externalTrafficPolicy', 'fsGroupChangePolicy',
    'pathType', 'policyTypes', 'protocol', 'restartPolicy', 'rotationPolicy', 'type', 'updateMode']);

function clone(value) { return structuredClone(value); }

/** Every place of a tree: (parent, key, value, trail of keys). */
function* places(value, trail = []) {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, below] of Object.entries(value)) {
        yield { trail: [...trail, key], value: below };
        yield* places(below, [...trail, key]);
    }
}

function changed(manifest, trail, value) {
    const copy = clone(manifest);
    const parent = trail.slice(0, -1).reduce((at, key) => at[key], copy);
    parent[trail.at(-1)] = value;
    return copy;
}

function lastName(trail) { return trail.filter((key) => !/^\d+$/.test(key)).at(-1); }

/** [{fault, manifest}]: in every object a field nobody knows, in every leaf a value of another type,
 * in every enumeration a value it does not have. */
function typedMutants(manifest) {
    const mutants = [];
    const add = (fault, trail, value) =>
        mutants.push({ fault: `${trail.join('.')} ${fault}`, manifest: changed(manifest, trail, value) });
    add('is unknown', ['colour'], 'blue');
    add('is no version of it', ['apiVersion'], manifest.apiVersion.replace(/v1$/, 'v0'));
    for (const { trail, value } of places(manifest)) {
        if (trail[0] === 'apiVersion' || trail[0] === 'kind') continue;
        const free = trail.some((key) => FREE.has(key) && trail[0] !== 'spec')
            || FREE.has(lastName(trail.slice(0, -1))) || FREE.has(lastName(trail));
        if (Array.isArray(value)) add('is no list', trail, 'one');
        else if (typeof value === 'object') {
            if (!FREE.has(lastName(trail))) add('is unknown', [...trail, 'colour'], 'blue');
        } else {
            add('is of another type', trail, typeof value === 'boolean' ? 'perhaps' : { a: 1 });
            if (!free && ENUMS.has(lastName(trail))) add('is no such value', trail, 'Whatever');
        }
    }
    return mutants;
}

module.exports = { clone, typedMutants };
