// Starts the server of door_echo.c and talks to it in raw bytes, so that tests can say what no HTTP client would.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const tls = require('node:tls');

function program() {
  const beside = process.env.TALLER && path.join(path.dirname(process.env.TALLER), 'door_echo');
  return beside && fs.existsSync(beside) ? beside : path.join(__dirname, '../../../build/dev/door_echo');
}

// Options are those of door_echo.c. Answers its ports, a folder of its own, and stop().
async function startDoor(options = {}) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'taller-door-'));
  const args = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  const child = spawn(program(), [path.join(dir, 'tls'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text) => (errors += text));
  const exited = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
  const first = await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), exited]);
  if (!Buffer.isBuffer(first)) throw new Error(`door_echo ended: ${JSON.stringify(first)} ${errors}`);
  return {
    ...JSON.parse(first),
    dir,
    errors: () => errors,
    signal: (name) => child.kill(name),
    // What it answers to a signal.
    says: (name) => new Promise((resolve) => {
      child.stdout.once('data', (text) => resolve(String(text).trim()));
      child.kill(name);
    }),
    exited,
    // By SIGTERM, if it still runs.
    async stop() {
      child.kill('SIGTERM');
      const end = await exited;
      fs.rmSync(dir, { recursive: true, force: true });
      if (end.code !== 0) throw new Error(`door_echo ended with ${JSON.stringify(end)}: ${errors}`);
    },
  };
}

// One response out of the bytes that came; null while it is not complete.
function parseResponse(bytes, method) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const status = Number(first.split(' ')[1]);
  const length = method === 'HEAD' || status === 304 || status === 100 ? 0 : Number(headers['content-length'] ?? 0);
  if (bytes.length < end + 4 + length) return null;
  const body = bytes.subarray(end + 4, end + 4 + length);
  return { status, headers, body: body.toString(), bytes: body, size: end + 4 + length };
}

// A connection that remembers what came: send(), response(), closed().
class Connection {
  constructor(socket) {
    this.socket = socket;
    this.bytes = Buffer.alloc(0);
    this.ended = false;
    this.waiters = [];
    socket.on('data', (data) => {
      this.bytes = Buffer.concat([this.bytes, data]);
      this.wake();
    });
    const over = () => {
      this.ended = true;
      this.wake();
    };
    socket.on('end', over);
    socket.on('close', over);
    socket.on('error', over);
  }

  wake() {
    for (const waiter of this.waiters.splice(0)) waiter();
  }

  send(text) {
    this.socket.write(text);
    return this;
  }

  // Waits until `ready` answers something but null, or the connection ends, or the time is over.
  async until(ready, ms = 10000) {
    const limit = Date.now() + ms;
    for (;;) {
      const answer = ready();
      if (answer !== null) return answer;
      if (this.ended) return null;
      const left = limit - Date.now();
      if (left <= 0) throw new Error(`nothing within ${ms} ms; so far: ${this.bytes.toString('latin1').slice(0, 300)}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  // The next response, or null when the connection ended without one.
  async response(method = 'GET', ms) {
    const response = await this.until(() => parseResponse(this.bytes, method), ms);
    if (response) this.bytes = this.bytes.subarray(response.size);
    return response;
  }

  // Resolves when the server closed; answers what was left unread.
  async closed(ms) {
    await this.until(() => (this.ended ? true : null), ms);
    return this.bytes.toString('latin1');
  }

  destroy() {
    this.socket.destroy();
  }
}

function connectPlain(port, options = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', ...options });
    socket.once('connect', () => resolve(new Connection(socket)));
    socket.once('error', reject);
  });
}

function connectTls(port, options = {}) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'], ...options });
    socket.once('secureConnect', () => resolve(new Connection(socket)));
    socket.once('error', reject);
  });
}

// Sends bytes over TLS, answers the first response.
async function ask(port, text, method) {
  const connection = await connectTls(port);
  connection.send(text);
  const response = await connection.response(method);
  connection.destroy();
  return response;
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

module.exports = { startDoor, connectPlain, connectTls, ask, sleep };
