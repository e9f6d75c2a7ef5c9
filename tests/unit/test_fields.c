/* Query strings, form bodies and cookies. */
#include "http/fields.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int setup(void **state) {
    (void)state;
    arena = arena_create();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_destroy(arena);
    return 0;
}

static enum err parse(const char *text, struct fields *fields) {
    *fields = (struct fields){0};
    return fields_parse_urlencoded(arena, text, strlen(text), fields);
}

static void assert_malformed(const char *text) {
    struct fields fields;
    if (parse(text, &fields) != ERR_INVALID || fields.count != 0)
        fail_msg("accepted: %s", text);
}

static void names_and_values(void **state) {
    (void)state;
    struct fields f;
    assert_int_equal(parse("a=1&b=x+y%2B%20z&c&=e&&d=a=b&ni%C3%B1o=%E2%82%AC", &f), OK);
    assert_int_equal(f.count, 6);
    assert_string_equal(fields_get(&f, "a"), "1");
    assert_string_equal(fields_get(&f, "b"), "x y+ z");
    assert_string_equal(fields_get(&f, "c"), "");
    assert_string_equal(fields_get(&f, ""), "e");
    assert_string_equal(fields_get(&f, "d"), "a=b");
    assert_string_equal(fields_get(&f, "ni\xc3\xb1o"), "\xe2\x82\xac");
    assert_null(fields_get(&f, "z"));
    assert_int_equal(f.items[1].len, 6);
    assert_null(f.items[0].filename);
}

static void nothing_gives_nothing(void **state) {
    (void)state;
    struct fields f;
    assert_int_equal(parse("", &f), OK);
    assert_int_equal(f.count, 0);
    assert_int_equal(parse("&&&", &f), OK);
    assert_int_equal(f.count, 0);
}

static void names_may_repeat(void **state) {
    (void)state;
    struct fields f;
    assert_int_equal(parse("a=1&b=2&a=3&a=", &f), OK);
    assert_int_equal(fields_count(&f, "a"), 3);
    assert_int_equal(fields_count(&f, "c"), 0);
    assert_string_equal(fields_get(&f, "a"), "1");
    assert_string_equal(fields_nth(&f, "a", 1), "3");
    assert_string_equal(fields_nth(&f, "a", 2), "");
    assert_null(fields_nth(&f, "a", 3));
}

static void garbage_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {
        "a=%",     "a=%4",           "a=%zz",
        "%=a",     "a=%00",          "a%00=b",
        "a=%ff",   "a=%c3",          "a=%c3%28",
        "a=\xff",  "a=%ed%a0%80",    "a=%c0%80",
        "a=1&b=%", "a=%f4%90%80%80", "a=%F8%88%80%80%80",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_malformed(texts[i]);
    struct fields f = {0};
    assert_int_equal(fields_parse_urlencoded(arena, "a=b\0c", 5, &f), ERR_INVALID);
}

static void a_failed_parse_leaves_no_trace(void **state) {
    (void)state;
    struct fields f;
    assert_int_equal(parse("a=1", &f), OK);
    assert_int_equal(fields_parse_urlencoded(arena, "b=2&c=%", 7, &f), ERR_INVALID);
    assert_int_equal(f.count, 1);
    assert_string_equal(fields_get(&f, "a"), "1");
}

static void amounts_are_bounded(void **state) {
    (void)state;
    struct fields f;
    char text[FIELDS_MAX * 4 + 8], *at = text;
    for (int i = 0; i < FIELDS_MAX; i++)
        at += snprintf(at, 5, "a=1&");
    assert_int_equal(parse(text, &f), OK);
    assert_int_equal(f.count, FIELDS_MAX);
    snprintf(at, 4, "a=1");
    assert_malformed(text);

    char name[FIELD_NAME_MAX + 4];
    memset(name, 'n', sizeof(name));
    snprintf(name + FIELD_NAME_MAX, 3, "=1");
    assert_int_equal(parse(name, &f), OK);
    snprintf(name + FIELD_NAME_MAX, 4, "n=1");
    assert_malformed(name);
}

/* Multipart ------------------------------------------------------------------------------------ */

#define TYPE "multipart/form-data; boundary=XX"
#define PART(headers, value) "--XX\r\n" headers "\r\n\r\n" value "\r\n"
#define NAMED(name) "Content-Disposition: form-data; name=\"" name "\""

