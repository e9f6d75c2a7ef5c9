'use strict';
// Finds every page of the administration that a link leads to, so that a page that is added is
// looked at without anybody thinking of it.

/** A page's kind: its path with numbers replaced. Lists differ by which filter or order is set. */
function kindOf(address) {
    const [path, query = ''] = address.split('?');
    const names = [...new URLSearchParams(query).keys()].sort();
    return path.replace(/\/\d+(?=\/)/g, '/{id}') + (names.length ? `?${names.join('&')}` : '');
}

/** The addresses below /admin/ that a page's links lead to. */
function linksOf(html) {
    return [...html.matchAll(/<a\b[^>]*\bhref="([^"#]*)/g)]
        .map(([, href]) => href.replaceAll('&amp;', '&'))
        .filter((href) => href.startsWith('/admin/'));
}

/** Walks from /admin/ over every link, at most `each` pages of a kind: [{address, kind, answer}]. */
async function crawl(browser, { each = 1, start = '/admin/' } = {}) {
    const seen = new Map();
    const pages = [];
    const queue = [start];
    const known = new Set(queue);
    while (queue.length) {
        const address = queue.shift();
        const kind = kindOf(address);
        if ((seen.get(kind) ?? 0) >= each) continue;
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
        const answer = await browser.get(address);
        pages.push({ address, kind, answer });
        if (!/html/.test(answer.headers['content-type'] ?? '')) continue;
        for (const link of linksOf(answer.body))
            if (!known.has(link)) {
                known.add(link);
                queue.push(link);
            }
    }
    return pages;
}

module.exports = { crawl, kindOf, linksOf };
