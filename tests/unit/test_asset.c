/* Serving embedded files: which variant, when 304, which headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "http/asset.h"
#include "http/head.h"
#include <string.h>

#define BODY(text) \
    { (const unsigned char *)(text), sizeof(text) - 1 }

/* A table of our own, sorted by path as assetc sorts it. */
const struct asset asset_table[] = {
    {.name = "css/a.css",
     .path = "/static/css/a.11.css",
     .type = "text/css; charset=utf-8",
     .tag = "11",
     .identity = BODY("identity--"),
     .gzip = BODY("gzip---"),
     .brotli = BODY("brotli")},
    {.name = "js/b.js",
     .path = "/static/js/b.22.js",
     .type = "text/javascript; charset=utf-8",
     .tag = "22",
     .identity = BODY("identity--"),
     .gzip = BODY("gzip---")},
    {.name = "p.png",
     .path = "/static/p.33.png",
     .type = "image/png",
     .tag = "33",
     .identity = BODY("png")},
};
const size_t asset_count = ARRAY_COUNT(asset_table);

struct exchange {
    struct head head;
    struct request request;
    struct response response;
};

static bool serve(struct exchange *x, const char *path, const char *encoding, const char *tag) {
    x->head = (struct head){0};
    if (encoding)
        x->head.lines[x->head.count++] = (struct head_line){"Accept-Encoding", (char *)encoding};
    if (tag)
        x->head.lines[x->head.count++] = (struct head_line){"If-None-Match", (char *)tag};
    x->request = (struct request){.path = path, .head = &x->head};
    response_reset(&x->response);
    return asset_serve(&x->request, &x->response);
}

static int setup(void **state) {
    static struct exchange exchange;
    *state = &exchange;
    return 0;
}

static int teardown(void **state) {
    struct exchange *x = *state;
    buf_free(&x->response.headers);
    buf_free(&x->response.body);
    return 0;
}

static void assert_body(const struct exchange *x, const char *expected) {
    assert_int_equal(x->response.status, 200);
    assert_int_equal(x->response.static_len, strlen(expected));
    assert_memory_equal(x->response.static_body, expected, strlen(expected));
}

static bool has_header(const struct exchange *x, const char *line) {
    return strstr(buf_text(&x->response.headers), line) != NULL;
}

static void the_most_welcome_variant_is_sent(void **state) {
    struct exchange *x = *state;
    static const struct {
        const char *encoding, *expected;
    } cases[] = {
        {NULL, "identity--"},
        {"", "identity--"},
        {"gzip, deflate, br", "brotli"},
        {"gzip", "gzip---"},
        {"GZIP", "gzip---"},
        {"br;q=0, gzip", "gzip---"},
        {"br;q=0.5, gzip;q=0.8", "gzip---"},
        {"gzip;q=0.5 , br ; q=0.5", "brotli"},
        {"*", "brotli"},
        {"*;q=0.5, br;q=0", "gzip---"},
        {"gzip;q=0, br;q=0.0, *;q=0", "identity--"},
        {"*;q=0", "identity--"},
        {"identity, gzip;q=0.5", "identity--"},
        {"identity;q=0.5, gzip;q=0.5", "gzip---"},
        {"identity;q=0, br;q=0.001", "brotli"},
        {"br;q=wrong", "identity--"},
        {"brx, xgzip", "identity--"},
        {"deflate", "identity--"},
        {",;,", "identity--"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        assert_true(serve(x, "/static/css/a.11.css", cases[i].encoding, NULL));
        assert_body(x, cases[i].expected);
    }
    assert_true(serve(x, "/static/js/b.22.js", "br", NULL));
    assert_body(x, "identity--");
    assert_true(serve(x, "/static/p.33.png", "gzip, br", NULL));
    assert_body(x, "png");
}

static void headers_say_what_it_is(void **state) {
    struct exchange *x = *state;
    assert_true(serve(x, "/static/css/a.11.css", "br", NULL));
    assert_string_equal(x->response.content_type, "text/css; charset=utf-8");
    assert_true(has_header(x, "Content-Encoding: br\r\n"));
    assert_true(has_header(x, "Vary: Accept-Encoding\r\n"));
    assert_true(has_header(x, "ETag: \"11-br\"\r\n"));
    assert_true(has_header(x, "Cache-Control: public, max-age=31536000, immutable\r\n"));
    assert_true(serve(x, "/static/css/a.11.css", NULL, NULL));
    assert_false(has_header(x, "Content-Encoding"));
    assert_true(has_header(x, "Vary: Accept-Encoding\r\n"));
    assert_true(has_header(x, "ETag: \"11\"\r\n"));
    assert_true(serve(x, "/static/p.33.png", "br", NULL));
    assert_false(has_header(x, "Vary"));
}

static void known_content_is_not_sent_again(void **state) {
    struct exchange *x = *state;
    static const char *const same[] = {"\"11-br\"", "W/\"11-br\"", "\"x\", \"11-br\"", "*"};
    for (size_t i = 0; i < ARRAY_COUNT(same); i++) {
        assert_true(serve(x, "/static/css/a.11.css", "br", same[i]));
        assert_int_equal(x->response.status, 304);
        assert_null(x->response.static_body);
        assert_null(x->response.content_type);
        assert_true(has_header(x, "ETag: \"11-br\"\r\n"));
        assert_true(has_header(x, "Vary: Accept-Encoding\r\n"));
        assert_false(has_header(x, "Content-Encoding"));
    }
    static const char *const other[] = {"\"11\"", "\"11-gz\"", "11-br", "", "\"x\""};
    for (size_t i = 0; i < ARRAY_COUNT(other); i++) {
        assert_true(serve(x, "/static/css/a.11.css", "br", other[i]));
        assert_body(x, "brotli");
    }
}

static void other_paths_are_not_ours(void **state) {
    struct exchange *x = *state;
    static const char *const paths[] = {"/",
                                        "/static/",
                                        "/static/css/a.css",
                                        "/static/css/a.12.css",
                                        "/static/css/a.11.css/",
                                        "/static/css/a.11.cs",
                                        "/zzz"};
    for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
        assert_false(serve(x, paths[i], "br", NULL));
        assert_int_equal(x->response.headers.len, 0);
        assert_int_equal(x->response.status, 200);
    }
}

static void files_have_names_for_code(void **state) {
    (void)state;
    size_t size = 0;
    assert_memory_equal(asset_bytes("p.png", &size), "png", 3);
    assert_int_equal(size, 3);
    assert_null(asset_bytes("none.png", &size));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_most_welcome_variant_is_sent), TEST(headers_say_what_it_is),
        TEST(known_content_is_not_sent_again),  TEST(other_paths_are_not_ours),
        TEST(files_have_names_for_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
