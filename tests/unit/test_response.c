/* The head of a response: what handlers set, what they cannot break, what is added for them. */
#include "http/response.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct response response;
static struct buf head;

static int setup(void **state) {
    (void)state;
    response_reset(&response);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buf_free(&response.body);
    buf_free(&response.headers);
    buf_free(&head);
    response = (struct response){0};
    head = (struct buf){0};
    return 0;
}

static const char *written(const struct response_wire *wire) {
    response_write_head(&response, wire, &head);
    return buf_text(&head);
}

static int count(const char *text, const char *piece) {
    int found = 0;
    while ((text = strstr(text, piece)) != NULL) {
        found++;
        text += strlen(piece);
    }
    return found;
}

#define assert_holds(text, piece) assert_int_equal(count((text), (piece)), 1)
#define assert_lacks(text, piece) assert_int_equal(count((text), (piece)), 0)

static void an_ordinary_page(void **state) {
    (void)state;
    const char *text = written(&(struct response_wire){.now = 784111777, .length = 5});
    assert_memory_equal(text, "HTTP/1.1 200 OK\r\n", 17);
    assert_holds(text, "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    assert_holds(text, "\r\nContent-Type: text/html; charset=utf-8\r\n");
    assert_holds(text, "\r\nContent-Length: 5\r\n");
    assert_holds(text, "\r\nCache-Control: no-store\r\n");
    assert_holds(text, "\r\nContent-Security-Policy: default-src 'none'; ");
    assert_holds(text, "\r\nX-Content-Type-Options: nosniff\r\n");
    assert_holds(text, "\r\nX-Frame-Options: DENY\r\n");
    assert_holds(text, "\r\nReferrer-Policy: same-origin\r\n");
    assert_lacks(text, "unsafe");
    assert_lacks(text, "Strict-Transport-Security");
    assert_lacks(text, "\r\nConnection:");
    assert_string_equal(text + head.len - 4, "\r\n\r\n");
}

static void what_the_wire_adds(void **state) {
    (void)state;
    assert_holds(written(&(struct response_wire){.close = true, .keep_alive = true}),
                 "\r\nConnection: close\r\n");
    assert_holds(written(&(struct response_wire){.keep_alive = true}),
                 "\r\nConnection: keep-alive\r\n");
    assert_holds(written(&(struct response_wire){.strict = true}),
                 "\r\nStrict-Transport-Security: max-age=");
}

static void defaults_give_way(void **state) {
    (void)state;
    response_header(&response, "cache-control", "public, max-age=%d", 60);
    response_header(&response, "Content-Security-Policy", "sandbox");
    response_header(&response, "Content-Security-Policy", "second");
    const char *text = written(&(struct response_wire){0});
    assert_holds(text, "\r\ncache-control: public, max-age=60\r\n");
    assert_lacks(text, "no-store");
    assert_holds(text, "Content-Security-Policy: sandbox\r\n");
    assert_lacks(text, "second");
}

static void a_value_cannot_begin_another_header(void **state) {
    (void)state;
    response_header(&response, "X-A", "%s", "a\r\nSet-Cookie: evil=1\n\tb\x7f");
    response_redirect(&response, 303, "/x\r\nSet-Cookie: evil=1");
    response_cookie(&response, "c", "v\r\nX-Evil: 1", -1);
    const char *text = written(&(struct response_wire){0});
    assert_holds(text, "\r\nX-A: aSet-Cookie: evil=1b\r\n");
    assert_holds(text, "\r\nLocation: /x%0D%0ASet-Cookie:%20evil=1\r\n");
    assert_lacks(text, "\r\nSet-Cookie: evil");
    assert_lacks(text, "\r\nX-Evil");
}

static void redirects_stay_here(void **state) {
    (void)state;
    static const struct {
        const char *to, *location;
    } cases[] = {
        {"/a/?b=c%20d", "/a/?b=c%20d"},
        {"https://a.example/x", "https://a.example/x"},
        {"//evil.example/", "/evil.example/"},
        {"///evil.example/", "/evil.example/"},
        {"/\\evil.example/", "/%5Cevil.example/"},
        {"/caf\xc3\xa9/", "/caf%C3%A9/"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char expected[128];
        response_reset(&response);
        buf_puts(&response.body, "what was rendered so far");
        response_redirect(&response, 303, cases[i].to);
        assert_int_equal(response.status, 303);
        assert_int_equal(response.body.len, 0);
        snprintf(expected, sizeof(expected), "\r\nLocation: %s\r\n", cases[i].location);
        assert_holds(written(&(struct response_wire){0}), expected);
    }
}

static void cookies(void **state) {
    (void)state;
    response_cookie(&response, "__Host-a", "1", -1);
    response_cookie(&response, "__Host-b", "2", 3600);
    response_cookie(&response, "__Host-c", "", 0);
    const char *text = written(&(struct response_wire){0});
    assert_holds(text, "Set-Cookie: __Host-a=1; Path=/; Secure; HttpOnly; SameSite=Lax\r\n");
    assert_holds(
        text, "Set-Cookie: __Host-b=2; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600\r\n");
    assert_holds(text,
                 "Set-Cookie: __Host-c=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0\r\n");
}

static void some_have_no_body(void **state) {
    (void)state;
    response.status = 304;
    const char *text = written(&(struct response_wire){0});
    assert_holds(text, "HTTP/1.1 304 Not Modified\r\n");
    assert_lacks(text, "Content-Length");
    assert_lacks(text, "\r\nContent-Type:");
    assert_false(response_has_body(204));
    assert_true(response_has_body(404));
}

static void starting_over_forgets_everything(void **state) {
    (void)state;
    response_header(&response, "Cache-Control", "public");
    response_cookie(&response, "c", "1", -1);
    buf_puts(&response.body, "half a page");
    response.status = 303;
    response.close = true;
    response_reset(&response);
    const char *text = written(&(struct response_wire){0});
    assert_int_equal(response.status, 200);
    assert_int_equal(response.body.len, 0);
    assert_false(response.close);
    assert_lacks(text, "Set-Cookie");
    assert_holds(text, "Cache-Control: no-store");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_ordinary_page, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_wire_adds, setup, teardown),
        cmocka_unit_test_setup_teardown(defaults_give_way, setup, teardown),
        cmocka_unit_test_setup_teardown(a_value_cannot_begin_another_header, setup, teardown),
        cmocka_unit_test_setup_teardown(redirects_stay_here, setup, teardown),
        cmocka_unit_test_setup_teardown(cookies, setup, teardown),
        cmocka_unit_test_setup_teardown(some_have_no_body, setup, teardown),
        cmocka_unit_test_setup_teardown(starting_over_forgets_everything, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
