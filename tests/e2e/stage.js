'use strict';
// A browser and what every page is asked: no error in the console, nothing wider than the screen,
// no finding of axe, valid HTML. Pictures of the pages are kept under build/e2e.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');
const { AxeBuilder } = require('@axe-core/playwright');
const { HtmlValidate } = require('html-validate');

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

async function open() {
    browser = await chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu',
            '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    return browser;
}

async function close() {
    await browser?.close();
}

/** A visitor: {page, context, errors}. options: lang, width ('phone', 'desk'), scheme, script. */
async function visitor({ lang = 'es', width = 'phone', scheme = 'light', script = true } = {}) {
    const context = await browser.newContext({
        ignoreHTTPSErrors: true, locale: lang, viewport: WIDTHS[width], colorScheme: scheme,
        javaScriptEnabled: script, reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(20000);
    const page = await context.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
        // A refused form is a 422 on purpose; the browser mentions it.
        if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))
            errors.push(message.text());
    });
    page.on('request', (request) => {
        if (!/^(https:\/\/127\.0\.0\.1|data:)/.test(request.url())) errors.push(request.url());
    });
    return { page, context, errors, name: `${lang}-${width}-${scheme}${script ? '' : '-noscript'}` };
}

/** What every page owes; `name` is also the picture's. */
async function inspect(who, name, { axe = true } = {}) {
    const { page } = who;
    const picture = path.join(PICTURES, `${name}-${who.name}.png`);
    fs.mkdirSync(path.dirname(picture), { recursive: true });
    await page.screenshot({ path: picture, fullPage: true });
    assert.deepEqual(who.errors, [], `${name}: the browser complained`);
    if (!who.name.endsWith('noscript')) { // without script the page cannot be measured from inside
        const wide = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${name}: ${wide} pixels wider than the screen`);
        if (axe) await audit(page, name);
    }
    assert.doesNotMatch(await page.textContent('body'), /\bNone\b|\(null\)|undefined|\{[a-z_]+\}/,
        `${name}: something unset is printed`);
}

async function audit(page, name) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`), [],
        `${name}: axe`);
}

async function validate(html, name) {
    const report = await validator.validateString(html);
    assert.deepEqual(report.results.flatMap((r) => r.messages)
        .map((m) => `${m.line}: ${m.ruleId}: ${m.message}`), [], `${name}: markup`);
}

module.exports = { open, close, visitor, inspect, validate };
