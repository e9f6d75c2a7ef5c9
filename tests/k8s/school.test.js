'use strict';
// 'make k8s-school': the overlay it writes keeps every rule, what it refuses changes nothing.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe, before, after } = require('node:test');
const { ROOT, render, nameOf, find, ofKind } = require('./lib/render.js');
const typed = require('./lib/typed.js');
const { findings } = require('./lib/rules.js');
const program = require('./lib/program.js').describe();

const TREE = path.join(ROOT, 'build/k8s/tree');

function school(...args) {
    return spawnSync(path.join(TREE, 'k8s/school.sh'), args, { encoding: 'utf8' });
}

function written() {
    const folder = path.join(TREE, 'k8s/schools');
    return fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true }).sort() : [];
}

describe('make k8s-school', () => {
    before(() => {
        fs.rmSync(TREE, { recursive: true, force: true });
        fs.cpSync(path.join(ROOT, 'k8s'), path.join(TREE, 'k8s'), { recursive: true,
            filter: (from) => !from.startsWith(path.join(ROOT, 'k8s/schools')) });
    });
    after(() => fs.rmSync(TREE, { recursive: true, force: true }));

    test('writes a school that keeps the rules, in a namespace and at an address of its own', () => {
        const done = school('lima', 'talleres.lima.example');
        assert.equal(done.status, 0, done.stderr);
        assert.match(done.stdout, /namespace taller-lima, https:\/\/talleres\.lima\.example/);
        const set = render('build/k8s/tree/k8s/schools/lima');
        assert.deepEqual(findings(set, program), []);
        assert.deepEqual(typed.check(set).flat(), []);
        assert.equal(ofKind(set, 'Namespace')[0].metadata.name, 'taller-lima');
        assert.equal(find(set, 'Ingress', 'taller').spec.rules[0].host, 'talleres.lima.example');
    });

    test('two schools share nothing: no namespace, no host, no place for backups', () => {
        assert.equal(school('cusco').status, 0);
        const [lima, cusco] = ['lima', 'cusco'].map((name) =>
            render(`build/k8s/tree/k8s/schools/${name}`));
        const values = (set) => ofKind(set, 'ConfigMap').find(({ data }) => data.TALLER_DATA).data;
        for (const key of ['TALLER_BASE_URL', 'TALLER_S3'])
            assert.notEqual(values(lima)[key], values(cusco)[key], key);
        const places = (set) => set.map((object) => `${object.metadata.namespace} ${nameOf(object)}`);
        assert.deepEqual(places(lima).filter((place) => places(cusco).includes(place)), []);
    });

    test('its restore stops the shop and mounts the same claim', () => {
        const set = render('build/k8s/tree/k8s/schools/lima.restore');
        assert.deepEqual(findings(set, program), []);
        assert.equal(find(set, 'StatefulSet', 'taller').spec.replicas, 0);
        assert.equal(find(set, 'Job', 'taller-restore').metadata.namespace, 'taller-lima');
    });

    test('refuses what is no name, and what is there already, in one sentence', () => {
        const before = written();
        for (const [args, sentence] of [
            [[], /say which school: make k8s-school NAME=lima/],
            [['Lima'], /NAME is 'Lima'/], [['-lima'], /NAME is '-lima'/],
            [['lima-'], /NAME is 'lima-'/], [['a b'], /NAME is 'a b'/], [['a.b'], /NAME is 'a.b'/],
            [['../x'], /NAME is '..\/x'/], [['a'.repeat(57)], /57 characters/],
            [['ica', 'ica'], /HOST is 'ica'/], [['ica', 'https://ica.example'], /HOST is 'https/],
            [['ica', 'ica..example'], /HOST is/], [['ica', 'Ica.example'], /HOST is/],
            [['lima'], /lima is there already/],
        ]) {
            const { status, stderr, stdout } = school(...args);
            assert.equal(status, 2, args.join(' '));
            assert.match(stderr, sentence);
            assert.equal(stderr.trim().split('\n').length, 1);
            assert.equal(stdout, '');
        }
        assert.deepEqual(written(), before);
    });

    test('takes the longest name that a namespace holds', () =>
        assert.equal(school('a'.repeat(56)).status, 0));
});