/* The body in memory of its size and one byte, as promised to the parser. */
static enum err parse_multipart_bytes(const char *type, const char *body, size_t len,
                                      struct fields *fields) {
    char *copy = malloc(len + 1);
    memcpy(copy, body, len);
    copy[len] = '\0';
    char *kept = arena_alloc(arena, len + 1);
    memcpy(kept, copy, len + 1);
    *fields = (struct fields){0};
    enum err result = fields_parse_multipart(arena, type, copy, len, fields);
    free(copy); /* a sanitizer watches the ends of this one; values are read from the next */
    if (result != OK)
        return result;
    *fields = (struct fields){0};
    return fields_parse_multipart(arena, type, kept, len, fields);
}

static enum err parse_multipart(const char *type, const char *body, struct fields *fields) {
    return parse_multipart_bytes(type, body, strlen(body), fields);
}

static void assert_bad_multipart(const char *type, const char *body) {
    struct fields f;
    if (parse_multipart(type, body, &f) != ERR_INVALID || f.count != 0)
        fail_msg("accepted: %s with %s", body, type);
}

static void multipart_texts_and_files(void **state) {
    (void)state;
    static const char body[] = PART(NAMED("a"), "1") PART(NAMED("b"), "") PART(NAMED("a"), "l\r\nm")
        PART("content-disposition:form-data; name=f; filename=\"C:\\dir\\Ana \\\"x\\\".png\"\r\n"
             "Content-Type: image/png",
             "\x89PNG\0\r\n\xff")
            PART(NAMED("g") "; filename=\"\"\r\nContent-Type: x/y", "") "--XX--\r\nend";
    struct fields f;
    assert_int_equal(parse_multipart_bytes(TYPE, body, sizeof(body) - 1, &f), OK);
    assert_int_equal(f.count, 5);
    assert_string_equal(fields_get(&f, "a"), "1");
    assert_string_equal(fields_get(&f, "b"), "");
    assert_string_equal(fields_nth(&f, "a", 1), "l\r\nm");
    assert_null(fields_get(&f, "f"));
    const struct field *file = fields_file(&f, "f");
    assert_non_null(file);
    assert_string_equal(file->filename, "Ana \"x\".png");
    assert_string_equal(file->content_type, "image/png");
    assert_int_equal(file->len, 8);
    assert_memory_equal(file->value, "\x89PNG\0\r\n\xff", 9);
    assert_null(fields_file(&f, "g")); /* no file was chosen */
    assert_string_equal(f.items[4].filename, "");
    assert_null(f.items[0].content_type);
}

static void multipart_names_undo_the_form_encoding(void **state) {
    (void)state;
    struct fields f;
    assert_int_equal(parse_multipart(TYPE, PART(NAMED("a%22b%0D%0Ac%41"), "1") "--XX--", &f), OK);
    assert_string_equal(f.items[0].name, "a\"b  c%41");
}

static void multipart_boundaries(void **state) {
    (void)state;
    struct fields f;
    static const char body[] = PART(NAMED("a"), "x\r\n--X\r\n--XY") "--XX--";
    assert_int_equal(
        parse_multipart("multipart/form-data; charset=utf-8; Boundary=\"XX\"", body, &f), OK);
    assert_string_equal(fields_get(&f, "a"), "x\r\n--X\r\n--XY");
    assert_int_equal(parse_multipart(TYPE, "--XX--\r\n", &f), OK);
    assert_int_equal(f.count, 0);
    assert_bad_multipart("multipart/form-data", body);
    assert_bad_multipart("multipart/form-data; boundary=", body);
    assert_bad_multipart("multipart/form-data; boundary=\"XX", body);
    assert_bad_multipart("multipart/form-data; boundary=YY", body);
    assert_bad_multipart("multipart/form-data; boundary="
                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                         body);
}

