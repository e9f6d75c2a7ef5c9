/* Answers of HTTP servers, in one piece and byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/reply.h"
#include <string.h>

#define LIMIT 64

/* "200 body" or "BAD why", the same however the bytes arrive; `ends`: the stream ends behind. */
static void assert_reads(const char *bytes, bool ends, const char *expected) {
    for (size_t step = 1; step <= strlen(bytes); step += step == 1 ? 6 : strlen(bytes)) {
        struct reply reply;
        struct buf seen = {0};
        reply_start(&reply, false, LIMIT);
        enum reply_state state = REPLY_MORE;
        for (size_t at = 0; at < strlen(bytes); at += step) {
            size_t left = strlen(bytes) - at;
            state = reply_feed(&reply, bytes + at, left < step ? left : step);
        }
        if (ends)
            state = reply_end(&reply);
        if (state == REPLY_DONE)
            buf_printf(&seen, "%d %s", reply.status, buf_text(&reply.body));
        else
            buf_printf(&seen, "%s", state == REPLY_BAD ? reply.fault : "more");
        assert_string_equal(buf_text(&seen), expected);
        buf_free(&seen);
        reply_free(&reply);
    }
}

static void bodies(void **state) {
    (void)state;
    assert_reads("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, "200 hello");
    assert_reads("HTTP/1.1 200 OK\r\ncontent-length:5 \r\n\r\nhello, behind", false, "200 hello");
    assert_reads("HTTP/1.0 404 \r\nContent-Length: 0\r\n\r\n", false, "404 ");
    assert_reads("HTTP/1.1 500\nContent-Length: 1\n\nx", false, "500 x");
    assert_reads("HTTP/1.1 204 No Content\r\n\r\n", false, "204 ");
    assert_reads("HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", false, "304 ");
    assert_reads("HTTP/1.1 200 OK\r\n\r\nto the end", true, "200 to the end");
    assert_reads("HTTP/1.1 200 OK\r\n\r\nto the end", false, "more");
    assert_reads("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n"
                 "HTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\nok",
                 false, "201 ok");
    assert_reads("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "5\r\nhello\r\nA;name=\"x\"\r\n, everyone\r\n0\r\nTrailer: x\r\n\r\n",
                 false, "200 hello, everyone");
}

static void faults(void **state) {
    (void)state;
    assert_reads("", true, "is empty");
    assert_reads("SSH-2.0-OpenSSH_9\r\n\r\n", false, "is not HTTP");
    assert_reads("HTTP/2 200 OK\r\n\r\n", false, "is not HTTP");
    assert_reads("HTTP/1.1 20 OK\r\n\r\n", false, "is not HTTP");
    assert_reads("HTTP/1.1 2000 OK\r\n\r\n", false, "is not HTTP");
    assert_reads("HTTP/1.1 600 OK\r\n\r\n", false, "is not HTTP");
    assert_reads("HTTP/1.1 101 Switching\r\n\r\n", false, "changes the protocol");
    assert_reads("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", false, "has a header that cannot be read");
    assert_reads("HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", false,
                 "has a header that cannot be read");
    assert_reads("HTTP/1.1 200 OK\r\nName : b\r\n\r\n", false, "has a header that cannot be read");
    assert_reads("HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", false, "has a header that cannot be read");
    assert_reads("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", false,
                 "has no length that can be read");
    assert_reads("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", false,
                 "has no length that can be read");
    assert_reads("HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n", false, "is too long");
    assert_reads("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                 false, "is framed in more than one way");
    assert_reads("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", false,
                 "is framed in more than one way");
    assert_reads("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", false,
                 "has chunks that cannot be read");
    assert_reads("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", false,
                 "has chunks that cannot be read");
    assert_reads("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n", false,
                 "is too long");
    assert_reads("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n123456789\r\n", false,
                 "has chunks that cannot be read");
    assert_reads("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", true, "ends half-way");
    assert_reads("HTTP/1.1 200 OK\r\nContent-", true, "ends half-way");
    assert_reads("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true,
                 "ends half-way");
}

static void bounds(void **state) {
    struct reply reply;
    char line[1024];
    (void)state;
    reply_start(&reply, false, LIMIT);
    reply_feed(&reply, "HTTP/1.1 200 OK\r\nX: ", 20);
    memset(line, 'x', sizeof(line));
    for (size_t i = 0; i < REPLY_HEAD_MAX / sizeof(line); i++)
        reply_feed(&reply, line, sizeof(line));
    assert_int_equal(reply.state, REPLY_BAD);
    assert_string_equal(reply.fault, "has too long a head");
    reply_free(&reply);
    reply_start(&reply, false, LIMIT);
    reply_feed(&reply, "HTTP/1.1 200 OK\r\n", 17);
    for (size_t i = 0; i < REPLY_HEADERS_MAX + 1; i++)
        reply_feed(&reply, "A: b\r\n", 6);
    assert_int_equal(reply_feed(&reply, "\r\n", 2), REPLY_BAD);
    reply_free(&reply);
    reply_start(&reply, false, LIMIT);
    assert_int_equal(reply_feed(&reply, "HTTP/1.1 200 OK\0\r\n", 18), REPLY_BAD);
    reply_free(&reply);
    reply_start(&reply, false, LIMIT);
    reply_feed(&reply, "HTTP/1.1 200 OK\r\n\r\n", 19);
    assert_int_equal(reply_feed(&reply, line, LIMIT), REPLY_MORE);
    assert_int_equal(reply_feed(&reply, line, 1), REPLY_BAD);
    reply_free(&reply);
}

static void to_head(void **state) {
    static const char bytes[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 70\r\nReplay-Nonce: \tab \r\n\r\n";
    struct reply reply;
    (void)state;
    reply_start(&reply, true, LIMIT);
    assert_int_equal(reply_feed(&reply, bytes, sizeof(bytes) - 1), REPLY_DONE);
    assert_string_equal(reply_header(&reply, "replay-nonce"), "ab");
    assert_null(reply_header(&reply, "Location"));
    reply_free(&reply);
}

#define NOW INT64_C(784111777) /* Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110 */

static void times(void **state) {
    (void)state;
    assert_int_equal(reply_parse_date("Sun, 06 Nov 1994 08:49:37 GMT"), NOW);
    assert_int_equal(reply_parse_date("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
    static const char *const bad[] = {
        "",
        "1994",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 EST",
        "Sun, 06 Nox 1994 08:49:37 GMT",
        "Sun, 06 anF 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov",
    };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_int_equal(reply_parse_date(bad[i]), -1);
}

static int64_t wait_of(const char *headers) {
    struct reply reply;
    struct buf bytes = {0};
    buf_printf(&bytes, "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n%s\r\n", headers);
    reply_start(&reply, false, LIMIT);
    assert_int_equal(reply_feed(&reply, bytes.data, bytes.len), REPLY_DONE);
    int64_t wait = reply_retry_after(&reply, NOW);
    reply_free(&reply);
    buf_free(&bytes);
    return wait;
}

static void retry_after(void **state) {
    (void)state;
    assert_int_equal(wait_of(""), 0);
    assert_int_equal(wait_of("Retry-After: 120\r\n"), 120);
    assert_int_equal(wait_of("Retry-After: -1\r\n"), 0);
    assert_int_equal(wait_of("Retry-After: soon\r\n"), 0);
    assert_int_equal(wait_of("Retry-After: 999999999\r\n"), 8 * 86400);
    assert_int_equal(wait_of("Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n"), 60);
    assert_int_equal(wait_of("Retry-After: Sun, 06 Nov 1994 07:50:37 GMT\r\n"), 0);
    /* By the server's clock where it tells. */
    assert_int_equal(wait_of("Date: Sun, 06 Nov 1994 10:00:00 GMT\r\n"
                             "Retry-After: Sun, 06 Nov 1994 10:00:05 GMT\r\n"),
                     5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies),  cmocka_unit_test(faults), cmocka_unit_test(bounds),
        cmocka_unit_test(to_head), cmocka_unit_test(times),  cmocka_unit_test(retry_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
