'use strict';
// Every overlay, rendered: typed by the schemas of Kubernetes and of the operators, held against
// the rules and against what the program says of itself. Then each check against manifests with one
// fault each, all of which it must find.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe } = require('node:test');
const { ROOT, parse, render, nameOf, find } = require('./lib/render.js');
const { podsOf } = require('./lib/pods.js');
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

describe('README.md', () => {
    const text = fs.readFileSync(path.join(ROOT, 'k8s/README.md'), 'utf8');
    const named = (pattern) => [...text.matchAll(pattern)].map((match) => match[1]);

    test('names commands and options that the program has', () => {
        const commands = named(/(?:\/|`)taller ([a-z]\w*)/g);
        assert.ok(commands.length > 3);
        assert.deepEqual(commands.filter((name) => !program.commands.includes(name)), []);
        const known = [...program.options, ...program.secrets];
        assert.deepEqual(named(/(TALLER_\w+)/g).filter((name) => !known.includes(name)), []);
    });

    test('names folders, files and targets that are there', () => {
        const paths = named(/\b((?:k8s\/)?(?:base|components|monitoring|overlays)\/[\w./-]*)/g);
        assert.ok(paths.length > 8);
        assert.deepEqual(paths.filter((name) =>
            !fs.existsSync(path.join(ROOT, 'k8s', name.replace(/^k8s\//, '')))), []);
        const help = execFileSync('make', ['-s', 'help'], { cwd: ROOT, encoding: 'utf8' });
        for (const target of named(/make (k8s-\w+|image|bench)/g))
            assert.match(help, new RegExp(`^ +${target} `, 'm'), target);
    });

    test('names the keys of the Secret that the manifests read', () => {
        const keys = new Set([...sets.values()].flatMap((set) => podsOf(set))
            .flatMap(({ containers }) => containers).flatMap(({ env = [] }) => env)
            .map(({ valueFrom }) => valueFrom?.secretKeyRef?.key).filter(Boolean));
        assert.deepEqual(new Set(named(/--from-literal=([\w-]+)=/g)), keys);
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