static void multipart_edges_are_refused(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "",
        "--X",
        "--XX",
        "--XX\r\n",
        "preamble\r\n--XX--",
        PART(NAMED("a"), "1"), /* cut off */
        PART(NAMED("a"), "1") "--XX-",
        "--XX\n" NAMED("a") "\n\n1\n--XX--",     /* bare LF */
        "--XX\r\n" NAMED("a") "\r\n1\r\n--XX--", /* no empty line */
        PART("X: y", "1") "--XX--",              /* no name */
        PART("Content-Disposition: form-data", "1") "--XX--",
        PART("Content-Disposition: attachment; name=a", "1") "--XX--",
        PART(NAMED("a") "\r\n" NAMED("b"), "1") "--XX--",
        PART(NAMED("a") "\r\nContent-Transfer-Encoding: base64", "MQ==") "--XX--",
        PART("Content-Disposition: form-data; name=\"a", "1") "--XX--",
        PART("Content-Disposition: form-data; name", "1") "--XX--",
        PART("no colon\r\n" NAMED("a"), "1") "--XX--",
        PART(NAMED("a"), "\xff") "--XX--", /* text that is none */
        PART(NAMED("\xff"), "1") "--XX--",
        "--XX\r\n\r\n--XX--",
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_bad_multipart(TYPE, bodies[i]);
    static const char nul[] = PART(NAMED("a"), "1\0002") "--XX--";
    struct fields f;
    assert_int_equal(parse_multipart_bytes(TYPE, nul, sizeof(nul) - 1, &f), ERR_INVALID);
    static const char nul_name[] = PART(NAMED("a\0b"), "1") "--XX--";
    assert_int_equal(parse_multipart_bytes(TYPE, nul_name, sizeof(nul_name) - 1, &f), ERR_INVALID);
}

static void multipart_amounts_are_bounded(void **state) {
    (void)state;
    static const char part[] = PART(NAMED("a"), "1");
    size_t size = sizeof(part) - 1;
    char *body = malloc(size * (FIELDS_MAX + 1) + 16);
    struct fields f;
    for (size_t i = 0; i <= FIELDS_MAX; i++)
        memcpy(body + i * size, part, size);
    memcpy(body + size * FIELDS_MAX, "--XX--", 7);
    assert_int_equal(parse_multipart(TYPE, body, &f), OK);
    assert_int_equal(f.count, FIELDS_MAX);
    memcpy(body + size * FIELDS_MAX, part, size);
    memcpy(body + size * (FIELDS_MAX + 1), "--XX--", 7);
    assert_bad_multipart(TYPE, body);
    free(body);
}

static void multipart_noise_is_harmless(void **state) {
    (void)state;
    static const char seed[] = PART(NAMED("a") "; filename=\"b\"\r\nContent-Type: t", "1\r\n2")
        PART(NAMED("c"), "x") "--XX--\r\n";
    uint32_t random = 7;
    for (int round = 0; round < 5000; round++) {
        char body[sizeof(seed)];
        memcpy(body, seed, sizeof(seed));
        for (int change = 0; change < 3; change++) {
            random = random * 1664525u + 1013904223u;
            body[(random >> 8) % (sizeof(seed) - 1)] = "\r\n-X\";=:\0\\"[(random >> 20) % 10];
        }
        struct fields f;
        (void)parse_multipart_bytes(TYPE, body, sizeof(seed) - 1, &f);
        arena_reset(arena);
    }
}

/* Cookies -------------------------------------------------------------------------------------- */

static void cookies(void **state) {
    (void)state;
    static const char header[] = "a=1; __Host-s=abc-_; b=; c=x=y; a=2;d; e = f";
    assert_string_equal(fields_cookie(arena, header, "a"), "1");
    assert_string_equal(fields_cookie(arena, header, "__Host-s"), "abc-_");
    assert_string_equal(fields_cookie(arena, header, "b"), "");
    assert_string_equal(fields_cookie(arena, header, "c"), "x=y");
    assert_null(fields_cookie(arena, header, "d"));
    assert_null(fields_cookie(arena, header, "s"));
    assert_null(fields_cookie(arena, header, "A"));
    assert_null(fields_cookie(arena, header, "e"));
    assert_null(fields_cookie(arena, "", "a"));
    assert_null(fields_cookie(arena, ";;=;", "a"));
    assert_null(fields_cookie(arena, "a=\xff", "a"));
    assert_null(fields_cookie(arena, "a=b c", "a"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_and_values, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_gives_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(names_may_repeat, setup, teardown),
        cmocka_unit_test_setup_teardown(garbage_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failed_parse_leaves_no_trace, setup, teardown),
        cmocka_unit_test_setup_teardown(amounts_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(multipart_texts_and_files, setup, teardown),
        cmocka_unit_test_setup_teardown(multipart_names_undo_the_form_encoding, setup, teardown),
        cmocka_unit_test_setup_teardown(multipart_boundaries, setup, teardown),
        cmocka_unit_test_setup_teardown(multipart_edges_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(multipart_amounts_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(multipart_noise_is_harmless, setup, teardown),
        cmocka_unit_test_setup_teardown(cookies, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
