'use strict';
// Faults by the rule that finds them: what is wrong, the overlay it is put into, how, and what the
// rule then says.

const { find, ofKind } = require('./render.js');

const shop = (set) => find(set, 'StatefulSet', 'taller').spec.template.spec;
const container = (set) => shop(set).containers[0];
const config = (set) => ofKind(set, 'ConfigMap').find(({ data }) => data.TALLER_DATA).data;
const policy = (set) => find(set, 'NetworkPolicy', 'taller').spec;
const service = (set) => find(set, 'Service', 'taller').spec;
const drop = (set, kind) => set.splice(0, set.length, ...set.filter((each) => each.kind !== kind));

/** A fault in the security of a container or, with `pod`, of its pod. */
const secured = (what, change, sentence) =>
    [what, 'production', (set) => change(container(set).securityContext, shop(set)), sentence];

module.exports = {
    restricted: [
        secured('privileged', (own) => { own.privileged = true; }, /is privileged/),
        secured('escalation', (own) => { delete own.allowPrivilegeEscalation; }, /may gain/),
        secured('capabilities kept', (own) => { own.capabilities.drop = ['KILL']; }, /does not drop/),
        secured('capability added', (own) => { own.capabilities.add = ['SYS_TIME']; }, /adds a cap/),
        secured('root allowed', (own, pod) => { delete pod.securityContext.runAsNonRoot; }, /may run/),
        secured('root', (own) => { own.runAsUser = 0; }, /runs as root/),
        secured('no seccomp', (own, pod) => { delete pod.securityContext.seccompProfile; }, /seccomp/),
        secured('seccomp off', (own) => { own.seccompProfile = { type: 'Unconfined' }; }, /seccomp/),
        secured('/proc', (own) => { own.procMount = 'Unmasked'; }, /unmasks/),
        secured('AppArmor', (own) => { own.appArmorProfile = { type: 'Unconfined' }; }, /AppArmor/),
        secured('SELinux', (own) => { own.seLinuxOptions = { type: 'spc_t' }; }, /SELinux/),
        secured('writable root', (own) => { own.readOnlyRootFilesystem = false; }, /write its root/),
        secured('another user', (own) => { own.runAsUser = 1000; }, /another user/),
        secured('another group', (own) => { own.runAsGroup = 1000; }, /another group/),
        secured('no fsGroup', (own, pod) => { delete pod.securityContext.fsGroup; }, /fsGroup/),
        secured('host network', (own, pod) => { pod.hostNetwork = true; }, /hostNetwork/),
        secured('host processes', (own, pod) => { pod.hostPID = true; }, /hostPID/),
        secured('host memory', (own, pod) => { pod.hostIPC = true; }, /hostIPC/),
        secured('host process', (own, pod) => {
            pod.securityContext.windowsOptions = { hostProcess: true };
        }, /hostProcess/),
        secured('sysctl', (own, pod) => {
            pod.securityContext.sysctls = [{ name: 'kernel.msgmax', value: '1' }];
        }, /sysctl/),
        secured('a folder of the node', (own, pod) => {
            pod.volumes = [{ name: 'etc', hostPath: { path: '/etc' } }];
        }, /of kind hostPath/),
        ['a port of the node', 'production',
            (set) => { container(set).ports[0].hostPort = 80; }, /opens a port/],
        ['a probe elsewhere', 'production',
            (set) => { container(set).livenessProbe.httpGet.host = '10.0.0.1'; }, /names a host/],
        ['the init container', 'demo',
            (set) => { shop(set).initContainers[0].securityContext = {}; }, /container demo/],
        ['the Job', 'restore', (set) => {
            find(set, 'Job', 'taller-restore').spec.template.spec.containers[0].securityContext = {};
        }, /container restore/],
    ],
    token: [
        ['a token', 'production',
            (set) => { delete shop(set).automountServiceAccountToken; }, /gets a token/],
        ['the account', 'production', (set) => drop(set, 'ServiceAccount'), /no ServiceAccount/],
    ],
    options: [
        ['an option misspelt', 'production',
            (set) => { config(set).TALLER_BASEURL = 'https://a.example'; }, /TALLER_BASEURL is no option/],
        ['a value refused', 'production',
            (set) => { config(set).TALLER_LOG_FORMAT = 'xml'; }, /'xml'/],
        ['a secret in the open', 'production',
            (set) => { config(set).TALLER_SMTP_PASSWORD = 'x'; }, /belongs in a Secret/],
        ['a secret as a value', 'production', (set) => {
            container(set).env.push({ name: 'TALLER_METRICS_TOKEN', value: 'x' });
        }, /belongs in a Secret/],
        ['an option from a Secret', 'production', (set) => {
            container(set).env.push({
                name: 'TALLER_SMTP',
                valueFrom: { secretKeyRef: { name: 'taller', key: 'smtp', optional: true } },
            });
        }, /is no secret option/],
    ],
    commands: [
        ['a shell that is not there', 'production', (set) => {
            container(set).lifecycle.preStop.exec.command = ['/bin/sh', '-c', 'sleep 5'];
        }, /the image has no '\/bin\/sh/],
        ['a command that is not there', 'production',
            (set) => { container(set).args = ['server']; }, /'server' is no command/],
        ['a flag that is not there', 'restore', (set) => {
            find(set, 'Job', 'taller-restore').spec.template.spec.containers[0].args.push('--force');
        }, /'restore' takes no --force/],
        ['another entry point', 'production',
            (set) => { container(set).command = ['/bin/taller']; }, /entry point/],
        ['a path nobody answers', 'production',
            (set) => { container(set).livenessProbe.httpGet.path = '/health'; }, /answer \/health/],
        ['a probe at the wrong port', 'production',
            (set) => { container(set).readinessProbe.httpGet.port = 'http'; }, /port http/],
    ],
    lifetime: [
        ['no time to drain', 'production',
            (set) => { shop(set).terminationGracePeriodSeconds = 30; }, /30 s of grace/],
        ['more time to drain than there is', 'production',
            (set) => { config(set).TALLER_DRAIN_SECONDS = '60'; }, /60 s of draining/],
        ['no drain', 'production',
            (set) => { delete container(set).lifecycle; }, /does not drain/],
        ['no probe', 'production',
            (set) => { delete container(set).readinessProbe; }, /no readinessProbe/],
        ['an impatient start', 'production',
            (set) => { container(set).startupProbe.failureThreshold = 5; }, /migration/],
    ],
    mounts: [
        ['no such volume', 'production-own-tls',
            (set) => { delete shop(set).volumes; }, /no volume tls/],
        ['a certificate that never changes', 'production-own-tls', (set) => {
            container(set).volumeMounts.find(({ name }) => name === 'tls').subPath = 'tls.crt';
        }, /never renewed/],
        ['a certificate that is nowhere', 'production-own-tls',
            (set) => { config(set).TALLER_TLS_CERT = '/certs/tls.crt'; }, /mounted at \/certs/],
        ['data that goes with the pod', 'production', (set) => {
            shop(set).volumes = [{ name: 'data', emptyDir: {} }];
        }, /not on a volume that stays/],
        ['data beside the volume', 'production',
            (set) => { config(set).TALLER_DATA = '/srv'; }, /not on a volume that stays/],
    ],
    references: [
        ['no configuration', 'production', (set) => drop(set, 'ConfigMap'), /no ConfigMap/],
        ['a secret that must be there', 'production',
            (set) => { delete container(set).env[0].valueFrom.secretKeyRef.optional; }, /never starts/],
        ['a certificate nobody makes', 'production-own-tls',
            (set) => drop(set, 'Certificate'), /nothing makes the Secret/],
        ['another claim', 'restore', (set) => {
            find(set, 'Job', 'taller-restore').spec.template.spec.volumes[0]
                .persistentVolumeClaim.claimName = 'data';
        }, /nothing makes the claim data/],
        ['a backup without a name', 'restore', (set) => {
            find(set, 'Job', 'taller-restore').spec.template.spec.containers[0].envFrom.pop();
        }, /nothing says what \$\(BACKUP\) is/],
        ['a secret written down', 'production', (set) => set.push({
            apiVersion: 'v1', kind: 'Secret', metadata: { name: 'taller', namespace: 'taller' },
        }), /is written down/],
    ],
    storage: [
        ['two writers', 'production',
            (set) => { find(set, 'StatefulSet', 'taller').spec.replicas = 2; }, /two writers/],
        ['two pods on a volume', 'production', (set) => {
            find(set, 'StatefulSet', 'taller').spec.volumeClaimTemplates[0].spec
                .accessModes = ['ReadWriteMany'];
        }, /mounted twice/],
        ['data that goes', 'production', (set) => {
            find(set, 'StatefulSet', 'taller').spec.persistentVolumeClaimRetentionPolicy
                .whenScaled = 'Delete';
        }, /lets its data go/],
    ],
    resources: [
        ['no limit', 'production',
            (set) => { delete container(set).resources.limits.memory; }, /memory needs/],
        ['a request above the limit', 'production',
            (set) => { container(set).resources.requests.cpu = '3'; }, /cpu needs/],
    ],
    selectors: [
        ['pods of another name', 'production',
            (set) => { find(set, 'StatefulSet', 'taller').spec.selector.matchLabels = { a: 'b' }; },
            /its own pods/],
        ['a Service of nothing', 'production',
            (set) => { service(set).selector = { a: 'b' }; }, /selects nothing/],
        ['a Service of the Job', 'restore', (set) => {
            find(set, 'Job', 'taller-restore').spec.template.metadata.labels = {
                'app.kubernetes.io/name': 'taller',
            };
        }, /Job taller-restore/],
        ['no name in DNS', 'production', (set) => {
            delete find(set, 'Service', 'taller-headless').spec.clusterIP;
        }, /not headless/],
        ['a budget that blocks', 'production', (set) => {
            ofKind(set, 'PodDisruptionBudget')[0].spec.maxUnavailable = 0;
        }, /move/],
        ['a budget of others', 'production', (set) => {
            ofKind(set, 'PodDisruptionBudget')[0].spec.selector.matchLabels = { a: 'b' };
        }, /move/],
        ['advice for another', 'production', (set) => {
            ofKind(set, 'VerticalPodAutoscaler')[0].spec.targetRef.name = 'other';
        }, /something else/],
        ['advice for a container that is not there', 'production', (set) => {
            ofKind(set, 'VerticalPodAutoscaler')[0].spec.resourcePolicy.containerPolicies[0]
                .containerName = 'web';
        }, /container web/],
        ['advice that acts', 'production', (set) => {
            ofKind(set, 'VerticalPodAutoscaler')[0].spec.updatePolicy.updateMode = 'Auto';
        }, /restarts the shop/],
        ['nothing watched', 'production', (set) => {
            ofKind(set, 'ServiceMonitor')[0].spec.selector.matchLabels = { a: 'b' };
        }, /selects no Service/],
    ],
    ports: [
        ['a listener moved', 'production',
            (set) => { config(set).TALLER_HTTP = '0.0.0.0:8000'; }, /TALLER_HTTP 8000/],
        ['a listener off', 'production-own-tls',
            (set) => { config(set).TALLER_HTTPS = ''; }, /TALLER_HTTPS undefined/],
        ['a Service to nowhere', 'production',
            (set) => { service(set).ports[0].targetPort = 'web'; }, /no port web/],
        ['an Ingress to nowhere', 'production', (set) => {
            find(set, 'Ingress', 'taller').spec.rules[0].http.paths[0].backend.service
                .port.name = 'https';
        }, /taller:https/],
        ['figures nowhere', 'production', (set) => {
            ofKind(set, 'ServiceMonitor')[0].spec.endpoints[0].path = '/stats';
        }, /ops\/stats/],
    ],
    exposure: [
        ['the machines\' port', 'production', (set) => {
            service(set).ports.push({ name: 'ops', port: 9090, targetPort: 'ops' });
        }, /shows the port/],
        ['addresses hidden', 'production-own-tls',
            (set) => { delete service(set).externalTrafficPolicy; }, /hides/],
        ['another host', 'production', (set) => {
            find(set, 'Ingress', 'taller').spec.tls[0].hosts = ['b.example'];
        }, /b\.example is not the host/],
        ['a certificate for another host', 'production-own-tls', (set) => {
            find(set, 'Certificate', 'taller').spec.dnsNames = ['b.example'];
        }, /b\.example is not the host/],
        ['a proxy not trusted', 'production',
            (set) => { delete config(set).TALLER_BEHIND_PROXY; }, /trusts the proxy/],
    ],
    network: [
        ['no policy', 'production', (set) => drop(set, 'NetworkPolicy'), /no NetworkPolicy selects/],
        ['nothing denied', 'production', (set) => set.splice(set.findIndex(({ kind, metadata }) =>
            kind === 'NetworkPolicy' && metadata.name === 'default-deny'), 1), /denied by default/],
        ['figures for all', 'production', (set) => {
            delete policy(set).ingress.find(({ ports }) => ports[0].port === 'ops').from;
        }, /open to all/],
        ['a proxy that anybody is', 'production',
            (set) => { delete policy(set).ingress[0].from; }, /claim to be the proxy/],
        ['nobody gets in', 'production', (set) => policy(set).ingress.shift(), /may reach port http/],
        ['a port that is not there', 'production',
            (set) => { policy(set).ingress[0].ports.push({ port: 'web' }); }, /opens web/],
        ['no names', 'production', (set) => policy(set).egress.shift(), /port 53/],
        ['no mail', 'production', (set) => {
            config(set).TALLER_SMTP = 'smtp://a@mail.example.org:2525';
        }, /port 2525/],
        ['no storage', 'production', (set) => {
            config(set).TALLER_S3 = 'https://minio.example.org:9000/bucket';
        }, /port 9000/],
        ['everything outside', 'production', (set) => policy(set).egress.push({}), /outside is open/],
    ],
    namespaces: [
        ['not restricted', 'production', (set) => {
            ofKind(set, 'Namespace')[0].metadata.labels = {};
        }, /not restricted/],
        ['elsewhere', 'production',
            (set) => { find(set, 'Service', 'taller').metadata.namespace = 'default'; }, /lies in default/],
        ['no namespace', 'production', (set) => drop(set, 'Namespace'), /exactly one/],
    ],
};
