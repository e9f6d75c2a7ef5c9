'use strict';
// Rules of a pod: what the restricted profile of Kubernetes' Pod Security Standards asks, what the
// image and the program can do, what must be there when the pod starts. Each rule yields sentences.

const { find, ofKind, nameOf } = require('./render.js');
const { podsOf, environment, argumentsOf, quantity, volumeOf } = require('./pods.js');
const { refuses } = require('./program.js');

const PROFILE_VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral',
    'persistentVolumeClaim', 'projected', 'secret'];
const SAFE_SYSCTLS = ['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range',
    'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range'];

function* eachContainer(set) {
    for (const pod of podsOf(set))
        for (const container of pod.containers)
            yield { pod, container, where: `${nameOf(pod.owner)}, container ${container.name}` };
}

function handlersOf(container) {
    return [container.startupProbe, container.livenessProbe, container.readinessProbe,
        container.lifecycle?.preStop, container.lifecycle?.postStart].filter(Boolean);
}

/** The controls of a pod as a whole. */
function* restrictedPods(set) {
    for (const { owner, spec } of podsOf(set)) {
        const where = nameOf(owner);
        for (const key of ['hostNetwork', 'hostPID', 'hostIPC'])
            if (spec[key]) yield `${where}: ${key} is on`;
        if (spec.securityContext?.windowsOptions?.hostProcess) yield `${where}: hostProcess`;
        for (const { name } of spec.securityContext?.sysctls ?? [])
            if (!SAFE_SYSCTLS.includes(name)) yield `${where}: sysctl ${name} is not a safe one`;
        for (const volume of spec.volumes ?? [])
            for (const kind of Object.keys(volume))
                if (kind !== 'name' && !PROFILE_VOLUMES.includes(kind))
                    yield `${where}: volume ${volume.name} is of kind ${kind}`;
    }
}

/** A container's security, where it says nothing the pod's: what the profile asks of each. */
const CONTROLS = [
    ['is privileged', ({ own }) => !own.privileged],
    ['may gain privileges', ({ own }) => own.allowPrivilegeEscalation === false],
    ['does not drop all capabilities', ({ own }) => own.capabilities?.drop?.includes('ALL')],
    ['adds a capability', ({ own }) =>
        (own.capabilities?.add ?? []).every((name) => name === 'NET_BIND_SERVICE')],
    ['may run as root', ({ either }) => either('runAsNonRoot') === true],
    ['runs as root', ({ either, own, pod }) => either('runAsUser') !== 0
        && own.runAsUser !== 0 && pod.runAsUser !== 0],
    ['has no seccomp profile', ({ either }) =>
        ['RuntimeDefault', 'Localhost'].includes(either('seccompProfile')?.type)],
    ['unmasks /proc', ({ own }) => (own.procMount ?? 'Default') === 'Default'],
    ['has an AppArmor profile off', ({ either }) => either('appArmorProfile')?.type !== 'Unconfined'],
    ['has an SELinux user, role or type of its own', ({ either }) => {
        const { user, role, type } = either('seLinuxOptions') ?? {};
        return !user && !role && (!type || /^container_(t|init_t|kvm_t|engine_t)$/.test(type));
    }],
    ['opens a port of the node', ({ container }) =>
        (container.ports ?? []).every(({ hostPort }) => !hostPort)],
    ['has a probe or hook that names a host', ({ container }) => handlersOf(container)
        .every((handler) => !handler.httpGet?.host && !handler.tcpSocket?.host)],
    // Beyond the profile: what the image is made for.
    ['can write its root', ({ own }) => own.readOnlyRootFilesystem === true],
    ['runs as another user than the image', ({ either }) => either('runAsUser') === 10001],
    ['runs as another group than the image', ({ either }) => either('runAsGroup') === 10001],
    ['cannot write its volume: no fsGroup', ({ pod }) => pod.fsGroup === 10001],
];

