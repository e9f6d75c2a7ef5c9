'use strict';
// Rules between objects: who selects whom, which port leads where, who may speak to whom.

const { find, ofKind, nameOf } = require('./render.js');
const { selects, podsOf, environment } = require('./pods.js');

const LISTENERS = { https: 'TALLER_HTTPS', http: 'TALLER_HTTP', ops: 'TALLER_OPS' };

function shopPod(set) { return podsOf(set).find(({ owner }) => owner.kind === 'StatefulSet'); }
function shop(set) { return shopPod(set).spec.containers[0]; }
function policyOf(set) {
    const pod = shopPod(set);
    return ofKind(set, 'NetworkPolicy').find(({ spec }) => spec.podSelector.matchLabels
        && selects(spec.podSelector.matchLabels, pod.labels));
}

function* selectors(set) {
    const pod = shopPod(set);
    const where = nameOf(pod.owner);
    if (!selects(pod.owner.spec.selector.matchLabels, pod.labels))
        yield `${where} does not select its own pods`;
    for (const service of ofKind(set, 'Service')) {
        const selected = podsOf(set).filter(({ labels }) => selects(service.spec.selector, labels));
        if (selected.length !== 1 || selected[0].owner !== pod.owner)
            yield `${nameOf(service)} selects ${selected.map(({ owner }) => nameOf(owner)).join()
                || 'nothing'}`;
    }
    const headless = find(set, 'Service', pod.owner.spec.serviceName);
    if (headless?.spec.clusterIP !== 'None')
        yield `${where}: Service ${pod.owner.spec.serviceName} is not there, or not headless`;
    const budgets = ofKind(set, 'PodDisruptionBudget');
    if (!budgets.some(({ spec }) => spec.maxUnavailable === 1
        && selects(spec.selector.matchLabels, pod.labels)))
        yield `no PodDisruptionBudget lets the pod of ${where} move`;
    for (const { spec } of ofKind(set, 'VerticalPodAutoscaler')) {
        const target = find(set, spec.targetRef.kind, spec.targetRef.name);
        if (target !== pod.owner) yield 'the VerticalPodAutoscaler watches something else';
        for (const { containerName } of spec.resourcePolicy?.containerPolicies ?? [])
            if (!pod.containers.some(({ name }) => name === containerName))
                yield `the VerticalPodAutoscaler knows a container ${containerName}`;
        if (spec.updatePolicy.updateMode !== 'Off')
            yield 'the VerticalPodAutoscaler restarts the shop when it likes';
    }
    for (const monitor of ofKind(set, 'ServiceMonitor'))
        if (!ofKind(set, 'Service').some(({ metadata }) =>
            selects(monitor.spec.selector.matchLabels, metadata.labels)))
            yield `${nameOf(monitor)} selects no Service`;
}

/** Every port named anywhere leads to a listener that is on. */
function* ports(set, { paths }) {
    const container = shop(set);
    const env = environment(set, container);
    const open = new Map((container.ports ?? []).map((port) => [port.name, port.containerPort]));
    for (const [name, option] of Object.entries(LISTENERS)) {
        const listens = env[option] ? Number(env[option].split(':').at(-1)) : undefined;
        if (listens !== open.get(name))
            yield `the container's port ${name} is ${open.get(name)}, ${option} ${listens}`;
    }
    for (const service of ofKind(set, 'Service'))
        for (const { targetPort } of service.spec.ports)
            if (!open.has(targetPort)) yield `${nameOf(service)}: no port ${targetPort} in the pod`;
    for (const { spec } of ofKind(set, 'Ingress'))
        for (const { service } of spec.rules.flatMap(({ http }) => http.paths)
            .map(({ backend }) => backend))
            if (!find(set, 'Service', service.name)?.spec.ports
                .some(({ name }) => name === service.port.name))
                yield `the Ingress leads to ${service.name}:${service.port.name}, which is nowhere`;
    for (const monitor of ofKind(set, 'ServiceMonitor'))
        for (const { port, path } of monitor.spec.endpoints) {
            const service = ofKind(set, 'Service').find(({ metadata }) =>
                selects(monitor.spec.selector.matchLabels, metadata.labels));
            if (!service?.spec.ports.some(({ name }) => name === port) || !paths.includes(path))
                yield `the ServiceMonitor asks ${port}${path}, which is nowhere`;
        }
}

