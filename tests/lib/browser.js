'use strict';
// A browser as far as tests need one: it keeps cookies, remembers the CSRF token of the last page,
// fills in and sends the forms that pages hold, and follows no redirect by itself. Node's own
// modules only.

const http = require('node:http');
const https = require('node:https');

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** The text that a piece of HTML stands for. */
function decode(html) {
    return html.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, number, name) => {
        if (hex || number) return String.fromCodePoint(hex ? parseInt(hex, 16) : Number(number));
        return ENTITIES[name] ?? all;
    });
}

/** What a person reads of a piece of HTML, in one line. */
function text(html) {
    return decode(html.replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' '))
        .replace(/\s+/g, ' ').trim();
}

/** The attributes of a start tag; one without a value is ''. */
function attributes(tag) {
    const found = {};
    const body = tag.replace(/^<[a-z0-9]+/i, '').replace(/\/?>$/, '');
    for (const [, name, , double, single, bare] of
        body.matchAll(/([^\s=/"'>]+)(\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g))
        found[name.toLowerCase()] = decode(double ?? single ?? bare ?? '');
    return found;
}

function selected(select) {
    const options = [...select.matchAll(/<option\b[^>]*>/gi)].map((m) => attributes(m[0]));
    const chosen = options.find((o) => 'selected' in o) ?? options[0];
    return chosen?.value ?? '';
}

const CONTROL =
    /<input\b[^>]*>|<select\b[^>]*>[\s\S]*?<\/select>|<textarea\b[^>]*>([\s\S]*?)<\/textarea>/gi;

/** The forms of a page: [{action, method, fields: [[name, value]]}] with what a browser would send
 * untouched. A button's own name and value are not among the fields. */
function forms(html) {
    return [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/gi)].map(([form]) => {
        const fields = [];
        for (const [control, content] of form.matchAll(CONTROL)) {
            const at = attributes(control.match(/^<[^>]*>/)[0]);
            if (!at.name || 'disabled' in at) continue;
            if (/^<select/i.test(control)) fields.push([at.name, selected(control)]);
            else if (/^<textarea/i.test(control)) fields.push([at.name, decode(content)]);
            else if (!/^(checkbox|radio)$/.test(at.type)) fields.push([at.name, at.value ?? '']);
            else if ('checked' in at) fields.push([at.name, at.value ?? 'on']);
        }
        const at = attributes(form.match(/^<[^>]*>/)[0]);
        return { action: at.action, method: (at.method ?? 'get').toUpperCase(), fields };
    });
}

/** [[name, value]] of an object (an array of values repeats a name), of pairs, or of nothing. */
function pairs(fields) {
    if (!fields) return [];
    if (Array.isArray(fields)) return fields;
    return Object.entries(fields).flatMap(([name, value]) =>
        (Array.isArray(value) ? value : [value]).filter((v) => v !== undefined)
            .map((v) => [name, v]));
}

function bytes(value) {
    return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
}

/** application/x-www-form-urlencoded; values may be Buffers of any bytes. */
function urlencoded(fields) {
    const escape = (value) => [...bytes(value)].map((b) =>
        (/[A-Za-z0-9._-]/.test(String.fromCharCode(b)) ? String.fromCharCode(b)
            : `%${b.toString(16).padStart(2, '0').toUpperCase()}`)).join('');
    return {
        type: 'application/x-www-form-urlencoded',
        body: Buffer.from(pairs(fields).map(([n, v]) => `${escape(n)}=${escape(v)}`).join('&')),
    };
}

/** multipart/form-data; a value {filename, type, data} is a file. */
function multipart(fields) {
    const boundary = `----taller${Math.random().toString(36).slice(2)}`;
    const parts = [];
    for (const [name, value] of pairs(fields)) {
        const file = value && value.data !== undefined;
        parts.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"`
            + (file ? `; filename="${value.filename}"\r\nContent-Type: ${value.type}` : '')
            + '\r\n\r\n'), bytes(file ? value.data : value), Buffer.from('\r\n'));
    }
    parts.push(Buffer.from(`--${boundary}--\r\n`));
    return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(parts) };
}

/** Sends one request and gives {status, headers, raw, body, cookies, location, text, forms}.
 * options: method, path (as it is sent), headers, body, and others of node:https. */
