'use strict';
// What there is to attack, found as a person finds it: every form and every link with a query on
// the pages that person sees, once a kind; and every address of the table that holds an id or a
// name.
//
// A target is {name, method, address, fields: [[name, value]], spent}; a '*' in its address or in a
// value stands behind the part that is attacked. `spent`: the first request may use it up, and 404
// is the answer to the others.

const { ADDRESSES, ROUTES } = require('../../http/lib/routes.js');
const { decode } = require('../../lib/browser.js');
const { kindOf } = require('../../lib/crawl.js');

/** What somebody would type into a field that a page leaves empty. */
const TYPED = [
    [/password|^code$/, 'cometa verde'],
    [/email|^login$/, 'nadie@example.com'],
    [/date|^from$|^to$|_at$/, '2018-05-04'],
    [/_minute$/, '16:00'],
    [/phone/, '987654321'],
    [/cc_number/, '4242424242424241'], // fails Luhn: the order stays open
    [/cc_year/, '2030'],
    [/./, '7'],
];

const typed = (name) => TYPED.find(([pattern]) => pattern.test(name))[1];

/** The first value of each control of a form that has one to choose: options, boxes, buttons. */
function choices(html) {
    const chosen = new Map();
    const keep = (name, value) => { if (value && !chosen.has(name)) chosen.set(name, decode(value)); };
    for (const [, name, options] of html.matchAll(/<select\b[^>]*\bname="(\w+)"[^>]*>([\s\S]*?)<\/select>/g))
        for (const [, value] of options.matchAll(/<option\b[^>]*\bvalue="([^"]*)"/g)) keep(name, value);
    for (const [control] of html.matchAll(/<(?:input|button)\b[^>]*>/g))
        keep(control.match(/\bname="([^"]+)"/)?.[1], control.match(/\bvalue="([^"]*)"/)?.[1]);
    chosen.delete(undefined);
    return chosen;
}

/** One field a name, numbers aside: the rows of a list differ in nothing else. Without '*', which
 * marks. */
function filledIn(fields, chosen = new Map()) {
    const kinds = new Map();
    for (const [name, value] of [...new Map([...chosen, ...fields])]) {
        const kind = name.replace(/-\d+$/, '');
        if (!kinds.has(kind))
            kinds.set(kind, [name, (value || chosen.get(name) || typed(name)).replaceAll('*', '')]);
    }
    return [...kinds.values()];
}

/** The forms and the queries in links of one page. */
function ofPage(address, page) {
    const html = page.body.match(/<form\b[^>]*>[\s\S]*?<\/form>/gi) ?? [];
    const found = page.forms.map(({ action, method, fields }, i) => ({
        method, address: (action ?? address).split('#')[0], fields: filledIn(fields, choices(html[i])),
    }));
    for (const [, href] of page.body.matchAll(/<a\b[^>]*\bhref="(\/[^"#]*\?[^"#]*)/g)) {
        const [path, query] = decode(href).split('?');
        found.push({ method: 'GET', address: path, fields: filledIn([...new URLSearchParams(query)]) });
    }
    return found;
}

/** Targets of pages [{address, answer}], one a kind, with the fields that any of that kind has.
 * `leave`: addresses that are left alone. */
function ofPages(pages, leave) {
    const kinds = new Map();
    for (const { address, answer } of pages) {
        if (!/html/.test(answer.headers['content-type'] ?? '')) continue;
        for (const target of ofPage(address, answer)) {
            if (leave.test(target.address)) continue;
            const name = `${target.method} ${kindOf(target.address.split('?')[0])}`;
            const fields = filledIn([...target.fields, ...(kinds.get(name)?.fields ?? [])]);
            kinds.set(name, { ...target, ...kinds.get(name), name, fields });
        }
    }
    return [...kinds.values()].filter(({ fields }) => fields.some(([name]) => name !== 'csrf_token'));
}

/** Every page of the shop's table of routes that a person gets, [{address, answer}]. */
async function pagesOf(browser, world) {
    const pages = [];
    for (const row of ROUTES.filter((r) => r.get)) {
        const address = ADDRESSES[row.pattern](world);
        const answer = await browser.get(address);
        if (answer.status === 200) pages.push({ address, answer });
    }
    return pages;
}

/** Every address of the table with an id or a name in it, marked behind the last one. */
function pathsOf(world, token, which) {
    return ROUTES.filter((row) => row.pattern.includes('{') && which(row)).map((row) => ({
        name: `${row.get ? 'GET' : 'POST'} ${row.pattern}`,
        method: row.get ? 'GET' : 'POST',
        address: ADDRESSES[row.pattern](world)
            .replace(/([^/]+)(\/?|\/receipt\/|\/report-payment\/)$/, '$1*$2'),
        fields: row.get ? [] : [['csrf_token', token]], spent: !row.get,
    }));
}

module.exports = { ofPages, pagesOf, pathsOf };
