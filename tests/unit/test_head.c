/* The strict reading of raw request heads. */
#include "base/err.h"
#include "http/head.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A head in memory of exactly its size, so that a sanitizer sees a step too far. */
struct sample {
    char *bytes;
    size_t len;
    struct head head;
};

/* Answers what reading these bytes gives: 0, a status, or -1 when more should come. */
static int read_bytes(struct sample *sample, const char *bytes, size_t len) {
    size_t scanned = 0;
    sample->bytes = malloc(len ? len : 1);
    sample->len = len;
    memcpy(sample->bytes, bytes, len);
    long end = head_find_end(sample->bytes, len, &scanned);
    if (end < 0)
        return (int)-end;
    return end > 0 ? head_parse(sample->bytes, (size_t)end, &sample->head) : -1;
}

static int read_text(struct sample *sample, const char *text) {
    return read_bytes(sample, text, strlen(text));
}

static int status_of(const char *text) {
    struct sample sample;
    int status = read_text(&sample, text);
    free(sample.bytes);
    return status;
}

#define assert_refused(text, status) assert_int_equal(status_of(text), (status))
#define HOST "Host: a.example\r\n"

static void reads_an_ordinary_request(void **state) {
    (void)state;
    struct sample s;
    assert_int_equal(read_text(&s,
                               "GET /workshops/?q=a%20b&x HTTP/1.1\r\nHost: Taller.Example:8443\r\n"
                               "accept:  text/html \t\r\nX-Empty:\r\n\r\n"),
                     0);
    assert_string_equal(s.head.method, "GET");
    assert_string_equal(s.head.path, "/workshops/");
    assert_string_equal(s.head.query, "q=a%20b&x");
    assert_string_equal(s.head.host, "taller.example:8443");
    assert_string_equal(head_get(&s.head, "ACCEPT"), "text/html");
    assert_string_equal(head_get(&s.head, "X-Empty"), "");
    assert_null(head_get(&s.head, "X-None"));
    assert_true(s.head.keep_alive);
    assert_false(s.head.chunked);
    assert_int_equal(s.head.content_length, 0);
    free(s.bytes);
}

static void waits_for_the_whole_head(void **state) {
    (void)state;
    static const char text[] = "\r\nPOST / HTTP/1.1\r\n" HOST "\r\nbody";
    size_t whole = sizeof(text) - 1 - strlen("body");
    size_t scanned = 0;
    for (size_t len = 0; len < whole; len++)
        assert_int_equal(head_find_end(text, len, &scanned), 0);
    assert_int_equal(head_find_end(text, sizeof(text) - 1, &scanned), (long)whole);
}

