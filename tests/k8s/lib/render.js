'use strict';
// The overlays as a cluster would get them: what 'kubectl kustomize' makes of a folder.

const { execFileSync } = require('node:child_process');
const path = require('node:path');
const YAML = require('yaml');

const ROOT = path.resolve(__dirname, '../../..');
const KUBECTL = path.join(__dirname, '../node_modules/.bin/kubectl');

/** YAML as Kubernetes reads it: 1.1, where an unquoted Off is false. */
function parse(text) {
    return YAML.parseAllDocuments(text, { version: '1.1' }).map((document) => {
        if (document.errors.length) throw document.errors[0];
        return document.toJS();
    });
}

/** All objects of a folder with a kustomization.yaml, relative to the repository. */
function render(folder) {
    const text = execFileSync(KUBECTL, ['kustomize', folder], {
        cwd: ROOT, encoding: 'utf8', maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'pipe'],
    });
    return parse(text);
}

/** A name for messages: "StatefulSet taller". */
function nameOf(object) { return `${object.kind} ${object.metadata?.name}`; }

/** The objects of one kind, or the one of that name. */
function ofKind(set, kind) { return set.filter((object) => object.kind === kind); }
function find(set, kind, name) {
    return set.find((object) => object.kind === kind && object.metadata.name === name);
}

module.exports = { ROOT, parse, render, nameOf, ofKind, find };
