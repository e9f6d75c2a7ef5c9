'use strict';
// A browser and what every page is asked: no error in the console, nothing wider than the screen,
// no finding of axe, valid HTML, nothing unset printed. Pictures of the pages are kept under
// build/e2e. E2E=sample looks at each page in two looks instead of up to four, and keeps no picture.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const axe = require('axe-core');
const { chromium } = require('playwright-core');
const { HtmlValidate } = require('html-validate');

const SAMPLE = process.env.E2E === 'sample';
const PICTURES = path.resolve(__dirname, '../../build/e2e');
const WIDTHS = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } };

const validator = new HtmlValidate({
    extends: ['html-validate:standard'],
    rules: {
        'no-trailing-whitespace': 'off', // white space is the compiler's business
        'attribute-boolean-style': 'off',
        'void-style': 'off',
        'long-title': 'off', // titles hold what schools call their workshops
        'require-sri': 'off', // everything comes from the site itself
        'no-implicit-button-type': 'error',
    },
});

let browser;

/** The browser; more flags for it may be given. */
async function open(flags = []) {
    browser = await chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu',
            '--disable-background-networking', '--disable-component-update', '--disable-sync',
            ...flags],
    });
    return browser;
}

async function close() {
    await browser?.close();
}

/** A visitor: {page, context, errors, name, html()}. options: lang, width ('phone', 'desk'), scheme,
 * script. */
async function visitor({ lang = 'es', width = 'phone', scheme = 'light', script = true } = {}) {
    const context = await browser.newContext({
        ignoreHTTPSErrors: true, locale: lang, viewport: WIDTHS[width], colorScheme: scheme,
        javaScriptEnabled: script, reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(20000);
    const page = await context.newPage();
    const errors = [];
    let answer;
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
        // A refused form is a 422 on purpose; the browser mentions it.
        if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))
            errors.push(message.text());
    });
    page.on('request', (request) => {
        if (!/^(https:\/\/127\.0\.0\.1|data:)/.test(request.url())) errors.push(request.url());
    });
    page.on('response', (response) => {
        if (response.request().isNavigationRequest()) answer = response;
    });
    return {
        page, context, errors, lang, script, name: `${lang}-${width}-${scheme}${script ? '' : '-noscript'}`,
        /** The last page's status, and its HTML as it came. */
        status: () => answer.status(),
        html: () => answer.text(),
    };
}

/** A visitor who is the family of a `Browser` of ../lib/browser.js: logged in as it is. */
async function enter(family, options) {
    const who = await visitor(options);
    await who.context.addCookies([...family.cookies].filter(([name]) => /session/.test(name))
        .map(([name, value]) => ({
            name, value, url: family.origin, secure: true, httpOnly: true, sameSite: 'Lax',
        })));
    return who;
}

async function keepPicture(page, name) {
    const picture = path.join(PICTURES, name);
    fs.mkdirSync(path.dirname(picture), { recursive: true });
    await page.screenshot({ path: picture, fullPage: true, quality: 80 });
}

/** What every page owes; `name` is also the picture's. */
async function inspect(who, name, { axe = true } = {}) {
    const { page } = who;
    if (who.script) await showPictures(page);
    if (!SAMPLE) await keepPicture(page, `${name}-${who.name}.jpg`);
    assert.deepEqual(who.errors, [], `${name}: the browser complained`);
    if (who.script) { // without script the page cannot be measured from inside
        const wide = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${name}, ${who.name}: ${wide} pixels wider than the screen`);
        if (axe) await audit(page, `${name}, ${who.name}`);
    }
    assert.doesNotMatch(await page.textContent('body'),
        /\bNone\b|\(null\)|\bundefined\b|\bNaN\b|\{[a-z_]+\}/, `${name}: something unset is printed`);
}

/** The same page in several looks, such as 'phone-light'. Its elements are the same in each, so it
 * is loaded once. */
async function inspectLooks(who, name, looks, options) {
    for (const look of SAMPLE ? new Set([looks[0], looks.at(-1)]) : looks) {
        const [width, colorScheme] = look.split('-');
        await who.page.setViewportSize(WIDTHS[width]);
        await who.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        who.name = `${who.lang}-${look}`;
        await inspect(who, name, options);
    }
}

/** Pictures that wait to be scrolled to are loaded, and every picture is there. */
async function showPictures(page) {
    const broken = await page.evaluate(async () => {
        const pictures = [...document.images];
        for (const picture of pictures) picture.loading = 'eager';
        await Promise.all(pictures.map((picture) => picture.decode().catch(() => {})));
        return pictures.filter((picture) => !picture.naturalWidth).map((picture) => picture.src);
    });
    assert.deepEqual(broken, [], 'pictures that do not load');
}

async function audit(page, name) {
    if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe.source);
    const findings = await page.evaluate(async () => {
        const { violations } = await window.axe.run({ resultTypes: ['violations'] });
        return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`);
    });
    assert.deepEqual(findings, [], `${name}: axe`);
}

async function validate(html, name) {
    const report = await validator.validateString(html);
    assert.deepEqual(report.results.flatMap((r) => r.messages)
        .map((m) => `${m.line}: ${m.ruleId}: ${m.message}`), [], `${name}: markup`);
}

module.exports = { open, close, visitor, enter, inspect, inspectLooks, validate };
