/* Signatures against the examples of AWS's own documentation, addresses, XML. Storage itself is
 * tested in tests/http/offsite.test.js. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/secret.h"
#include "net/s3.h"
#include "net/s3_reply.h"
#include "net/s3_sign.h"
#include <string.h>

/* "Authenticating Requests: Using the Authorization Header", Examples of Signature Calculations. */
static void published_examples(void **state) {
    static const struct {
        const char *query, *signature;
    } examples[] = {
        {"lifecycle=", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
        {"max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(examples); i++) {
        struct s3_request request = {.method = "GET",
                                     .host = "examplebucket.s3.amazonaws.com",
                                     .path = "/",
                                     .query = examples[i].query,
                                     .region = "us-east-1",
                                     .access_key = "AKIAIOSFODNN7EXAMPLE",
                                     .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
        uint8_t hash[32];
        struct buf out = {0};
        s3_date(INT64_C(1369353600), request.date);
        assert_string_equal(request.date, "20130524T000000Z");
        secret_sha256("", 0, hash);
        s3_hex(hash, request.payload);
        assert_string_equal(request.payload,
                            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        s3_sign(&request, &out);
        assert_string_equal(strstr(out.data, "Signature=") + 10, examples[i].signature);
        assert_non_null(strstr(
            out.data, "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"));
        buf_free(&out);
    }
}

static void places(void **state) {
    static const struct {
        const char *url, *host, *bucket, *prefix;
    } good[] = {
        {"https://s3.example/bucket", "s3.example", "/bucket", ""},
        {"https://s3.example:9000/bucket/", "s3.example:9000", "/bucket", ""},
        {"https://host/bucket/a/b", "host", "/bucket", "a/b/"},
        {"https://school.s3.eu-west-1.amazonaws.com/", "school.s3.eu-west-1.amazonaws.com", "", ""},
        {"https://school.s3-eu.example/x", "school.s3-eu.example", "", "x/"},
    };
    static const char *const bad[] = {"https://host", "https://host/", "host/bucket",
                                      "https://host/b?x", "https://host/b%20"};
    struct arena *arena = arena_create();
    struct s3_place place;
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
        assert_true(s3_place_parse(&place, arena, good[i].url));
        assert_string_equal(place.host, good[i].host);
        assert_string_equal(place.bucket, good[i].bucket);
        assert_string_equal(place.prefix, good[i].prefix);
    }
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_false(s3_place_parse(&place, arena, bad[i]));
    arena_destroy(arena);
}

static void texts(void **state) {
    char text[16], line[200];
    (void)state;
    const char *at = "<L><Key>a&amp;b</Key><Key>c</Key><Key>open";
    assert_true(s3_text(&at, "Key", text, sizeof(text)));
    assert_string_equal(text, "a&b");
    assert_true(s3_text(&at, "Key", text, sizeof(text)));
    assert_string_equal(text, "c");
    assert_false(s3_text(&at, "Key", text, sizeof(text)));
    at = "<Key>longer than there is room</Key>";
    assert_false(s3_text(&at, "Key", text, sizeof(text)));
    s3_error("<?xml?><Error><Code>NoSuchBucket</Code><Message>not\n there</Message></Error>", line,
             sizeof(line));
    assert_string_equal(line, "NoSuchBucket: not there");
    s3_error("<html>", line, sizeof(line));
    assert_string_equal(line, "");
}

int main(void) {
    if (secret_setup(1, 8) != OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_examples),
        cmocka_unit_test(places),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
