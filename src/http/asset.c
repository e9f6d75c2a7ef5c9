/* Serves the embedded files. */
#include "http/asset.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum coding { CODING_IDENTITY, CODING_GZIP, CODING_BROTLI, CODING_COUNT };

static const struct {
    const char *name, *suffix; /* the suffix tells the variants' entity tags apart */
} codings[CODING_COUNT] = {
    [CODING_IDENTITY] = {"identity", ""},
    [CODING_GZIP] = {"gzip", "-gz"},
    [CODING_BROTLI] = {"br", "-br"},
};

static const struct asset *find(const char *path) {
    size_t from = 0, to = asset_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(asset_table[middle].path, path);
        if (order == 0)
            return &asset_table[middle];
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

/* ---- Accept-Encoding ---- */

static const char *skip_blank(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

/* The q of "; q=0.5" in thousandths; 1000 where there is none, 0 where it is malformed. */
static int quality(const char *at, const char *end) {
    at = skip_blank(at, end);
    if (at == end)
        return 1000;
    at = skip_blank(at + 1, end);
    if (end - at < 3 || (*at != 'q' && *at != 'Q') || at[1] != '=' || at[2] < '0' || at[2] > '1')
        return 0;
    int value = (at[2] - '0') * 1000, digit = 100;
    at += 3;
    if (at < end && *at == '.')
        for (at++; at < end && *at >= '0' && *at <= '9' && digit > 0; at++, digit /= 10)
            value += (*at - '0') * digit;
    return value > 1000 ? 1000 : value;
}

static bool is_name(const char *at, size_t len, const char *name) {
    return strlen(name) == len && strncasecmp(at, name, len) == 0;
}

/* Fills in how welcome each coding is, in thousandths. */
static void read_preferences(const char *header, int q[CODING_COUNT]) {
    int others = -1; /* "*" */
    for (int i = 0; i < CODING_COUNT; i++)
        q[i] = -1;
    for (const char *at = header; *at;) {
        const char *end = at + strcspn(at, ","), *next = *end ? end + 1 : end;
        at = skip_blank(at, end);
        size_t len = strcspn(at, "; \t,");
        int weight = quality(at + len, end);
        if (is_name(at, len, "*"))
            others = weight;
        for (int i = 0; i < CODING_COUNT; i++)
            if (is_name(at, len, codings[i].name))
                q[i] = weight;
        at = next;
    }
    for (int i = 0; i < CODING_COUNT; i++)
        if (q[i] < 0) /* not named: "*" decides; identity is welcome unless refused */
            q[i] = others >= 0 ? others : i == CODING_IDENTITY ? 1 : 0;
}

static const struct asset_body *variant(const struct asset *asset, enum coding coding) {
    switch (coding) {
    case CODING_GZIP:
        return &asset->gzip;
    case CODING_BROTLI:
        return &asset->brotli;
    case CODING_IDENTITY:
    case CODING_COUNT:
        break;
    }
    return &asset->identity;
}

/* The most welcome variant; among equals the smaller one. Identity when nothing is. */
static enum coding choose(const struct asset *asset, const char *header) {
    int q[CODING_COUNT];
    read_preferences(header ? header : "", q);
    enum coding best = CODING_IDENTITY;
    for (int i = CODING_GZIP; i < CODING_COUNT; i++) {
        enum coding coding = (enum coding)i;
        const struct asset_body *body = variant(asset, coding);
        if (!body->bytes || q[i] == 0 || q[i] < q[best])
            continue;
        if (q[i] > q[best] || body->len < variant(asset, best)->len)
            best = coding;
    }
    return best;
}

/* If-None-Match: a list of entity tags or "*"; weak comparison (RFC 9110, 13.1.2). */
static bool has_tag(const char *header, const char *tag) {
    size_t len = strlen(tag);
    for (const char *at = header; at && *at;) {
        at += strspn(at, " \t,");
        if (*at == '*')
            return true;
        if (strncmp(at, "W/", 2) == 0)
            at += 2;
        if (strncmp(at, tag, len) == 0)
            return true;
        at += strcspn(at, ",");
    }
    return false;
}

static const struct asset *find_named(const char *name) {
    for (size_t i = 0; i < asset_count; i++)
        if (strcmp(asset_table[i].name, name) == 0)
            return &asset_table[i];
    return NULL;
}

const void *asset_bytes(const char *name, size_t *size) {
    const struct asset *asset = find_named(name);
    if (!asset)
        return NULL;
    *size = asset->identity.len;
    return asset->identity.bytes;
}

const char *asset_address(const char *name) {
    const struct asset *asset = find_named(name);
    return asset ? asset->path : NULL;
}

bool asset_serve(const struct request *request, struct response *response) {
    const struct asset *asset = find(request->path);
    if (!asset)
        return false;
    enum coding coding = choose(asset, request_header(request, "Accept-Encoding"));
    const struct asset_body *body = variant(asset, coding);
    char tag[40];
    snprintf(tag, sizeof(tag), "\"%s%s\"", asset->tag, codings[coding].suffix);
    response_header(response, "Cache-Control", "public, max-age=31536000, immutable");
    response_header(response, "ETag", "%s", tag);
    if (asset->gzip.bytes || asset->brotli.bytes)
        response_header(response, "Vary", "Accept-Encoding");
    if (has_tag(request_header(request, "If-None-Match"), tag)) {
        response->status = 304;
        response->content_type = NULL;
        return true;
    }
    if (coding != CODING_IDENTITY)
        response_header(response, "Content-Encoding", "%s", codings[coding].name);
    response->content_type = asset->type;
    response->static_body = body->bytes;
    response->static_len = body->len;
    return true;
}
