'use strict';
// A certificate authority of a test's own, and certificates of servers, made by openssl.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

function openssl(...args) {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

const KEYS = {
    ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], rsa: ['-newkey', 'rsa:2048'],
};

/** An authority in a folder: {file (its certificate), issue(names)}. */
function makeAuthority(folder, name = 'ca') {
    const file = path.join(folder, `${name}.pem`);
    const key = path.join(folder, `${name}.key`);
    const ec = [...KEYS.ec, '-nodes', '-days', '2'];
    openssl('req', '-x509', ...ec, '-keyout', key, '-out', file, '-subj', `/CN=Test ${name}`);
    let count = 0;
    return {
        file,
        /** {key, cert} of a server, for subjectAltName entries like 'IP:127.0.0.1'; kind of key: ec
         * or rsa. */
        issue(names = 'IP:127.0.0.1,DNS:localhost', { kind = 'ec', days = 2 } = {}) {
            const own = path.join(folder, `${name}-${++count}`);
            openssl('req', '-x509', '-CA', file, '-CAkey', key, ...KEYS[kind], '-nodes',
                '-days', String(days), '-keyout', `${own}.key`, '-out', `${own}.pem`,
                '-subj', '/CN=mail', '-addext', `subjectAltName=${names}`,
                '-addext', 'basicConstraints=critical,CA:FALSE');
            return { key: fs.readFileSync(`${own}.key`), cert: fs.readFileSync(`${own}.pem`) };
        },
        /** Key and certificate of a name in one PEM, valid from one day to another, both counted
         * from today. */
        issueBetween(name, from, to) {
            const own = path.join(folder, `${name}-between`);
            const stamp = (days) => new Date(Date.now() + days * 86400e3).toISOString()
                .replace(/[-T:]|\.\d+/g, '');
            fs.writeFileSync(`${own}.conf`, ['[ca]', 'default_ca = d', '[d]', `database = ${own}.txt`,
                `new_certs_dir = ${folder}`, 'default_md = sha256', 'policy = p', 'rand_serial = yes',
                'copy_extensions = copy', '[p]', 'commonName = optional', ''].join('\n'));
            fs.writeFileSync(`${own}.txt`, '');
            openssl('req', '-new', ...ec.slice(0, -2), '-keyout', `${own}.key`, '-out', `${own}.csr`,
                '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`);
            openssl('ca', '-batch', '-notext', '-config', `${own}.conf`, '-keyfile', key, '-cert', file,
                '-in', `${own}.csr`, '-out', `${own}.pem`, '-startdate', stamp(from), '-enddate', stamp(to));
            return fs.readFileSync(`${own}.key`, 'utf8') + fs.readFileSync(`${own}.pem`, 'utf8');
        },
    };
}

module.exports = { makeAuthority };