/** The port for machines is for machines: no way leads there from outside. */
function* exposure(set) {
    for (const service of ofKind(set, 'Service'))
        if (service.spec.clusterIP !== 'None'
            && service.spec.ports.some(({ targetPort }) => targetPort === 'ops'))
            yield `${nameOf(service)} shows the port for machines`;
    for (const { spec } of ofKind(set, 'Service').filter(({ spec }) => spec.type === 'LoadBalancer'))
        if (spec.externalTrafficPolicy !== 'Local')
            yield 'the load balancer hides the addresses of visitors';
    const env = environment(set, shop(set));
    const host = env.TALLER_BASE_URL?.split('/')[2];
    const named = [...ofKind(set, 'Ingress').flatMap(({ spec }) =>
        [...spec.rules.map((rule) => rule.host), ...spec.tls.flatMap(({ hosts }) => hosts)]),
    ...ofKind(set, 'Certificate').flatMap(({ spec }) => spec.dnsNames)];
    for (const name of named)
        if (name !== host) yield `${name} is not the host of TALLER_BASE_URL, ${host}`;
    if (ofKind(set, 'Ingress').length && (env.TALLER_HTTPS || !env.TALLER_BEHIND_PROXY))
        yield 'behind an Ingress the shop serves plain HTTP and trusts the proxy';
}

/** Rules of a policy for one direction that name a port (a number or the name of a port). */
function rulesFor(policy, direction, port) {
    return (policy.spec[direction] ?? []).filter((rule) =>
        rule.ports?.some((each) => each.port === port));
}

function* network(set) {
    const policy = policyOf(set);
    const denies = ofKind(set, 'NetworkPolicy').some(({ spec }) => !spec.ingress && !spec.egress
        && Object.keys(spec.podSelector).length === 0 && spec.policyTypes.length === 2);
    if (!denies) yield 'nothing is denied by default';
    if (!policy || policy.spec.policyTypes.join() !== 'Ingress,Egress') {
        yield 'no NetworkPolicy selects the shop, both ways';
        return;
    }
    const container = shop(set);
    for (const { name } of container.ports)
        if (!rulesFor(policy, 'ingress', name).length) yield `nobody may reach port ${name}`;
    for (const rule of policy.spec.ingress)
        for (const { port } of rule.ports)
            if (!container.ports.some(({ name }) => name === port))
                yield `the NetworkPolicy opens ${port}, no port of the pod`;
    const machines = rulesFor(policy, 'ingress', 'ops').flatMap((rule) => rule.from ?? [{}]);
    if (machines.some(({ namespaceSelector }) => !namespaceSelector?.matchLabels
        || Object.keys(namespaceSelector.matchLabels).length === 0))
        yield 'the port for machines is open to all';
    if (ofKind(set, 'Ingress').length
        && rulesFor(policy, 'ingress', 'http').some(({ from }) => !from))
        yield 'anybody may claim to be the proxy';
    const { TALLER_SMTP: smtp, TALLER_S3: s3 } = environment(set, container);
    const mail = smtp && Number(/:(\d+)$/.exec(smtp)?.[1] ?? (smtp.startsWith('smtps') ? 465 : 587));
    const storage = s3 && Number(new URL(s3).port || 443);
    for (const port of [53, 443, mail, storage].filter(Boolean))
        if (!rulesFor(policy, 'egress', port).length) yield `port ${port} outside cannot be reached`;
    if ((policy.spec.egress ?? []).some((rule) => !rule.ports)) yield 'everything outside is open';
}

/** All of a school lies in one namespace, which refuses what is not restricted. */
function* namespaces(set) {
    const [space, ...more] = ofKind(set, 'Namespace');
    if (!space || more.length) yield 'a school has exactly one Namespace';
    if (space?.metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted')
        yield 'the Namespace takes pods that are not restricted';
    for (const object of set)
        if (object.kind !== 'Namespace' && object.metadata.namespace !== space?.metadata.name)
            yield `${nameOf(object)} lies in ${object.metadata.namespace}`;
}

module.exports = { selectors, ports, exposure, network, namespaces };
