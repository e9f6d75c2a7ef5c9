'use strict';
// Stands in for the mail catcher of k8s/compose.yaml, in its image's place and with its settings:
// takes mail at MP_SMTP_BIND_ADDR and shows it all at MP_UI_BIND_ADDR.

const http = require('node:http');
const net = require('node:net');

const mails = [];

/** Speaks as much of RFC 5321 as a client needs that sends one mail after the other. */
function converse(socket) {
    let rest = '';
    let mail = null; // its lines, while they come
    const say = (line) => socket.write(`${line}\r\n`);
    const take = (line) => {
        if (mail && line !== '.') {
            mail.push(line);
        } else if (mail) {
            mails.push(mail.join('\n'));
            mail = null;
            say('250 kept');
        } else if (/^QUIT/i.test(line)) {
            socket.end('221 bye\r\n');
        } else if (/^DATA/i.test(line)) {
            mail = [];
            say('354 go on');
        } else {
            say('250 ok');
        }
    };
    socket.setEncoding('utf8').on('error', () => {}).on('data', (chunk) => {
        const lines = (rest + chunk).split('\r\n');
        rest = lines.pop();
        lines.forEach(take);
    });
    say('220 catcher');
}

function listen(server, address) {
    const [host, port] = address.split(':');
    server.listen(Number(port), host);
}

listen(net.createServer(converse), process.env.MP_SMTP_BIND_ADDR);
listen(http.createServer((request, response) => response.end(mails.join('\n\n'))),
    process.env.MP_UI_BIND_ADDR);
process.on('SIGTERM', () => process.exit(0));
