/* Requests over a real socket to a server that follows a script. TLS is tested where certificates
 * are: tests/acme. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_smtp.h"
#include "net/fetch.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD(request)                                                                         \
    {FAKE_CONNECT, ""}, {request, ""}, {"Host: 127.0.0.1:", ""}, {"User-Agent: taller/", ""}, \
        {"Accept-Encoding: identity", ""}, {                                                  \
        "Connection: close", ""                                                               \
    }

struct outcome {
    enum err err;
    struct reply reply;
    char error[300];
    struct buf heard;
};

/* Follows the script with one request; its URL is "http://127.0.0.1:PORT" and `path`. */
static struct outcome ask(const struct fake_line *script, size_t count,
                          struct fetch_request request, int ms) {
    struct outcome outcome = {0};
    char url[200];
    struct fake_smtp *fake = fake_smtp_start(script, count);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", fake_smtp_port(fake), request.url);
    request.url = url;
    outcome.err = fetch(&request, deadline_in(ms, 0, -1), &outcome.reply, outcome.error,
                        sizeof(outcome.error));
    assert_null(fake_smtp_stop(fake, &outcome.heard));
    return outcome;
}

static void outcome_free(struct outcome *outcome) {
    if (outcome->err == OK)
        reply_free(&outcome->reply);
    buf_free(&outcome->heard);
}

static void get(void **state) {
    static const struct fake_line script[] = {
        HEAD("GET /dir?x=1 HTTP/1.1"),
        {"X-Ours: y", ""},
        {"", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},

    };
    static const struct fetch_header headers[] = {{"X-Ours", "y"}};
    (void)state;
    struct outcome outcome =
        ask(script, ARRAY_COUNT(script),
            (struct fetch_request){
                .method = "GET", .url = "/dir?x=1", .headers = headers, .header_count = 1},
            10000);
    assert_int_equal(outcome.err, OK);
    assert_int_equal(outcome.reply.status, 200);
    assert_string_equal(outcome.reply.body.data, "ok");
    outcome_free(&outcome);
}

static void post_from_memory_and_file(void **state) {
    static const struct fake_line script[] = {
        HEAD("POST / HTTP/1.1"),
        {"Content-Length: 7", ""},
        {"", ""},
        {"a body", "HTTP/1.1 201 M\r\n"
                   "Content-Length: 0\r\n\r\n"},
    };
    (void)state;
    struct fetch_request request = {
        .method = "POST", .url = "/", .body = "a body\n", .body_length = 7};
    struct outcome outcome = ask(script, ARRAY_COUNT(script), request, 10000);
    assert_int_equal(outcome.err, OK);
    assert_int_equal(outcome.reply.status, 201);
    outcome_free(&outcome);

    char path[] = "/tmp/taller-fetch-XXXXXX";
    request.body = NULL;
    request.body_fd = mkstemp(path);
    request.body_offset = 3;
    assert_int_equal(write(request.body_fd, "...a body\n...", 13), 13);
    outcome = ask(script, ARRAY_COUNT(script), request, 10000);
    assert_int_equal(outcome.err, OK);
    outcome_free(&outcome);
    close(request.body_fd);
    unlink(path);
}

/* What the peer does instead of answering, and the sentence that comes of it. */
static void assert_fails(const char *says, int ms, const char *sentence) {
    const struct fake_line script[] = {HEAD("GET / HTTP/1.1"), {"", says}};
    struct outcome outcome =
        ask(script, ARRAY_COUNT(script), (struct fetch_request){.method = "GET", .url = "/"}, ms);
    assert_int_equal(outcome.err, ERR_IO);
    assert_string_equal(outcome.error, sentence);
    outcome_free(&outcome);
}

static void failures(void **state) {
    (void)state;
    assert_fails(FAKE_HANG_UP, 10000, "127.0.0.1: its answer is empty");
    assert_fails("220 mail.example ready\r\n\r\n", 10000, "127.0.0.1: its answer is not HTTP");
    assert_fails(FAKE_SILENCE, 300, "127.0.0.1 does not answer in time");
    assert_fails(FAKE_DRIP, 300, "127.0.0.1 does not answer in time");
}

static void never_sent(void **state) {
    struct reply reply;
    char error[300];
    (void)state;
    struct fetch_request request = {.method = "GET", .url = "https://user@host/"};
    assert_int_equal(fetch(&request, deadline_in(1000, 0, -1), &reply, error, sizeof(error)),
                     ERR_INVALID);
    assert_string_equal(error, "https://user@host/ is not an address like https://host/path");
    request.url = "http://127.0.0.1:1/";
    assert_int_equal(fetch(&request, deadline_in(1000, 0, -1), &reply, error, sizeof(error)),
                     ERR_IO);
    assert_string_equal(error, "127.0.0.1 does not answer on port 1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get),
        cmocka_unit_test(post_from_memory_and_file),
        cmocka_unit_test(failures),
        cmocka_unit_test(never_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
