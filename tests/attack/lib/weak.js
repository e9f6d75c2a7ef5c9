'use strict';
// A server with the mistakes that the tools look for, over real SQLite and real TLS: a tool that
// finds nothing here would find nothing in the shop either. Beside each mistake stands the same
// thing done well, which must not be found.

const { execFile } = require('node:child_process');
const https = require('node:https');
const path = require('node:path');
const { makeAuthority } = require('../../lib/certificates.js');

const PAGE = (body) => `<!doctype html><html><body>${body}</body></html>`;
const INDEX = '<a href="/find?q=a">find</a> <a href="/one?id=1">one</a> <a href="/hello?name=Ana">hello</a>';

const escape = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** What a statement answers, or what SQLite says is wrong with it. */
function query(file, statement) {
    return new Promise((resolve) => {
        execFile('sqlite3', [file, statement], (error, stdout, stderr) =>
            resolve(error ? `[SQLITE_ERROR] ${stderr}` : stdout));
    });
}

const ROUTES = {
    '/': () => INDEX,
    // A value becomes SQL.
    '/find': ({ q }, db) => query(db, `SELECT title FROM workshop WHERE title LIKE '%${q}%'`)
        .then(escape),
    '/one': ({ id }, db) => query(db, `SELECT title FROM workshop WHERE id = ${Number(id) || 0}`),
    // A value becomes HTML.
    '/hello': ({ name }) => `Hello, ${name}! <a href="/bye?name=Ana">Bye</a>`,
    '/bye': ({ name }) => `Bye, ${escape(name ?? '')}.`,
};

/** Serves in a folder until close(): {url, close}. */
async function openWeak(folder) {
    const db = path.join(folder, 'weak.db');
    await query(db, `CREATE TABLE workshop (id INTEGER PRIMARY KEY, title TEXT);
        INSERT INTO workshop (title) VALUES ('Ajedrez'), ('Cerámica'), ('Guitarra');`);
    const server = https.createServer(makeAuthority(folder, 'weak').issue(), async (request, response) => {
        const { pathname, searchParams } = new URL(request.url, 'https://weak');
        const route = ROUTES[pathname];
        const body = route ? await route(Object.fromEntries(searchParams), db) : 'Not found.';
        response.writeHead(route ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' });
        response.end(PAGE(body));
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return {
        url: `https://127.0.0.1:${server.address().port}`,
        close: () => new Promise((resolve) => {
            server.close(resolve);
            server.closeAllConnections();
        }),
    };
}

module.exports = { openWeak };
