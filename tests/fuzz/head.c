/* Bytes on a fresh connection: where the head ends is the same however they arrive, and what a head
 * promises to handlers holds. */
#include "base/utf8.h"
#include "fuzz.h"
#include "http/address.h"
#include "http/body.h"
#include "http/fields.h"
#include "http/proxy.h"

/* A few bytes at a time, as a slow client sends them. */
static long end_in_pieces(const char *bytes, size_t size) {
    size_t scanned = 0, step = 1 + size % 7;
    long end = 0;
    for (size_t len = 0; len < size && end == 0;) {
        len = size - len > step ? len + step : size;
        end = head_find_end(bytes, len, &scanned);
    }
    return end;
}

static void check_path(const char *path) {
    PROMISE(path[0] == '/' && !strstr(path, "//") && !strstr(path, "/../"));
    PROMISE(utf8_valid(path, strlen(path)));
    for (const char *c = path; *c; c++)
        PROMISE((unsigned char)*c >= ' ' && *c != 0x7F);
}

static void use(const struct head *head, const char *rest, size_t count) {
    struct arena *arena = arena_create();
    struct fields query = {0};
    struct networks trusted;
    struct address peer;
    check_path(head->path);
    if (fields_parse_urlencoded(arena, head->query, strlen(head->query), &query) == OK)
        for (size_t i = 0; i < query.count; i++)
            PROMISE(utf8_valid(query.items[i].value, query.items[i].len));
    PROMISE(networks_parse("10.0.0.0/8, ::1", &trusted) && address_parse("10.0.0.1", 8, &peer));
    proxy_client(head, &trusted, &peer);
    proxy_is_secure(head);
    if (head->chunked) {
        struct body_chunks chunks = {0};
        struct buf data = {0};
        PROMISE(body_chunks_feed(&chunks, rest, count, &data, 4096) <= count);
        buf_free(&data);
    }
    arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *bytes = malloc(size ? size : 1);
    memcpy(bytes, data, size);
    size_t scanned = 0;
    long end = size ? head_find_end(bytes, size, &scanned) : 0;
    long slowly = end_in_pieces(bytes, size);
    PROMISE(end <= 0 || slowly == end || slowly < 0);
    if (end > 0) {
        char *copy = malloc((size_t)end);
        memcpy(copy, bytes, (size_t)end);
        struct head head;
        PROMISE(end <= HEAD_MAX && (size_t)end <= size);
        if (head_parse(copy, (size_t)end, &head) == 0)
            use(&head, bytes + end, size - (size_t)end);
        free(copy);
    }
    free(bytes);
    return 0;
}