function* restricted(set) {
    yield* restrictedPods(set);
    for (const { pod, container, where } of eachContainer(set)) {
        const own = container.securityContext ?? {};
        const shared = pod.spec.securityContext ?? {};
        const either = (key) => own[key] ?? shared[key];
        for (const [fault, holds] of CONTROLS)
            if (!holds({ own, pod: shared, either, container })) yield `${where} ${fault}`;
    }
}

function* token(set) {
    for (const { owner, spec } of podsOf(set)) {
        const account = find(set, 'ServiceAccount', spec.serviceAccountName);
        if (!account) yield `${nameOf(owner)}: no ServiceAccount ${spec.serviceAccountName}`;
        if (spec.automountServiceAccountToken !== false
            || account?.automountServiceAccountToken !== false)
            yield `${nameOf(owner)} gets a token for the Kubernetes API`;
    }
}

function* options(set, { options: known, secrets }) {
    for (const { container, where } of eachContainer(set)) {
        const env = environment(set, container);
        for (const { name, valueFrom } of container.env ?? []) {
            const secret = Boolean(valueFrom?.secretKeyRef);
            if (!secret && secrets.includes(name)) yield `${where}: ${name} belongs in a Secret`;
            if (secret && !secrets.includes(name)) yield `${where}: ${name} is no secret option`;
        }
        for (const name of Object.keys(env))
            if (name.startsWith('TALLER_') && ![...known, ...secrets].includes(name))
                yield `${where}: ${name} is no option of 'taller config'`;
        for (const name of secrets)
            if (Object.hasOwn(env, name)) yield `${where}: ${name} belongs in a Secret`;
        const sentence = refuses(env);
        if (sentence) yield `${where}: ${sentence}`;
    }
}

/** Commands the program has, at the place where the image has it; the path it is probed at. */
function* commands(set, { commands: known, flags, entrypoint, paths }) {
    for (const { container, where } of eachContainer(set)) {
        if (container.command) yield `${where} replaces the image's entry point`;
        if (!known.includes(container.args?.[0]))
            yield `${where}: '${container.args?.[0]}' is no command of 'taller help'`;
        for (const word of (container.args ?? []).filter((each) => each.startsWith('--')))
            if (!flags[container.args[0]]?.includes(word))
                yield `${where}: '${container.args[0]}' takes no ${word}`;
        for (const { exec, httpGet } of handlersOf(container)) {
            if (exec && (exec.command[0] !== entrypoint || !known.includes(exec.command[1])))
                yield `${where}: the image has no '${exec.command.join(' ')}'`;
            if (httpGet && (httpGet.port !== 'ops' || !paths.includes(httpGet.path)))
                yield `${where}: port ${httpGet.port} does not answer ${httpGet.path}`;
        }
    }
}

function* lifetime(set, { drainSeconds }) {
    for (const { owner, spec } of podsOf(set).filter((pod) => pod.owner.kind === 'StatefulSet')) {
        const [shop] = spec.containers;
        for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
            if (!shop[probe]) yield `${nameOf(owner)} has no ${probe}`;
        if (shop.lifecycle?.preStop?.exec?.command[1] !== 'drain')
            yield `${nameOf(owner)} does not drain before it stops`;
        const drain = Number(environment(set, shop).TALLER_DRAIN_SECONDS ?? drainSeconds);
        if (!(spec.terminationGracePeriodSeconds >= drain + 10))
            yield `${nameOf(owner)}: ${spec.terminationGracePeriodSeconds} s of grace do not cover `
                + `${drain} s of draining and 10 s to close`;
        const patience = (probe) => (probe?.periodSeconds ?? 0) * (probe?.failureThreshold ?? 0);
        if (patience(shop.startupProbe) < 120)
            yield `${nameOf(owner)}: a migration is killed before two minutes have passed`;
    }
}

