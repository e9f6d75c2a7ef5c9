'use strict';
// Manifests as typed constants: TypeScript's strict mode knows the schemas of Kubernetes and of the
// operators, and names what no such object has, what is of another type, what is no value of an
// enumeration.

const fs = require('node:fs');
const path = require('node:path');
const ts = require('typescript');
const { ROOT } = require('./render.js');

const MODULES = path.join(__dirname, '../node_modules');
const OUT = path.join(ROOT, `build/k8s/typed-${process.pid}`);

/** Where the types of an API group live; all others are Kubernetes' own. */
const PACKAGES = {
    'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
    'cert-manager.io': '@kubernetes-models/cert-manager',
    'autoscaling.k8s.io': '@kubernetes-models/autoscaler',
};

/** "apps/v1", "StatefulSet" → the module that declares IStatefulSet; undefined: nobody does. */
function moduleOf({ apiVersion, kind }) {
    const [group] = apiVersion.split('/');
    const name = `${PACKAGES[group] ?? 'kubernetes-models'}/${apiVersion}/${kind}`;
    return fs.existsSync(path.join(MODULES, `${name}.d.ts`)) ? name : undefined;
}

/** One constant a line, so that a line number says which one an error belongs to. */
function source(manifests) {
    const [{ kind }] = manifests;
    return `import { I${kind} } from '${moduleOf(manifests[0])}';\n${manifests.map((manifest, i) =>
        `export const m${i}: I${kind} = ${JSON.stringify(manifest)};\n`).join('')}`;
}

/** The errors of each manifest: an array of arrays of sentences, in the order given. */
function check(manifests) {
    fs.mkdirSync(OUT, { recursive: true });
    const errors = manifests.map(() => []);
    const files = new Map();
    manifests.forEach((manifest, i) => {
        if (!moduleOf(manifest)) {
            errors[i].push(`no schema knows ${manifest.apiVersion} ${manifest.kind}`);
            return;
        }
        const file = path.join(OUT, `${manifest.apiVersion.replace('/', '-')}-${manifest.kind}.ts`);
        files.set(file, [...files.get(file) ?? [], i]);
    });
    for (const [file, indices] of files)
        fs.writeFileSync(file, source(indices.map((i) => manifests[i])));
    const program = ts.createProgram([...files.keys()], {
        strict: true, noEmit: true, skipLibCheck: true, types: [], lib: ['lib.es2020.d.ts'],
        target: ts.ScriptTarget.ES2020, module: ts.ModuleKind.CommonJS,
        moduleResolution: ts.ModuleResolutionKind.Node10, baseUrl: MODULES, paths: { '*': ['*'] },
    });
    const strangers = [];
    for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
        const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ');
        const indices = diagnostic.file && files.get(path.normalize(diagnostic.file.fileName));
        const line = indices && diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start).line;
        if (line > 0) errors[indices[line - 1]].push(text);
        else strangers.push(text);
    }
    fs.rmSync(OUT, { recursive: true });
    if (strangers.length) throw new Error(`the types cannot be used: ${strangers[0]}`);
    return errors;
}

module.exports = { check };
