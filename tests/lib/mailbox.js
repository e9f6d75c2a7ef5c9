'use strict';
// A mail server on loopback that keeps what it gets, read by a mail reader's parser; certificates
// for it, made by an authority of the test's own. The packages are those of tests/e2e.
//
//     const authority = makeAuthority(folder);
//     const mailbox = await openMailbox({ authority });
//     const shop = await start({ ...mailbox.shop });        // tests/lib/shop.js
//     const mail = await mailbox.next();                    // {subject, text, html, raw, session…}
//     await mailbox.close();

const { createRequire } = require('node:module');
const path = require('node:path');
const { makeAuthority } = require('./certificates.js');
const { ROOT, until } = require('./shop.js');

const packages = createRequire(path.join(ROOT, 'tests/e2e/package.json'));
const { SMTPServer } = packages('smtp-server');
const { simpleParser } = packages('mailparser');

const USER = 'buzón@academia.example';
const PASSWORD = 'una clave con ñ y espacios';

class Mailbox {
    constructor(options) {
        this.options = options;
        this.mails = [];    // in the order they came
        this.logins = [];   // users that came in
        this.taken = 0;     // of `mails` by next()
        /** Set by a test: (address) => an error's text with its code in front, or nothing. */
        this.refuse = () => null;
    }

    async open(port = this.port ?? 0) {
        const { secure = false, auth = true, names } = this.options;
        this.identity ??= this.options.authority?.issue(names);
        this.server = new SMTPServer({
            secure, ...this.identity, authOptional: !auth, logger: false, disableReverseLookup: true,
            disabledCommands: [...(auth ? [] : ['AUTH']), ...(this.identity ? [] : ['STARTTLS'])],
            onAuth: (login, session, done) => {
                this.logins.push(login.username);
                const known = login.username === USER && login.password === PASSWORD;
                done(known ? null : new Error('wrong user or password'), { user: login.username });
            },
            onRcptTo: ({ address }, session, done) => {
                const text = this.refuse(address);
                done(text ? Object.assign(new Error(text.slice(4)),
                    { responseCode: Number(text.slice(0, 3)) }) : null);
            },
            onData: (stream, session, done) => {
                const chunks = [];
                stream.on('data', (chunk) => chunks.push(chunk));
                stream.on('end', () => this.keep(Buffer.concat(chunks), session).then(done, done));
            },
        });
        this.server.on('error', () => {}); // a client that trusts nobody hangs up
        await new Promise((resolve) => { this.server.listen(port, '127.0.0.1', resolve); });
        this.port = this.server.server.address().port;
        return this;
    }

    async keep(raw, session) {
        const mail = await simpleParser(raw);
        this.mails.push(Object.assign(mail, {
            raw: raw.toString('latin1'), secure: session.secure, user: session.user,
            envelope: session.envelope, protocol: session.tlsOptions?.version,
        }));
    }

    /** What shop.start() needs to send here. */
    get shop() {
        const { secure = false, auth = true, authority } = this.options;
        const user = auth ? `${encodeURIComponent(USER)}@` : '';
        return {
            args: ['--smtp', `${secure ? 'smtps' : 'smtp'}://${user}127.0.0.1:${this.port}`,
                ...(authority ? ['--ca-file', authority.file] : [])],
            env: auth ? { TALLER_SMTP_PASSWORD: PASSWORD } : {},
        };
    }

    /** The next mail that was not asked for yet. */
    async next(seconds) {
        await until(() => this.mails.length > this.taken, seconds);
        return this.mails[this.taken++];
    }

    close() {
        return new Promise((resolve) => { this.server.close(resolve); });
    }
}

/** options: authority (from makeAuthority; none: no TLS), names (of its certificate), secure (TLS
 * right away), auth (false: none is asked for). */
function openMailbox(options = {}) { return new Mailbox(options).open(); }

module.exports = { makeAuthority, openMailbox, USER, PASSWORD };