function* mounts(set) {
    for (const { pod, container, where } of eachContainer(set)) {
        const mounted = container.volumeMounts ?? [];
        for (const { name, subPath } of mounted) {
            const volume = volumeOf(pod, name);
            if (!volume) yield `${where}: there is no volume ${name} to mount`;
            if (volume?.kind === 'secret' && subPath)
                yield `${where}: a Secret mounted by subPath is never renewed`;
        }
        const env = environment(set, container);
        const holder = (file) => mounted.find(({ mountPath }) => `${file}/`.startsWith(`${mountPath}/`));
        for (const name of ['TALLER_TLS_CERT', 'TALLER_TLS_KEY', 'TALLER_CA_FILE'])
            if (env[name] && !holder(env[name])) yield `${where}: nothing is mounted at ${env[name]}`;
        const data = holder(env.TALLER_DATA ?? '');
        if (!data || data.readOnly || volumeOf(pod, data.name)?.kind !== 'persistentVolumeClaim')
            yield `${where}: TALLER_DATA is not on a volume that stays`;
    }
}

/** Secrets this set brings about: cert-manager fills them. */
function secretsMade(set) {
    return [...ofKind(set, 'Certificate').map(({ spec }) => spec.secretName),
        ...ofKind(set, 'Ingress').filter(({ metadata }) =>
            metadata.annotations?.['cert-manager.io/cluster-issuer'])
            .flatMap(({ spec }) => spec.tls.map(({ secretName }) => secretName))];
}

function* references(set) {
    const claims = ofKind(set, 'StatefulSet').flatMap(({ metadata, spec }) =>
        spec.volumeClaimTemplates.map((claim) => `${claim.metadata.name}-${metadata.name}-0`));
    for (const { pod, container, where } of eachContainer(set)) {
        const env = environment(set, container);
        for (const { configMapRef } of container.envFrom ?? [])
            if (!find(set, 'ConfigMap', configMapRef.name))
                yield `${where}: there is no ConfigMap ${configMapRef.name}`;
        for (const word of argumentsOf(container, env))
            if (word.includes('$(')) yield `${where}: nothing says what ${word} is`;
        for (const { valueFrom } of container.env ?? [])
            if (valueFrom?.secretKeyRef && !valueFrom.secretKeyRef.optional)
                yield `${where}: without Secret ${valueFrom.secretKeyRef.name} it never starts`;
        for (const { name } of container.volumeMounts ?? []) {
            const { kind, source } = volumeOf(pod, name) ?? {};
            if (kind === 'secret' && !secretsMade(set).includes(source.secretName))
                yield `${where}: nothing makes the Secret ${source.secretName}`;
            if (source?.claimName && !claims.includes(source.claimName))
                yield `${where}: nothing makes the claim ${source.claimName}`;
        }
    }
    for (const secret of ofKind(set, 'Secret')) yield `${nameOf(secret)} is written down here`;
}

function* storage(set) {
    for (const { metadata, spec } of ofKind(set, 'StatefulSet')) {
        if (spec.replicas > 1) yield `StatefulSet ${metadata.name} has two writers of one database`;
        if (Object.values(spec.persistentVolumeClaimRetentionPolicy ?? {}).join() !== 'Retain,Retain')
            yield `StatefulSet ${metadata.name} lets its data go`;
        for (const claim of spec.volumeClaimTemplates)
            if (claim.spec.accessModes.join() !== 'ReadWriteOncePod')
                yield `the claim ${claim.metadata.name} can be mounted twice`;
    }
}

function* resources(set) {
    for (const { container, where } of eachContainer(set)) {
        const { requests, limits } = container.resources ?? {};
        for (const name of ['cpu', 'memory'])
            if (!requests?.[name] || !limits?.[name]
                || quantity(requests[name]) > quantity(limits[name]))
                yield `${where}: ${name} needs a request and a limit not below it`;
    }
}

module.exports = {
    restricted, token, options, commands, lifetime, mounts, references, storage, resources,
};
