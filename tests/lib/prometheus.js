'use strict';
// A real Prometheus beside a running shop: it scrapes the listener for machines every second into a
// folder of its own, and answers queries until it is stopped.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { freePort, request, until } = require('./shop.js');

const PROGRAMS = process.env.PROMETHEUS ?? '/usr/bin';

class Prometheus {
    /** targets: {job: "host:port"}; rules: files. */
    async launch(targets, rules = []) {
        this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-prometheus-'));
        const file = path.join(this.folder, 'prometheus.yml');
        fs.writeFileSync(file, JSON.stringify({
            global: { scrape_interval: '1s', evaluation_interval: '1s' },
            rule_files: rules,
            scrape_configs: Object.entries(targets).map(([job, target]) =>
                ({ job_name: job, static_configs: [{ targets: [target] }] })),
        }));
        const port = await freePort();
        this.url = `http://127.0.0.1:${port}`;
        this.said = '';
        this.process = spawn(path.join(PROGRAMS, 'prometheus'), [`--config.file=${file}`,
            `--storage.tsdb.path=${path.join(this.folder, 'data')}`, '--log.level=warn',
            `--web.listen-address=127.0.0.1:${port}`], { stdio: ['ignore', 'pipe', 'pipe'] });
        for (const stream of [this.process.stdout, this.process.stderr])
            stream.setEncoding('utf8').on('data', (text) => { this.said += text; });
        this.ended = new Promise((resolve) => { this.process.on('close', resolve); });
        this.process.on('error', (error) => { this.said += error.message; });
        await until(() => request(this.url, { path: '/-/ready' })
            .then((answer) => answer.status === 200, () => false), 30);
        return this;
    }

    async api(address) {
        const answer = await request(this.url, { path: `/api/v1/${address}` });
        const { data, error } = JSON.parse(answer.body);
        if (error) throw new Error(`${address}: ${error}`);
        return data;
    }

    /** The series an instant query answers: [{metric, value: [seconds, text]}]. */
    async query(expression) {
        return (await this.api(`query?query=${encodeURIComponent(expression)}`)).result;
    }

    /** The series of a range query: [{metric, values: [[seconds, text]]}]. */
    async range(expression, from, to, step) {
        const query = encodeURIComponent(expression);
        return (await this.api(
            `query_range?query=${query}&start=${from}&end=${to}&step=${step}`)).result;
    }

    async stop() {
        this.process.kill('SIGTERM');
        await this.ended;
        fs.rmSync(this.folder, { recursive: true, force: true });
    }
}

function watch(targets, rules) { return new Prometheus().launch(targets, rules); }

module.exports = { PROGRAMS, watch };
