/* Addresses, networks, and what trusted proxies say. */
#include "base/err.h"
#include "http/address.h"
#include "http/proxy.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct address address(const char *text) {
    struct address parsed;
    if (!address_parse(text, strlen(text), &parsed))
        fail_msg("no address: %s", text);
    return parsed;
}

static void texts_and_back(void **state) {
    (void)state;
    static const char *const good[] = {"127.0.0.1", "203.0.113.255", "::1", "2001:db8::1"};
    static const char *const bad[] = {
        "",          "1.2.3", "1.2.3.4.5",
        "256.1.1.1", "::g",   "[::1]",
        "1.2.3.4 ",  "a.b",   "1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20"};
    char text[ADDRESS_TEXT];
    struct address parsed;
    for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
        parsed = address(good[i]);
        address_format(&parsed, text);
        assert_string_equal(text, good[i]);
    }
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_false(address_parse(bad[i], strlen(bad[i]), &parsed));
    parsed = address("::ffff:10.1.2.3"); /* the same as the IPv4 one */
    address_format(&parsed, text);
    assert_string_equal(text, "10.1.2.3");
}

static void assert_same_household(const char *a, const char *b, bool same) {
    struct address one = address(a), other = address(b);
    one = address_household(&one);
    other = address_household(&other);
    assert_int_equal(memcmp(&one, &other, sizeof(one)) == 0, same);
}

static void households(void **state) {
    (void)state;
    assert_same_household("10.0.0.1", "10.0.0.1", true);
    assert_same_household("10.0.0.1", "10.0.0.2", false);
    assert_same_household("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true);
    assert_same_household("2001:db8:1:2::1", "2001:db8:1:3::1", false);
}

static bool holds(const char *list, const char *text) {
    struct networks networks;
    struct address one = address(text);
    assert_true(networks_parse(list, &networks));
    return networks_hold(&networks, &one);
}

static void networks_hold_addresses(void **state) {
    (void)state;
    assert_true(holds("10.0.0.0/8", "10.255.0.1"));
    assert_false(holds("10.0.0.0/8", "11.0.0.1"));
    assert_true(holds("192.168.1.128/25", "192.168.1.129"));
    assert_false(holds("192.168.1.128/25", "192.168.1.127"));
    assert_true(holds("10.0.0.0/8, fd00::/8", "fd12::1"));
    assert_false(holds("10.0.0.0/8 fd00::/8", "fe80::1"));
    assert_true(holds("127.0.0.1", "127.0.0.1"));
    assert_false(holds("127.0.0.1", "127.0.0.2"));
    assert_true(holds("0.0.0.0/0", "8.8.8.8"));
    assert_false(holds("0.0.0.0/0", "2001:db8::1"));
    assert_true(holds("::/0", "8.8.8.8"));
    assert_false(holds("", "8.8.8.8"));
    assert_false(holds(NULL, "8.8.8.8"));
}

static void networks_have_a_form(void **state) {
    (void)state;
    static const char *const bad[] = {"10.0.0.0/33", "10.0.0.0/",        "10.0.0.0/-1",
                                      "10.0.0/8",    "example",          "::/129",
                                      "10.0.0.1/8x", "10.0.0.1;10.0.0.2"};
    struct networks networks;
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_false(networks_parse(bad[i], &networks));
}

static void listeners(void **state) {
    (void)state;
    struct address where;
    int port;
    char text[ADDRESS_TEXT];
    assert_true(address_split_listener("[::1]:8443", &where, &port));
    address_format(&where, text);
    assert_string_equal(text, "::1");
    assert_int_equal(port, 8443);
    assert_true(address_split_listener("0.0.0.0:0", &where, &port));
    assert_int_equal(port, 0);
    static const char *const bad[] = {
        "8443",     ":8443", "localhost:8443", "1.2.3.4",     "1.2.3.4:", "1.2.3.4:65536",
        "::1:8443", "[::1]", "[1.2.3.4]:80",   "1.2.3.4:80s", ""};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        if (address_split_listener(bad[i], &where, &port))
            fail_msg("accepted: %s", bad[i]);
}

/* The client a head with these lines speaks of, coming from a proxy at 10.0.0.1. */
static void assert_client(const char *lines, const char *client) {
    char bytes[512], text[ADDRESS_TEXT];
    struct networks trusted;
    struct head head;
    struct address peer = address("10.0.0.1");
    int len = snprintf(bytes, sizeof(bytes), "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", lines);
    assert_true(networks_parse("10.0.0.0/8", &trusted));
    assert_int_equal(head_parse(bytes, (size_t)len, &head), 0);
    struct address found = proxy_client(&head, &trusted, &peer);
    address_format(&found, text);
    assert_string_equal(text, client);
}

static void the_last_untrusted_address_is_the_client(void **state) {
    (void)state;
    assert_client("", "10.0.0.1");
    assert_client("X-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9");
    assert_client("X-Forwarded-For: 1.1.1.1, 203.0.113.9\r\n", "203.0.113.9");
    assert_client("X-Forwarded-For: 1.1.1.1, 203.0.113.9,10.2.2.2 , 10.3.3.3\r\n", "203.0.113.9");
    assert_client("X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9");
    assert_client("X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 10.2.2.2\r\n", "203.0.113.9");
    assert_client("X-Forwarded-For: 10.9.9.9\r\n", "10.9.9.9");
    assert_client("X-Forwarded-For: 203.0.113.9:1234\r\n", "203.0.113.9");
    assert_client("X-Forwarded-For: [2001:db8::7]:1234\r\n", "2001:db8::7");
    assert_client("X-Forwarded-For: 2001:db8::7\r\n", "2001:db8::7");
    assert_client("X-Forwarded-For: unknown\r\n", "10.0.0.1");
    assert_client("X-Forwarded-For: 1.1.1.1, unknown, 10.2.2.2\r\n", "10.2.2.2");
    assert_client("X-Forwarded-For:\r\n", "10.0.0.1");
    assert_client("X-Forwarded-For: ,\r\n", "10.0.0.1");
}

static bool is_secure(const char *lines) {
    char bytes[256];
    struct head head;
    int len = snprintf(bytes, sizeof(bytes), "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", lines);
    assert_int_equal(head_parse(bytes, (size_t)len, &head), 0);
    return proxy_is_secure(&head);
}

static void proxies_tell_of_tls(void **state) {
    (void)state;
    assert_true(is_secure(""));
    assert_true(is_secure("X-Forwarded-Proto: https\r\n"));
    assert_false(is_secure("X-Forwarded-Proto: http\r\n"));
    assert_false(is_secure("X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_back),
        cmocka_unit_test(households),
        cmocka_unit_test(networks_hold_addresses),
        cmocka_unit_test(networks_have_a_form),
        cmocka_unit_test(listeners),
        cmocka_unit_test(the_last_untrusted_address_is_the_client),
        cmocka_unit_test(proxies_tell_of_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
