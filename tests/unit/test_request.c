/* What handlers ask of a request. Requests over the wire are tested in tests/http/door.test.js. */
#include "http/body.h"
#include "http/head.h"
#include "http/request.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    char bytes[1024];
    struct head head;
    struct body body;
    struct request request;
};

static struct fixture f;

static int setup(void **state) {
    (void)state;
    f = (struct fixture){.request.arena = arena_create()};
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_destroy(f.request.arena);
    buf_free(&f.body.data);
    return 0;
}

/* A POST with these header lines whose body was read to its end. */
static struct request *ask(const char *lines, const char *body) {
    int len =
        snprintf(f.bytes, sizeof(f.bytes), "POST / HTTP/1.1\r\nHost: a.example\r\n%s\r\n", lines);
    assert_int_equal(head_parse(f.bytes, (size_t)len, &f.head), 0);
    f.head.content_length = (int64_t)strlen(body);
    buf_reset(&f.body.data);
    buf_puts(&f.body.data, body);
    f.body.read = true;
    f.body.result = BODY_OK;
    f.request = (struct request){
        .arena = f.request.arena, .head = &f.head, .body = &f.body, .host = f.head.host};
    return &f.request;
}

static void headers_are_text(void **state) {
    (void)state;
    const struct request *request =
        ask("X-A: caf\xc3\xa9\r\nX-B: \xff\r\nx-a: second\r\nCookie: c=1\r\n", "");
    assert_string_equal(request_header(request, "x-A"), "caf\xc3\xa9");
    assert_null(request_header(request, "X-B"));
    assert_null(request_header(request, "X-C"));
    assert_string_equal(request_cookie(request, "c"), "1");
    assert_null(request_cookie(request, "d"));
}

static void a_request_without_a_head_has_nothing(void **state) {
    (void)state;
    struct request request = {.arena = f.request.arena};
    assert_null(request_header(&request, "X"));
    assert_null(request_cookie(&request, "c"));
    assert_int_equal(request_read_form(&request, 10), BODY_OK);
    assert_int_equal(request.form.count, 0);
}

static void forms_have_two_types(void **state) {
    (void)state;
    struct request *request = ask("Content-Type: Application/X-WWW-Form-Urlencoded;x\r\n", "a=1");
    assert_int_equal(request_read_form(request, 100), BODY_OK);
    assert_string_equal(fields_get(&request->form, "a"), "1");
    request = ask("Content-Type: multipart/form-data; boundary=B\r\n",
                  "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n2\r\n--B--\r\n");
    assert_int_equal(request_read_form(request, 100), BODY_OK);
    assert_string_equal(fields_get(&request->form, "a"), "2");
    assert_int_equal(request_read_form(ask("Content-Type: text/plain\r\n", "a=1"), 100),
                     BODY_WRONG_TYPE);
    assert_int_equal(request_read_form(ask("", "a=1"), 100), BODY_WRONG_TYPE);
    assert_int_equal(request_read_form(ask("", ""), 100), BODY_OK);
    assert_int_equal(request_read_form(ask("Content-Type: application/x-www-form-urlencoded\r\n"
                                           "Content-Encoding: gzip\r\n",
                                           "a=1"),
                                       100),
                     BODY_WRONG_TYPE);
}

static void asking_again_gives_the_first_answer(void **state) {
    (void)state;
    struct request *request =
        ask("Content-Type: application/x-www-form-urlencoded\r\n", "a=1&b=%ff");
    assert_int_equal(request_read_form(request, 100), BODY_MALFORMED);
    assert_int_equal(request_read_form(request, 100), BODY_MALFORMED);
    assert_int_equal(request->form.count, 0);
    request = ask("Content-Type: application/x-www-form-urlencoded\r\n", "a=1");
    assert_int_equal(request_read_form(request, 100), BODY_OK);
    assert_int_equal(request_read_form(request, 100), BODY_OK);
    assert_int_equal(request->form.count, 1);
}

static void where_a_request_comes_from(void **state) {
    (void)state;
    assert_false(request_is_cross_site(ask("", "")));
    assert_false(request_is_cross_site(ask("Sec-Fetch-Site: same-origin\r\n", "")));
    assert_false(request_is_cross_site(ask("Sec-Fetch-Site: none\r\n", "")));
    assert_true(request_is_cross_site(ask("Sec-Fetch-Site: same-site\r\n", "")));
    assert_true(request_is_cross_site(ask("Sec-Fetch-Site: cross-site\r\n", "")));
    assert_false(request_is_cross_site(ask("Origin: https://A.example\r\n", "")));
    assert_true(request_is_cross_site(ask("Origin: https://a.example.evil\r\n", "")));
    assert_true(request_is_cross_site(ask("Origin: https://a.example:444\r\n", "")));
    assert_true(request_is_cross_site(ask("Origin: null\r\n", "")));
    assert_true(request_is_cross_site(
        ask("Sec-Fetch-Site: cross-site\r\nOrigin: https://a.example\r\n", "")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(headers_are_text, setup, teardown),
        cmocka_unit_test_setup_teardown(a_request_without_a_head_has_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(forms_have_two_types, setup, teardown),
        cmocka_unit_test_setup_teardown(asking_again_gives_the_first_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(where_a_request_comes_from, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
