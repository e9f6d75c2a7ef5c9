/* Addresses of what we fetch, and names of hosts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/domain.h"
#include "net/url.h"
#include <stdlib.h>
#include <string.h>

static void takes_apart(void **state) {
    static const struct {
        const char *text, *host, *authority, *target;
        int port;
        bool secure;
    } good[] = {
        {"https://CA.example", "ca.example", "ca.example", "/", 443, true},
        {"https://ca.example/dir?a=1&b=%20", "ca.example", "ca.example", "/dir?a=1&b=%20", 443,
         true},
        {"https://ca.example?x", "ca.example", "ca.example", "/?x", 443, true},
        {"https://ca.example:443/", "ca.example", "ca.example", "/", 443, true},
        {"https://ca.example:8443/", "ca.example", "ca.example:8443", "/", 8443, true},
        {"http://127.0.0.1:80/a", "127.0.0.1", "127.0.0.1", "/a", 80, false},
        {"http://[::1]:9000/a", "::1", "[::1]:9000", "/a", 9000, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
        struct url url;
        assert_int_equal(url_parse(&url, good[i].text), OK);
        assert_string_equal(url.host, good[i].host);
        assert_string_equal(url.authority, good[i].authority);
        assert_string_equal(url.target, good[i].target);
        assert_int_equal(url.port, good[i].port);
        assert_int_equal(url.secure, good[i].secure);
    }
}

static void refuses(void **state) {
    static const char *const bad[] = {
        "",
        "ca.example",
        "ftp://ca.example/",
        "https://",
        "https:///path",
        "https://user@ca.example/",
        "https://ca.example/#part",
        "https://ca.example/a b",
        "https://ca.example/\r\nX: y",
        "https://ca.example/\xC3\xB1",
        "https://a\xC3\xB1o.example/",
        "https://ca.example:/",
        "https://ca.example:0/",
        "https://ca.example:65536/",
        "https://ca.example:123456/",
        "https://ca.example:44x/",
        "https://[::1/",
        "https://[::1]x/",
        "https://[]/",
    };
    (void)state;
    struct url url;
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_int_equal(url_parse(&url, bad[i]), ERR_INVALID);
    char *longest = malloc(URL_MAX + 16);
    memset(longest, 'a', URL_MAX + 15);
    longest[URL_MAX + 15] = '\0';
    memcpy(longest, "https://h/", 10);
    assert_int_equal(url_parse(&url, longest), ERR_INVALID);
    longest[URL_MAX - 1] = '\0';
    assert_int_equal(url_parse(&url, longest), OK);
    memset(longest + 8, 'a', 300); /* a host that is too long */
    assert_int_equal(url_parse(&url, longest), ERR_INVALID);
    free(longest);
}

static void names(void **state) {
    struct arena *arena = arena_create();
    size_t count;
    (void)state;
    const char **list = domain_list(arena, "Shop.Example.org, www.example.org,localhost", &count);
    assert_non_null(list);
    assert_int_equal(count, 3);
    assert_string_equal(list[0], "shop.example.org");
    assert_string_equal(list[1], "www.example.org");
    assert_string_equal(list[2], "localhost");
    assert_null(list[3]);
    static const char *const bad[] = {
        "",
        ",",
        "a.example,",
        ",a.example",
        "a.example b.example",
        "a..b",
        ".a",
        "a.",
        "-a.example",
        "a-.example",
        "a_b.org",
        "*.a.example",
        "192.0.2.7",
        "::1",
        "a.example,A.example",
        "a/b",
        "a.example:443",
        "a\xC3\xB1o.pe",
    };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_null(domain_list(arena, bad[i], &count));
    struct buf many = {0};
    for (int i = 0; i < DOMAINS_MAX; i++)
        buf_printf(&many, "%sn%d.example", i ? "," : "", i);
    assert_non_null(domain_list(arena, many.data, &count));
    buf_puts(&many, ",more.example");
    assert_null(domain_list(arena, many.data, &count));
    buf_free(&many);
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_apart),
        cmocka_unit_test(refuses),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