function request(url, options = {}) {
    const { body, ...rest } = options;
    // Taken apart here, because https.request(url, { path }) of Debian 12's Node forgets the path.
    const { protocol, hostname: host, port } = new URL(url);
    return new Promise((resolve, reject) => {
        const sent = (protocol === 'https:' ? https : http).request({
            host, port, rejectUnauthorized: false, timeout: 60000, ...rest,
        }, (response) => {
            const chunks = [];
            response.on('data', (chunk) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () => resolve(new Response(response, Buffer.concat(chunks))));
        });
        sent.on('timeout', () => sent.destroy(new Error(`no answer: ${url} ${rest.path}`)));
        sent.on('error', reject);
        sent.end(body);
    });
}

class Response {
    constructor(message, raw) {
        this.status = message.statusCode;
        this.headers = message.headers;
        this.raw = raw;
        this.body = raw.toString('utf8');
        this.location = message.headers.location;
        this.cookies = message.headers['set-cookie'] ?? [];
    }

    /** What a person reads of the whole page, or of its <main>. */
    get text() { return text(this.body); }
    get main() { return text(this.body.match(/<main\b[\s\S]*<\/main>/)?.[0] ?? ''); }
    get title() { return text(this.body.match(/<h1\b[^>]*>([\s\S]*?)<\/h1>/)?.[1] ?? ''); }
    get forms() { return forms(this.body); }
    get csrf() { return decode(this.body.match(/name="csrf_token" value="([^"]*)"/)?.[1] ?? ''); }

    /** The form that posts to an address (a string or a pattern). */
    form(action) {
        const found = this.forms.filter((f) => (typeof action === 'string'
            ? f.action === action : action.test(f.action ?? '')));
        if (!found.length)
            throw new Error(`no form posts to ${action}: ${this.status} ${this.main.slice(0, 300)}`);
        return found[0];
    }
}

class Browser {
    /** options: language ('es' by default; null sends no Accept-Language), headers. */
    constructor(origin, options = {}) {
        this.origin = origin;
        this.cookies = new Map();
        this.token = '';
        this.page = null; // the last page seen
        this.headers = {
            ...(options.language === null ? {} : { 'Accept-Language': options.language ?? 'es' }),
            ...options.headers,
        };
        this.agent = new https.Agent({ keepAlive: true, maxSockets: options.sockets ?? 8 });
    }

    close() { this.agent.destroy(); }

    cookieHeader() { return [...this.cookies].map(([n, v]) => `${n}=${v}`).join('; '); }

    async request(method, path, { headers = {}, body, ...options } = {}) {
        const cookie = this.cookieHeader();
        const response = await request(this.origin, {
            method, path, body, agent: this.agent, ...options,
            headers: {
                ...this.headers, ...(cookie ? { Cookie: cookie } : {}),
                ...(body === undefined ? {} : { 'Content-Length': body.length }), ...headers,
            },
        });
        this.keepCookies(response);
        if (response.csrf) this.token = response.csrf;
        if (/text\/html/.test(response.headers['content-type'] ?? '')) this.page = response;
        response.path = path;
        return response;
    }

    keepCookies(response) {
        for (const line of response.cookies) {
            const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
            if (/;\s*Max-Age=0\b/i.test(line)) this.cookies.delete(name);
            else this.cookies.set(name, value);
        }
    }

    get(path, options) { return this.request('GET', path, options); }
    head(path, options) { return this.request('HEAD', path, options); }

    /** Posts fields with the last page's CSRF token. options: token (another one; null: none),
     * multipart (true: as multipart/form-data), and those of request(). */
    post(path, fields, { token = this.token, multipart: many, headers, ...options } = {}) {
        const all = pairs(fields);
        if (token !== null && !all.some(([name]) => name === 'csrf_token'))
            all.unshift(['csrf_token', token]);
        const { type, body } = (many ? multipart : urlencoded)(all);
        return this.request('POST', path,
            { body, headers: { 'Content-Type': type, ...headers }, ...options });
    }

    /** Fills in and sends the form of the last page that posts to `action`, as a browser would:
     * hidden fields and presets as they stand, `values` over them (undefined takes one away). */
    submit(action, values = {}, options = {}) {
        const form = (options.page ?? this.page).form(action);
        const over = Object.fromEntries(Object.entries(values));
        const fields = form.fields.filter(([name]) => !(name in over)).concat(pairs(over));
        return this.post(form.action, fields, { token: null, ...options });
    }

    /** The page a redirect leads to. */
    follow(response) {
        if (!response.location)
            throw new Error(`no redirect: ${response.status} ${response.main.slice(0, 300)}`);
        return this.get(response.location);
    }
}

module.exports = {
    Browser, Response, request, urlencoded, multipart, forms, pairs, text, decode,
};
