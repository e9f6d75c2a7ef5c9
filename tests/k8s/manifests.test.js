'use strict';
// Every overlay, rendered: typed by the schemas of Kubernetes and of the operators, held against
// the rules and against what the program says of itself. Then each check against manifests with one
// fault each, all of which it must find.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe } = require('node:test');
const { ROOT, parse, render, nameOf, find } = require('./lib/render.js');
const typed = require('./lib/typed.js');
const { RULES, findings } = require('./lib/rules.js');
const { clone, typedMutants } = require('./lib/mutate.js');
const program = require('./lib/program.js').describe();
const FAULTS = require('./lib/faults.js');

const OVERLAYS = fs.readdirSync(path.join(ROOT, 'k8s/overlays'));
const sets = new Map(OVERLAYS.map((name) => [name, render(`k8s/overlays/${name}`)]));

describe('overlays', () => {
    test('are what the schemas allow', () => {
        const all = [...sets].flatMap(([overlay, set]) => set.map((object) => ({ overlay, object })));
        typed.check(all.map(({ object }) => object)).forEach((errors, i) =>
            assert.deepEqual(errors, [], `${all[i].overlay}: ${nameOf(all[i].object)}`));
    });

    for (const [overlay, set] of sets)
        test(`${overlay} keeps the rules`, () => assert.deepEqual(findings(set, program), []));

    test('every kustomization is one that an overlay reaches', () => {
        const reached = new Set();
        const visit = (folder) => {
            if (reached.has(folder)) return;
            reached.add(folder);
            const text = fs.readFileSync(path.join(folder, 'kustomization.yaml'), 'utf8');
            const [{ resources = [], components = [] }] = parse(text);
            for (const name of [...resources, ...components])
                if (!name.endsWith('.yaml')) visit(path.join(folder, name));
        };
        OVERLAYS.forEach((name) => visit(path.join(ROOT, 'k8s/overlays', name)));
        const all = fs.readdirSync(path.join(ROOT, 'k8s'), { recursive: true })
            .filter((name) => name.endsWith('kustomization.yaml') && !name.startsWith('schools'))
            .map((name) => path.join(ROOT, 'k8s', path.dirname(name)));
        assert.deepEqual(all.filter((folder) => !reached.has(folder)), []);
    });

    test('the Prometheus Operator gets the rules that promtool tests', () => {
        const [{ groups }] = parse(fs.readFileSync(path.join(ROOT, 'k8s/monitoring/rules.yaml'), 'utf8'));
        const rule = find(sets.get('production'), 'PrometheusRule', 'taller');
        assert.ok(groups.length > 0);
        // kustomize doubles a line break in folded text; neither PromQL nor prose minds.
        const flat = (value) => JSON.parse(JSON.stringify(value, (key, text) =>
            (typeof text === 'string' ? text.replace(/\s+/g, ' ') : text)));
        assert.deepEqual(flat(rule.spec.groups), flat(groups),
            "rules.yaml has changed: run 'make k8s-rules'");
    });

    test('the dashboard arrives as it is', () => {
        const { data } = find(sets.get('production'), 'ConfigMap', 'taller-dashboard');
        const dashboard = fs.readFileSync(path.join(ROOT, 'k8s/monitoring/dashboard.json'), 'utf8');
        assert.deepEqual(JSON.parse(data['taller.json']), JSON.parse(dashboard));
    });
});

describe('faults', () => {
    test('the schemas see an unknown field, another type, a value no enumeration has, anywhere', () => {
        const seen = new Map();
        for (const set of [...sets.values()].reverse())
            for (const object of set) seen.set(nameOf(object), object);
        const mutants = [...seen].flatMap(([name, object]) =>
            typedMutants(object).map(({ fault, manifest }) => ({ fault: `${name}: ${fault}`, manifest })));
        const errors = typed.check(mutants.map(({ manifest }) => manifest));
        assert.ok(mutants.length > 300);
        assert.deepEqual(mutants.filter((_, i) => !errors[i].length).map(({ fault }) => fault), []);
    });

    for (const [rule, faults] of Object.entries(FAULTS))
        test(`rule ${rule}`, () => {
            for (const [what, overlay, spoil, sentence] of faults) {
                const set = clone(sets.get(overlay));
                spoil(set);
                const found = findings(set, program).filter((line) => line.startsWith(`${rule}: `));
                assert.ok(found.some((line) => sentence.test(line)), `${what}: ${found.join('\n')}`);
            }
        });

    test('there is no rule without a fault that it finds', () =>
        assert.deepEqual(Object.keys(FAULTS).sort(), Object.keys(RULES).sort()));
});
