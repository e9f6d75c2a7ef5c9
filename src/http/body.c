/* Takes request bodies off the wire. */
#include "http/body.h"
#include "base/clock.h"
#include <string.h>

enum {
    SIZE_DIGITS = 8, /* of a chunk's size: 4 GB is more than any limit */
    OVERHEAD_LIMIT = 8 * 1024,
    STEP = 64 * 1024, /* memory is taken as data comes, not as it is announced */
    BYTES_A_SECOND = 16 * 1024,
};

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* One byte of anything but data. */
static int next_state(struct body_chunks *chunks, char c) {
    bool overlong = false;
    switch (chunks->state) {
    case CHUNK_SIZE: {
        int digit = hex_digit(c);
        if (digit >= 0 && chunks->digits < SIZE_DIGITS) {
            chunks->left = chunks->left << 4 | (unsigned)digit;
            chunks->digits++;
            return CHUNK_SIZE;
        }
        if (chunks->digits == 0 || digit >= 0)
            return CHUNK_BAD;
        return c == '\r' ? CHUNK_SIZE_LF : c == ';' ? CHUNK_EXTENSION : CHUNK_BAD;
    }
    case CHUNK_EXTENSION:
        overlong = ++chunks->overhead > OVERHEAD_LIMIT;
        if (c == '\r')
            return CHUNK_SIZE_LF;
        return overlong || c == '\n' || c == '\0' ? CHUNK_BAD : CHUNK_EXTENSION;
    case CHUNK_SIZE_LF:
        if (c != '\n')
            return CHUNK_BAD;
        return chunks->left > 0 ? CHUNK_DATA : CHUNK_TRAILER;
    case CHUNK_DATA_CR:
        return c == '\r' ? CHUNK_DATA_LF : CHUNK_BAD;
    case CHUNK_DATA_LF:
        chunks->digits = 0;
        return c == '\n' ? CHUNK_SIZE : CHUNK_BAD;
    case CHUNK_TRAILER:
        if (c == '\r')
            return CHUNK_END_LF;
        return c == '\n' || c == '\0' ? CHUNK_BAD : CHUNK_TRAILER_LINE;
    case CHUNK_TRAILER_LINE:
        overlong = ++chunks->overhead > OVERHEAD_LIMIT;
        if (c == '\r')
            return CHUNK_TRAILER_LF;
        return overlong || c == '\n' || c == '\0' ? CHUNK_BAD : CHUNK_TRAILER_LINE;
    case CHUNK_TRAILER_LF:
        return c == '\n' ? CHUNK_TRAILER : CHUNK_BAD;
    case CHUNK_END_LF:
        return c == '\n' ? CHUNK_DONE : CHUNK_BAD;
    case CHUNK_DATA:
    case CHUNK_DONE:
    case CHUNK_BAD:
        break;
    }
    return CHUNK_BAD;
}

size_t body_chunks_feed(struct body_chunks *chunks, const char *bytes, size_t count,
                        struct buf *data, size_t limit) {
    size_t at = 0;
    while (at < count && chunks->state != CHUNK_DONE && chunks->state != CHUNK_BAD) {
        if (chunks->state != CHUNK_DATA) {
            chunks->state = next_state(chunks, bytes[at++]);
            continue;
        }
        size_t here = count - at < chunks->left ? count - at : (size_t)chunks->left;
        if (data->len <= limit)
            buf_append(data, bytes + at, here);
        at += here;
        chunks->left -= here;
        if (chunks->left == 0)
            chunks->state = CHUNK_DATA_CR;
    }
    return at;
}

void body_start(struct body *body, struct channel *channel, const struct head *head) {
    struct buf data = body->data;
    buf_reset(&data);
    *body = (struct body){.channel = channel,
                          .head = head,
                          .data = data,
                          .left = head->chunked ? 0 : (uint64_t)head->content_length};
    if (!head->chunked)
        body->chunks.state = CHUNK_DONE;
}

static bool is_over(const struct body *body) {
    return body->left == 0 && body->chunks.state == CHUNK_DONE;
}

/* Uses what is here. Of a known length what is beyond `limit` is never asked for. */
static void use_pending(struct body *body, size_t limit) {
    const char *bytes;
    size_t count = channel_pending(body->channel, &bytes);
    if (body->head->chunked) {
        channel_take(body->channel,
                     body_chunks_feed(&body->chunks, bytes, count, &body->data, limit));
        return;
    }
    if (count > body->left)
        count = (size_t)body->left;
    buf_append(&body->data, bytes, count);
    channel_take(body->channel, count);
    body->left -= count;
}

/* The client said that it waits for a word before it sends. */
static bool ask_for_body(struct body *body) {
    static char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct buf head = {0};
    bool wanted = body->head->expect_continue && !body->asked;
    body->asked = true;
    if (!wanted)
        return true;
    buf_puts(&head, text);
    bool sent = channel_send(body->channel, &head, "", 0);
    buf_free(&head);
    return sent;
}

/* Waits for more, and uses it. */
static bool use_more(struct body *body, size_t limit) {
    if (!ask_for_body(body))
        return false;
    if (body->deadline_us == 0)
        body->deadline_us = clock_monotonic_us() + body->channel->limits->body_us;
    int64_t deadline = body->deadline_us + (int64_t)(body->data.len / BYTES_A_SECOND) * 1000 * 1000;
    if (body->head->chunked || body->left < STEP / 32) {
        if (!channel_fill(body->channel, deadline))
            return false;
        use_pending(body, limit);
        return true;
    }
    size_t step = body->left < STEP ? (size_t)body->left : STEP;
    buf_reserve(&body->data, step);
    size_t got = channel_read(body->channel, body->data.data + body->data.len, step, deadline);
    body->data.len += got;
    body->data.data[body->data.len] = '\0';
    body->left -= got;
    return got > 0;
}

enum body_result body_read(struct body *body, size_t limit) {
    if (body->read)
        return body->result;
    body->read = true;
    if (!body->head->chunked && body->left > limit)
        return body->result = BODY_TOO_LARGE;
    use_pending(body, limit);
    bool waited = false;
    while (!is_over(body) && body->chunks.state != CHUNK_BAD && body->data.len <= limit) {
        waited = true;
        if (!use_more(body, limit))
            return body->result = BODY_TIMEOUT;
    }
    if (body->chunks.state == CHUNK_BAD)
        body->result = BODY_MALFORMED;
    else if (body->data.len > limit)
        body->result = BODY_TOO_LARGE;
    else if (waited && !channel_resume(body->channel))
        body->result = BODY_TIMEOUT;
    return body->result;
}

bool body_is_over(struct body *body) {
    if (!is_over(body) && !body->read && !body->head->expect_continue)
        use_pending(body, 0);
    return is_over(body);
}
