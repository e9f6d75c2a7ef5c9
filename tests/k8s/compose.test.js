'use strict';
// compose.yaml by the Compose specification's schema, and held against the program and the
// manifests beside it.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test, describe } = require('node:test');
const Ajv = require('ajv/dist/2019').default;
const YAML = require('yaml');
const { ROOT, parse, render, find, ofKind } = require('./lib/render.js');
const { describe: describeProgram, refuses } = require('./lib/program.js');

const K8S = path.join(ROOT, 'k8s');
const read = (name) => fs.readFileSync(path.join(K8S, name), 'utf8');
const compose = () => YAML.parse(read('compose.yaml'), { merge: true });
const program = describeProgram();

function validator() {
    const file = path.join(__dirname, 'node_modules/dclint/schemas/compose.schema.json');
    // Its ids are of an older draft than it says; nothing refers to them.
    const schema = JSON.parse(fs.readFileSync(file, 'utf8'), (key, value) =>
        (key === 'id' && typeof value === 'string' ? undefined : value));
    return new Ajv({ strict: false, formats: {
        duration: true, expose: true, ports: true, subnet_ip_address: true,
    } })
        .compile(schema);
}

describe('compose.yaml', () => {
    const valid = validator();
    const file = compose();

    test('is what the specification allows', () =>
        assert.ok(valid(file), JSON.stringify(valid.errors)));

    test('an unknown field, another type and a wrong value are seen', () => {
        for (const spoil of [
            (it) => { it.services.shop.readonly = true; },
            (it) => { it.services.shop.cap_drop = 'ALL'; },
            (it) => { it.services.shop.ports = '8443'; },
            (it) => { it.services.shop.depends_on.school.condition = 'done'; },
            (it) => { it.services.shop.healthcheck.every = '5s'; },
            (it) => { it.volumes.data = 3; },
            (it) => { it.service = {}; },
        ]) {
            const spoilt = compose();
            spoil(spoilt);
            assert.equal(valid(spoilt), false, String(spoil));
        }
    });

    test('runs commands and options that the program has', () => {
        const { shop, school } = file.services;
        for (const { command } of [shop, school]) assert.ok(program.commands.includes(command[0]));
        assert.equal(shop.healthcheck.test[1], program.entrypoint);
        assert.ok(program.commands.includes(shop.healthcheck.test[2]));
        for (const name of Object.keys(shop.environment))
            assert.ok([...program.options, ...program.secrets].includes(name), name);
        assert.equal(refuses(shop.environment), null);
    });

    test('confines the shop as the cluster does, with the time to drain', () => {
        const pod = find(render('k8s/base'), 'StatefulSet', 'taller').spec.template.spec;
        const { shop, school, mail } = file.services;
        for (const service of [shop, school, mail]) {
            assert.equal(service.read_only, true);
            assert.deepEqual(service.cap_drop, ['ALL']);
            assert.deepEqual(service.security_opt, ['no-new-privileges:true']);
        }
        for (const service of [shop, school])
            assert.equal(service.user,
                `${pod.securityContext.runAsUser}:${pod.securityContext.runAsGroup}`);
        assert.equal(shop.stop_grace_period, `${pod.terminationGracePeriodSeconds}s`);
    });

    test('opens ports on this machine only', () => {
        for (const [name, { ports = [] }] of Object.entries(file.services))
            for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/, name);
    });

    test('the shop and its catcher share a loopback that outlives the shop', () => {
        const { mail, shop } = file.services;
        assert.equal(shop.network_mode, 'service:mail');
        assert.equal(shop.environment.TALLER_SMTP, `smtp://${mail.environment.MP_SMTP_BIND_ADDR}`);
        assert.ok(mail.networks.default.aliases.includes('shop')); // where Prometheus asks
    });

    test('has the name that the volumes keep', () =>
        assert.match(read('.env'), /^COMPOSE_PROJECT_NAME=taller$/m));

    test('mounts files that are there; its Prometheus asks the shop and has the rules', () => {
        const { prometheus, shop } = file.services;
        for (const volume of prometheus.volumes.filter((each) => each.startsWith('./')))
            assert.ok(fs.statSync(path.join(K8S, volume.split(':')[0])).isFile(), volume);
        const [config] = parse(read('monitoring/prometheus.yml'));
        const port = shop.environment.TALLER_OPS.split(':')[1];
        assert.deepEqual(config.scrape_configs[0].static_configs[0].targets, [`shop:${port}`]);
        assert.ok(prometheus.volumes.some((each) =>
            each.split(':')[1].endsWith(`/${config.rule_files[0]}`)));
        const [monitor] = ofKind(render('k8s/overlays/production'), 'ServiceMonitor');
        assert.equal(monitor.spec.jobLabel, 'app.kubernetes.io/name');
        assert.equal(config.scrape_configs[0].job_name, 'taller');
    });

    test('is of the version that the Makefile builds, as the manifests are', () => {
        const [, version] = /^VERSION +:= (\S+)/m.exec(
            fs.readFileSync(path.join(ROOT, 'Makefile'), 'utf8'));
        for (const name of ['shop', 'school'])
            assert.equal(file.services[name].image, `taller:${version}`);
        const [{ images }] = parse(read('base/kustomization.yaml'));
        assert.equal(images[0].newTag, version);
    });
});
