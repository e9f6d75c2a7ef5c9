'use strict';
// S3-compatible storage on loopback that believes nothing: it works out every signature itself from
// the request as it came (AWS Signature Version 4), and the checksum of every body.
//
//     const storage = await openStorage();
//     storage.objects            Map of "bucket/key" to Buffer
//     storage.refuse = (request) => status or nothing
//     storage.ranges = false     it gives whole objects only, whatever is asked for
//     storage.skew = 1           it says that a part begins elsewhere
//     await storage.close();

const { createHash, createHmac } = require('node:crypto');
const http = require('node:http');

const ACCESS = 'ESCUELA1';
const SECRET = 'clave/secreta+1';
const REGION = 'lima-1';

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, data) => createHmac('sha256', key).update(data).digest();
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const etagOf = (body) => `"${createHash('md5').update(body).digest('hex')}"`;
const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** Why a request is not to be believed, or null. */
function fault(request, body) {
    const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
        .exec(request.headers.authorization ?? '');
    if (!match) return 'AccessDenied';
    const [, access, day, region, signed, signature] = match;
    const date = request.headers['x-amz-date'] ?? '';
    if (access !== ACCESS) return 'InvalidAccessKeyId';
    if (region !== REGION || !date.startsWith(day)) return 'AuthorizationHeaderMalformed';
    const at = Date.parse(date.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'));
    if (!(Math.abs(Date.now() - at) < 900e3)) return 'RequestTimeTooSkewed';
    const names = signed.split(';');
    if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => names.includes(name))) return 'AccessDenied';
    const url = new URL(request.url, 'http://x');
    const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort().join('&');
    const canonical = [request.method, url.pathname.split('/').map((part) => encode(decodeURIComponent(part))).join('/'),
        query, ...names.map((name) => `${name}:${request.headers[name].trim()}`), '', signed,
        request.headers['x-amz-content-sha256']].join('\n');
    const text = ['AWS4-HMAC-SHA256', date, `${day}/${region}/s3/aws4_request`, sha256(canonical)].join('\n');
    const key = [day, region, 's3', 'aws4_request'].reduce((one, part) => hmac(one, part), `AWS4${SECRET}`);
    if (hmac(key, text).toString('hex') !== signature) return 'SignatureDoesNotMatch';
    return sha256(body) === request.headers['x-amz-content-sha256'] ? null : 'XAmzContentSHA256Mismatch';
}

class Storage {
    constructor() {
        Object.assign(this, { objects: new Map(), uploads: new Map(), seen: [], page: 1000, ranges: true, skew: 0 });
        this.refuse = () => 0;
        this.server = http.createServer((request, response) => {
            const chunks = [];
            request.on('data', (chunk) => chunks.push(chunk));
            request.on('end', () => this.answer(request, Buffer.concat(chunks), response));
        });
    }

    answer(request, body, response) {
        const url = new URL(request.url, 'http://x');
        const reply = (status, text = '', headers = {}) => {
            response.writeHead(status, headers);
            response.end(text);
        };
        const error = (status, code) => reply(status, `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>told by the storage</Message></Error>`);
        this.seen.push(`${request.method} ${request.url}`);
        const reason = fault(request, body);
        if (reason) return error(403, reason);
        const status = this.refuse(request, url);
        if (status) return error(status, 'SlowDown');
        const place = decodeURIComponent(url.pathname.slice(1));
        const upload = url.searchParams.get('uploadId');
        if (request.method === 'GET' && url.searchParams.get('list-type') === '2')
            return reply(200, this.list(place, url.searchParams));
        if (request.method === 'GET') return this.give(place, request.headers, reply, error);
        if (request.method === 'POST' && url.searchParams.has('uploads')) {
            const id = `u&${this.uploads.size + 1}`;
            this.uploads.set(id, { place, parts: new Map() });
            return reply(200, `<InitiateMultipartUploadResult><UploadId>${escape(id)}</UploadId></InitiateMultipartUploadResult>`);
        }
        if (upload !== null && this.uploads.get(upload)?.place !== place) return error(404, 'NoSuchUpload');
        if (request.method === 'PUT') {
            const etag = etagOf(body);
            if (upload === null) this.objects.set(place, body);
            else this.uploads.get(upload).parts.set(Number(url.searchParams.get('partNumber')), { etag, body });
            return reply(200, '', { etag });
        }
        if (request.method === 'POST') return this.complete(upload, String(body), reply, error);
        if (request.method === 'DELETE') {
            if (upload === null) this.objects.delete(place);
            else this.uploads.delete(upload);
            return reply(204);
        }
        return error(405, 'MethodNotAllowed');
    }

    give(place, headers, reply, error) {
        if (!this.objects.has(place)) return error(404, 'NoSuchKey');
        const body = Buffer.from(this.objects.get(place));
        const etag = etagOf(body);
        if (headers['if-match'] !== undefined && headers['if-match'] !== etag) return error(412, 'PreconditionFailed');
        const range = this.ranges && /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
        if (!range) return reply(200, body, { etag });
        const part = body.subarray(Number(range[1]), Number(range[2]) + 1);
        if (!part.length) return error(416, 'InvalidRange');
        return reply(206, part, { etag,
            'content-range': `bytes ${Number(range[1]) + this.skew}-${Number(range[1]) + part.length - 1}/${body.length}` });
    }

    complete(id, xml, reply, error) {
        const { place, parts } = this.uploads.get(id);
        const named = [...xml.matchAll(/<Part><PartNumber>(\d+)<\/PartNumber><ETag>([^<]+)<\/ETag><\/Part>/g)];
        if (named.length !== parts.size || !named.every(([, number, etag], at) => Number(number) === at + 1
            && parts.get(at + 1)?.etag === etag)) return error(400, 'InvalidPart');
        this.objects.set(place, Buffer.concat(named.map(([, number]) => parts.get(Number(number)).body)));
        this.uploads.delete(id);
        return reply(200, '<CompleteMultipartUploadResult/>');
    }

    list(bucket, query) {
        const keys = [...this.objects.keys()].filter((key) => key.startsWith(`${bucket}/${query.get('prefix')}`))
            .map((key) => key.slice(bucket.length + 1)).sort();
        const from = Number(query.get('continuation-token') ?? 0);
        const more = from + this.page < keys.length;
        return `<ListBucketResult><IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${from + this.page}</NextContinuationToken>` : ''}${
            keys.slice(from, from + this.page).map((key) => `<Contents><Key>${escape(key)}</Key></Contents>`).join('')}</ListBucketResult>`;
    }

    async open() {
        await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
        this.url = `http://127.0.0.1:${this.server.address().port}`;
        return this;
    }

    close() {
        this.server.closeAllConnections();
        return new Promise((resolve) => { this.server.close(resolve); });
    }
}

function openStorage() { return new Storage().open(); }

module.exports = { ACCESS, REGION, SECRET, openStorage };
