'use strict';
// The pods a set of objects would start, and what they are made of once references are followed.

const { find } = require('./render.js');

/** Whether labels have all of a matchLabels selector. An empty selector has everything. */
function selects(selector, labels) {
    return Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);
}

/** [{owner, labels, spec, containers}] of every StatefulSet and Job; init containers come first. */
function podsOf(set) {
    return set.filter(({ kind }) => kind === 'StatefulSet' || kind === 'Job').map((owner) => {
        const { metadata, spec } = owner.spec.template;
        return {
            owner, labels: metadata.labels, spec,
            containers: [...spec.initContainers ?? [], ...spec.containers],
        };
    });
}

/** The environment of a container as the kubelet would set it. A secret's value comes from
 * `secrets` ({name: {key: value}}); an optional one that is not there is left out. */
function environment(set, container, secrets = {}) {
    const env = {};
    for (const { configMapRef } of container.envFrom ?? [])
        Object.assign(env, find(set, 'ConfigMap', configMapRef.name)?.data);
    for (const { name, value, valueFrom } of container.env ?? []) {
        const secret = valueFrom?.secretKeyRef;
        const given = secret ? secrets[secret.name]?.[secret.key] : value;
        if (given !== undefined) env[name] = given;
    }
    return env;
}

/** $(NAME) in arguments, as the kubelet fills it in. */
function argumentsOf(container, env) {
    return (container.args ?? []).map((word) =>
        word.replace(/\$\((\w+)\)/g, (all, name) => env[name] ?? all));
}

const UNITS = { m: 1e-3, k: 1e3, M: 1e6, G: 1e9, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

/** "500m" → 0.5, "128Mi" → 134217728. */
function quantity(text) {
    const [, number, unit] = /^([0-9.]+)(\w*)$/.exec(String(text));
    return Number(number) * (unit ? UNITS[unit] : 1);
}

/** The volume or claim a mount names, with what it is: {kind, source, claimed}. */
function volumeOf(pod, name) {
    const volume = pod.spec.volumes?.find((each) => each.name === name);
    if (volume) {
        const [kind] = Object.keys(volume).filter((key) => key !== 'name');
        return { kind, source: volume[kind] };
    }
    const claim = pod.owner.spec.volumeClaimTemplates?.find((each) => each.metadata.name === name);
    return claim && { kind: 'persistentVolumeClaim', source: claim.spec };
}

module.exports = { selects, podsOf, environment, argumentsOf, quantity, volumeOf };
