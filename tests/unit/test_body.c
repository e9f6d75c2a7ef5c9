/* Chunked bodies, byte by byte. How bodies come over a connection is tested in
 * tests/http/door.test.js. */
#include "http/body.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PLENTY = 1000 };

/* Feeds a text in pieces of `step` bytes; answers what is left over, NULL when it was refused. */
static const char *feed(const char *text, size_t step, size_t limit, struct buf *data,
                        struct body_chunks *chunks) {
    size_t len = strlen(text), at = 0;
    *chunks = (struct body_chunks){0};
    buf_reset(data);
    while (at < len && chunks->state != CHUNK_DONE) {
        size_t count = len - at < step ? len - at : step;
        at += body_chunks_feed(chunks, text + at, count, data, limit);
        if (chunks->state == CHUNK_BAD)
            return NULL;
    }
    return text + at;
}

static void chunks_become_data(void **state) {
    (void)state;
    static const struct {
        const char *text, *data, *rest;
    } cases[] = {
        {"0\r\n\r\n", "", ""},
        {"3\r\nabc\r\n0\r\n\r\n", "abc", ""},
        {"3\r\nabc\r\n0\r\n\r\nGET / ", "abc", "GET / "},
        {"000a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n", "01234567890123456789a", ""},
        {"1;a=b\r\nx\r\n1;c=\"d\"\r\ny\r\n0;e\r\n\r\n", "xy", ""},
        {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n", ""},
        {"1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n", "x", ""},
    };
    struct buf data = {0};
    struct body_chunks chunks;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        for (size_t step = 1; step <= strlen(cases[i].text); step++) {
            const char *rest = feed(cases[i].text, step, PLENTY, &data, &chunks);
            assert_non_null(rest);
            assert_int_equal(chunks.state, CHUNK_DONE);
            assert_string_equal(buf_text(&data), cases[i].data);
            assert_string_equal(rest, cases[i].rest);
        }
    buf_free(&data);
}

static void bad_chunks_are_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "\r\n",        "x\r\n",     "-1\r\n",        " 1\r\nx",        "1 \r\nx",   "0x1\r\nx",
        "1\nx",        "1\rx",      "1\r\nxy\r\n",   "1\r\nx\n",       "1\r\nx\r0", "123456789\r\n",
        "1;\n\r\nx",   "+1\r\nx",   ";\r\n",         "1\r\nx\r\n\r\n", "0\r\n\n",   "0\r\n\rx",
        "0\r\nA: b\n", "0\r\nA\rB", "fffffffff\r\n",
    };
    struct buf data = {0};
    struct body_chunks chunks;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        if (feed(texts[i], 1, PLENTY, &data, &chunks) || feed(texts[i], 99, PLENTY, &data, &chunks))
            fail_msg("accepted: %s", texts[i]);
    buf_free(&data);
}

static void more_than_the_limit_is_not_kept(void **state) {
    (void)state;
    struct buf data = {0};
    struct body_chunks chunks;
    assert_non_null(feed("2\r\nab\r\n2\r\ncd\r\n2\r\nef\r\n0\r\n\r\n", 99, 3, &data, &chunks));
    assert_int_equal(chunks.state, CHUNK_DONE);
    assert_string_equal(buf_text(&data),
                        "abcd"); /* over the limit, which the reader sees; no more */
    buf_free(&data);
}

static void what_is_ignored_is_bounded(void **state) {
    (void)state;
    enum { LONG = 10000 };
    char *text = malloc(LONG + 16);
    struct buf data = {0};
    struct body_chunks chunks;
    memset(text, 'a', LONG + 16);
    memcpy(text, "1;", 2);
    text[LONG] = '\0';
    assert_null(feed(text, 512, PLENTY, &data, &chunks));
    memcpy(text, "0\r\nA", 4);
    assert_null(feed(text, 512, PLENTY, &data, &chunks));
    free(text);
    buf_free(&data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_become_data),
        cmocka_unit_test(bad_chunks_are_refused),
        cmocka_unit_test(more_than_the_limit_is_not_kept),
        cmocka_unit_test(what_is_ignored_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