static void one_empty_line_before_it_is_forgiven(void **state) {
    (void)state;
    assert_refused("\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 0);
    assert_refused("\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 400);
}

static void line_ends_are_exact(void **state) {
    (void)state;
    assert_refused("GET / HTTP/1.1\n" HOST "\n", 400);
    assert_refused("GET / HTTP/1.1\r\nHost: a\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\nX: a\rb\r\n" HOST "\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\r\n" HOST "\r\n", 400);
    assert_refused("\nGET / HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\n" HOST "\n\n", 400);
}

static void control_characters_end_it_at_once(void **state) {
    (void)state;
    struct sample s;
    assert_int_equal(read_bytes(&s, "GET /\0 HTTP/1.1\r\n", 17), 400);
    free(s.bytes);
    assert_int_equal(read_bytes(&s, "\x16\x03\x01\x02\x00\x01", 6), 400);
    free(s.bytes);
    assert_refused("GET / HTTP/1.1\r\n" HOST "X: a\x01\r\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\n" HOST "X: a\x7f\r\n\r\n", 400);
    assert_refused("GET /\x7f HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_refused("GET /\t HTTP/1.1\r\n" HOST "\r\n", 400);
}

static void request_lines(void **state) {
    (void)state;
    static const struct {
        const char *line;
        int status;
    } cases[] = {
        {"GET  / HTTP/1.1", 400},
        {"GET / HTTP/1.1 ", 400},
        {" GET / HTTP/1.1", 400},
        {"GET /a b HTTP/1.1", 400},
        {"GET HTTP/1.1", 400},
        {"GET / HTTP/1", 400},
        {"GET / http/1.1", 400},
        {"GET / HTTP/1.x", 400},
        {"GET / HTTP/1.10", 400},
        {"GET / HTTP/1.2", 505},
        {"GET / HTTP/2.0", 505},
        {"PRI * HTTP/2.0", 505},
        {"G(T / HTTP/1.1", 400},
        {"METHODOFMORETHANTHIRTYTWOCHARACTERS / HTTP/1.1", 501},
        {"BREW / HTTP/1.1", 0},
        {"TRACE / HTTP/1.1", 0},
        {"OPTIONS * HTTP/1.1", 0},
        {"GET * HTTP/1.1", 400},
        {"CONNECT a.example:443 HTTP/1.1", 0},
        {"GET a.example:443 HTTP/1.1", 400},
        {"GET ../ HTTP/1.1", 400},
        {"GET /#top HTTP/1.1", 400},
        {"GET /caf\xc3\xa9 HTTP/1.1", 400},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char text[256];
        snprintf(text, sizeof(text), "%s\r\n" HOST "\r\n", cases[i].line);
        if (status_of(text) != cases[i].status)
            fail_msg("%s: %d", cases[i].line, status_of(text));
    }
}

static void http_0_9_is_refused_without_waiting(void **state) {
    (void)state;
    assert_refused("GET /\r\n", 400);
    assert_refused("GET / HT", -1);
    assert_refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
}

static void paths(void **state) {
    (void)state;
    static const struct {
        const char *target, *path; /* path NULL: refused with 400 */
    } cases[] = {
        {"/", "/"},
        {"/caf%C3%A9/", "/caf\xc3\xa9/"},
        {"/a%25b", "/a%b"},
        {"/a+b", "/a+b"},
        {"/...", "/..."},
        {"/.well-known/x", "/.well-known/x"},
        {"/a..b/", "/a..b/"},
        {"/./a", NULL},
        {"/a/..", NULL},
        {"/a/../b", NULL},
        {"/a/%2e%2E/b", NULL},
        {"/%2e", NULL},
        {"/a//b", NULL},
        {"//", NULL},
        {"//evil.example/", NULL},
        {"/a%2Fb", NULL},
        {"/a%2fb", NULL},
        {"/a%00b", NULL},
        {"/a%0d%0ab", NULL},
        {"/a%7f", NULL},
        {"/a%", NULL},
        {"/a%2", NULL},
        {"/a%zz", NULL},
        {"/%ff", NULL},
        {"/%c0%af", NULL},
        {"/%ed%a0%80", NULL},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char text[256];
        struct sample s;
        snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n" HOST "\r\n", cases[i].target);
        int status = read_text(&s, text);
        if (status != (cases[i].path ? 0 : 400))
            fail_msg("%s: %d", cases[i].target, status);
        if (cases[i].path)
            assert_string_equal(s.head.path, cases[i].path);
        free(s.bytes);
    }
}

static void absolute_targets_name_the_same_host(void **state) {
    (void)state;
    static const struct {
        const char *target, *path, *query; /* path NULL: refused with 400 */
    } cases[] = {
        {"http://a.example/x?y", "/x", "y"},   {"HTTPS://A.Example/", "/", ""},
        {"https://a.example", "/", ""},        {"https://a.example?q", "/", "q"},
        {"http://b.example/", NULL, NULL},     {"http://a.example.b/", NULL, NULL},
        {"http://a.example:80/", NULL, NULL},  {"http://u@a.example/", NULL, NULL},
        {"ftp://a.example/", NULL, NULL},      {"http:///x", NULL, NULL},
        {"http://a.example/../x", NULL, NULL}, {"://a.example/", NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char text[256];
        struct sample s;
        snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n" HOST "\r\n", cases[i].target);
        int status = read_text(&s, text);
        if (status != (cases[i].path ? 0 : 400))
            fail_msg("%s: %d", cases[i].target, status);
        if (cases[i].path) {
            assert_string_equal(s.head.path, cases[i].path);
            assert_string_equal(s.head.query, cases[i].query);
        }
        free(s.bytes);
    }
}

static void header_lines(void **state) {
    (void)state;
    static const struct {
        const char *lines;
        int status;
    } cases[] = {
        {HOST "X: a\r\n b\r\n", 400}, /* folded */
        {HOST "X: a\r\n\tb\r\n", 400},
        {" X: a\r\n" HOST, 400},
        {HOST "X : a\r\n", 400},
        {HOST "X\t: a\r\n", 400},
        {HOST ": a\r\n", 400},
        {HOST "X\r\n", 400},
        {HOST "X(y): a\r\n", 400},
        {HOST "X: caf\xc3\xa9\r\n", 0},
        {HOST "X: \xff\r\n", 0}, /* such a value is not shown to handlers: request_header() */
        {HOST "X:\ta\tb\r\n", 0},
        {"", 400}, /* no Host */
        {HOST HOST, 400},
        {"Host:\r\n", 400},
        {"Host: a b\r\n", 400},
        {"Host: a,b\r\n", 400},
        {"Host: a/b\r\n", 400},
        {"Host: u@a\r\n", 400},
        {"Host: a:\r\n", 0},
        {"Host: a:123456\r\n", 400},
        {"Host: a:x\r\n", 400},
        {"Host: [::1]:8443\r\n", 0},
        {"Host: [::1\r\n", 400},
        {"Host: 127.0.0.1\r\n", 0},
        {HOST "Content-Length: 0\r\n", 0},
        {HOST "Content-Length: 12\r\n", 0},
        {HOST "Content-Length: 12\r\nContent-Length: 12\r\n", 400},
        {HOST "Content-Length: 12, 12\r\n", 400},
        {HOST "Content-Length: +12\r\n", 400},
        {HOST "Content-Length: -1\r\n", 400},
        {HOST "Content-Length: 0x12\r\n", 400},
        {HOST "Content-Length:\r\n", 400},
        {HOST "Content-Length: 1 2\r\n", 400},
        {HOST "Content-Length: 9999999999999999999\r\n", 400},
        {HOST "Transfer-Encoding: chunked\r\n", 0},
        {HOST "transfer-encoding: CHUNKED\r\n", 0},
        {HOST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", 400},
        {HOST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", 400},
        {HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
        {HOST "Transfer-Encoding: gzip, chunked\r\n", 501},
        {HOST "Transfer-Encoding: chunked, chunked\r\n", 501},
        {HOST "Transfer-Encoding: identity\r\n", 501},
        {HOST "Transfer-Encoding: xchunked\r\n", 501},
        {HOST "Transfer-Encoding: \"chunked\"\r\n", 501},
        {HOST "Transfer-Encoding:\r\n", 400},
        {HOST "Transfer-Encoding : chunked\r\n", 400},
        {HOST "Expect: 100-continue\r\n", 0},
        {HOST "Expect: 200-ok\r\n", 417},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char text[256];
        snprintf(text, sizeof(text), "POST / HTTP/1.1\r\n%s\r\n", cases[i].lines);
        if (status_of(text) != cases[i].status)
            fail_msg("%s: %d", cases[i].lines, status_of(text));
    }
}

static void what_lines_say_of_the_message(void **state) {
    (void)state;
    struct sample s;
    assert_int_equal(read_text(&s, "POST / HTTP/1.1\r\n" HOST "Content-Length: 00120\r\n"
                                   "Expect: 100-Continue\r\n\r\n"),
                     0);
    assert_int_equal(s.head.content_length, 120);
    assert_true(s.head.expect_continue);
    free(s.bytes);
    assert_int_equal(read_text(&s, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"),
                     0);
    assert_true(s.head.chunked);
    free(s.bytes);
}

static bool keeps_alive(const char *version, const char *connection) {
    char text[256];
    struct sample s;
    snprintf(text, sizeof(text), "GET / HTTP/%s\r\n" HOST "%s\r\n", version, connection);
    assert_int_equal(read_text(&s, text), 0);
    free(s.bytes);
    return s.head.keep_alive;
}

static void who_wants_to_stay(void **state) {
    (void)state;
    assert_true(keeps_alive("1.1", ""));
    assert_true(keeps_alive("1.1", "Connection: Keep-Alive\r\n"));
    assert_true(keeps_alive("1.1", "Connection: closed\r\n"));
    assert_false(keeps_alive("1.1", "Connection: Close\r\n"));
    assert_false(keeps_alive("1.1", "Connection: x , close\r\n"));
    assert_false(keeps_alive("1.1", "Connection: close\r\nConnection: keep-alive\r\n"));
    assert_false(keeps_alive("1.0", ""));
    assert_true(keeps_alive("1.0", "Connection: keep-alive\r\n"));
}

static void http_1_0_may_come_without_host_but_not_chunked(void **state) {
    (void)state;
    assert_refused("GET / HTTP/1.0\r\n\r\n", 0);
    assert_refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
}

static void sizes_are_bounded(void **state) {
    (void)state;
    enum { HUGE_HEAD = HEAD_MAX + 100 };
    char *text = malloc(HUGE_HEAD + 64);
    size_t scanned = 0;
    int start = snprintf(text, 64, "GET / HTTP/1.1\r\nX: ");
    memset(text + start, 'a', HUGE_HEAD);
    assert_int_equal(head_find_end(text, HEAD_MAX - 1, &scanned), 0);
    assert_int_equal(head_find_end(text, HEAD_MAX, &scanned), -431);

    start = snprintf(text, 64, "GET /");
    memset(text + start, 'a', HEAD_TARGET_MAX);
    snprintf(text + start + HEAD_TARGET_MAX, 64, " HTTP/1.1\r\n" HOST "\r\n");
    assert_refused(text, 414);

    char *at = text + snprintf(text, 64, "GET / HTTP/1.1\r\n" HOST);
    for (int i = 1; i < HEAD_LINES_MAX; i++)
        at += snprintf(at, 16, "X: %d\r\n", i);
    snprintf(at, 16, "\r\n");
    assert_refused(text, 0);
    snprintf(at, 16, "X: 1\r\n\r\n");
    assert_refused(text, 431);
    free(text);
}

/* Whatever stands there, nothing outside is touched: read under a sanitizer this says something. */
static void noise_is_harmless(void **state) {
    (void)state;
    static const char seed[] = "POST http://a.example/x%2e?y HTTP/1.1\r\nHost: a.example\r\n"
                               "Content-Length: 3\r\nConnection: a, close\r\n\r\n";
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        char text[sizeof(seed)];
        memcpy(text, seed, sizeof(seed));
        for (int change = 0; change < 3; change++) {
            random = random * 1664525u + 1013904223u;
            text[(random >> 8) % (sizeof(seed) - 1)] = "\r\n :%/\t,\0x"[(random >> 20) % 10];
        }
        struct sample s;
        int status = read_bytes(&s, text, sizeof(seed) - 1);
        assert_true(status == -1 || status == 0 || (status >= 400 && status <= 505));
        free(s.bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_an_ordinary_request),
        cmocka_unit_test(waits_for_the_whole_head),
        cmocka_unit_test(one_empty_line_before_it_is_forgiven),
        cmocka_unit_test(line_ends_are_exact),
        cmocka_unit_test(control_characters_end_it_at_once),
        cmocka_unit_test(request_lines),
        cmocka_unit_test(http_0_9_is_refused_without_waiting),
        cmocka_unit_test(paths),
        cmocka_unit_test(absolute_targets_name_the_same_host),
        cmocka_unit_test(header_lines),
        cmocka_unit_test(what_lines_say_of_the_message),
        cmocka_unit_test(who_wants_to_stay),
        cmocka_unit_test(http_1_0_may_come_without_host_but_not_chunked),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(noise_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
