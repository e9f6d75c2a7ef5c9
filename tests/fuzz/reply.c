/* What a server answers to our requests: read the same however the bytes arrive, and bounded. */
#include "net/reply.h"
#include "fuzz.h"

enum { LIMIT = 4096 };

static void feed(struct reply *reply, const char *bytes, size_t size, size_t step, bool to_head) {
    reply_start(reply, to_head, LIMIT);
    for (size_t at = 0; at < size; at += step)
        reply_feed(reply, bytes + at, size - at < step ? size - at : step);
    reply_end(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *bytes = malloc(size ? size : 1);
    memcpy(bytes, data, size);
    struct reply whole, pieces;
    feed(&whole, bytes, size, size ? size : 1, false);
    feed(&pieces, bytes, size, 1 + size % 5, false);
    PROMISE(whole.state != REPLY_MORE && whole.state == pieces.state);
    if (whole.state == REPLY_DONE) {
        PROMISE(whole.status >= 200 && whole.status <= 599 && whole.status == pieces.status);
        PROMISE(whole.body.len <= LIMIT && whole.body.len == pieces.body.len);
        PROMISE(!whole.body.len || memcmp(whole.body.data, pieces.body.data, whole.body.len) == 0);
        int64_t wait = reply_retry_after(&whole, 1000000000);
        PROMISE(wait >= 0 && wait <= 8 * 86400 && reply_date(&whole) >= 0);
    } else {
        PROMISE(whole.fault != NULL);
    }
    reply_free(&whole);
    reply_free(&pieces);
    feed(&whole, bytes, size, 64, true);
    PROMISE(whole.state != REPLY_DONE || whole.body.len == 0);
    reply_free(&whole);
    free(bytes);
    return 0;
}
