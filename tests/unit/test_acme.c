/* The parts of ACME that need no authority: what it says, signatures, requests, chains, plans. The
 * whole is tested against one in tests/acme. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/secret.h"
#include "net/acme_reply.h"
#include "net/chain.h"
#include "net/jose.h"
#include "net/keypair.h"
#include "site/certificate_plan.h"
#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

/* Made for this test; its thumbprint was reckoned by somebody else's program. */
static const char key_pem[] = "-----BEGIN EC PRIVATE KEY-----\n"
                              "MHcCAQEEILZew0MF2dgWJO7sXEQuZsUw0bc1mXG7PEPYLnGL4dWuoAoGCCqGSM49\n"
                              "AwEHoUQDQgAErnSCyCK1t0cjuobYUMU+gIYop3e+qtGZhdZJ86PAtoyp2m4Efsx9\n"
                              "uFO2+255QeFICWtK1FIwx8oLrVYF4jKkcQ==\n"
                              "-----END EC PRIVATE KEY-----\n";

static void thumbprint(void **state) {
    char text[JOSE_THUMBPRINT_SIZE], pem[KEYPAIR_PEM_SIZE];
    (void)state;
    struct keypair *key = keypair_parse(key_pem);
    assert_non_null(key);
    jose_thumbprint(key, text);
    assert_string_equal(text, "eRR3VLUChPzTVNrjakUGY7XKo2k49XYPDGRVLx3alBg");
    assert_int_equal(keypair_write(key, pem), OK);
    assert_string_equal(pem, key_pem);
    keypair_destroy(key);
    assert_null(keypair_parse(""));
    assert_null(
        keypair_parse("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"));
}

/* A member of the encoded JSON in a signed request. */
static char *decoded(const char *request, const char *part) {
    cJSON *object = cJSON_Parse(request);
    assert_non_null(object);
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, part));
    assert_non_null(text);
    char *bytes = calloc(1, strlen(text) + 1);
    assert_true(secret_unbase64(text, bytes, strlen(text)) >= 0);
    cJSON_Delete(object);
    return bytes;
}

static void signed_requests(void **state) {
    struct keypair *key = keypair_parse(key_pem);
    struct buf request = {0};
    (void)state;
    assert_int_equal(
        jose_sign(key, "https://ca.example/new\"x", "n-1", NULL, "{\"a\":1}", &request), OK);
    char *header = decoded(request.data, "protected"), *payload = decoded(request.data, "payload");
    assert_string_equal(
        header, "{\"alg\":\"ES256\",\"nonce\":\"n-1\",\"url\":\"https://ca.example/new\\\"x\","
                "\"jwk\":{\"crv\":\"P-256\",\"kty\":\"EC\","
                "\"x\":\"rnSCyCK1t0cjuobYUMU-gIYop3e-qtGZhdZJ86PAtow\","
                "\"y\":\"qdpuBH7MfbhTtvtueUHhSAlrStRSMMfKC61WBeIypHE\"}}");
    assert_string_equal(payload, "{\"a\":1}");
    free(header);
    free(payload);
    buf_reset(&request);
    assert_int_equal(
        jose_sign(key, "https://ca.example/o", "n-2", "https://ca.example/me", "", &request), OK);
    header = decoded(request.data, "protected");
    assert_string_equal(header,
                        "{\"alg\":\"ES256\",\"nonce\":\"n-2\",\"url\":\"https://ca.example/o\","
                        "\"kid\":\"https://ca.example/me\"}");
    assert_non_null(strstr(request.data, "\"payload\":\"\""));
    free(header);
    buf_free(&request);
    keypair_destroy(key);
}

static void directories(void **state) {
    struct acme_directory directory;
    (void)state;
    assert_int_equal(
        acme_directory_parse(&directory,
                             "{\"newNonce\":\"https://ca/n\",\"newAccount\":\"https://ca/a\","
                             "\"newOrder\":\"https://ca/o\",\"x\":[1]}"),
        OK);
    assert_string_equal(directory.new_order, "https://ca/o");
    assert_false(directory.needs_external_account);
    assert_int_equal(
        acme_directory_parse(
            &directory,
            "{\"newNonce\":\"https://ca/n\",\"newAccount\":\"https://ca/a\","
            "\"newOrder\":\"https://ca/o\",\"meta\":{\"externalAccountRequired\":true}}"),
        OK);
    assert_true(directory.needs_external_account);
    static const char *const bad[] = {
        "",
        "[]",
        "null",
        "{",
        "{\"newNonce\":\"https://ca/n\"}",
        "{\"newNonce\":\"https://ca/n\",\"newAccount\":\"https://ca/a\",\"newOrder\":7}",
        "{\"newNonce\":\"https://ca/n\",\"newAccount\":\"https://ca/a\",\"newOrder\":\"/o\"}",
        "{\"newNonce\":\"https://ca/n\",\"newAccount\":\"https://ca/a\",\"newOrder\":\"ftp://ca/o\"}",
    };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_int_equal(acme_directory_parse(&directory, bad[i]), ERR_INVALID);
}

static void orders(void **state) {
    struct acme_order *order = malloc(sizeof(*order));
    (void)state;
    assert_int_equal(acme_order_parse(order,
                                      "{\"status\":\"ready\",\"finalize\":\"https://ca/f\","
                                      "\"authorizations\":[\"https://ca/1\",\"https://ca/2\"]}"),
                     OK);
    assert_int_equal(order->status, ACME_READY);
    assert_int_equal(order->authorization_count, 2);
    assert_string_equal(order->authorizations[1], "https://ca/2");
    assert_string_equal(order->certificate, "");
    assert_int_equal(
        acme_order_parse(
            order, "{\"status\":\"invalid\",\"finalize\":\"https://ca/f\",\"authorizations\":[],"
                   "\"error\":{\"detail\":\"no\\nway\\u0007\"}}"),
        OK);
    assert_string_equal(order->problem, "noway"); /* nothing that breaks a line of the log */
    static const char *const bad[] = {
        "{\"status\":\"done\",\"finalize\":\"https://ca/f\",\"authorizations\":[]}",
        "{\"status\":\"ready\",\"authorizations\":[]}",
        "{\"status\":\"ready\",\"finalize\":\"https://ca/f\"}",
        "{\"status\":\"ready\",\"finalize\":\"https://ca/f\",\"authorizations\":[1]}",
        "{\"status\":\"valid\",\"finalize\":\"https://ca/f\",\"authorizations\":[]}",
    };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_int_equal(acme_order_parse(order, bad[i]), ERR_INVALID);
    struct buf many = {0};
    buf_puts(
        &many,
        "{\"status\":\"ready\",\"finalize\":\"https://ca/f\",\"authorizations\":[\"https://ca/0\"");
    for (int i = 1; i < ACME_NAMES + 1; i++)
        buf_printf(&many, ",\"https://ca/%d\"", i);
    buf_puts(&many, "]}");
    assert_int_equal(acme_order_parse(order, many.data), ERR_INVALID);
    buf_free(&many);
    free(order);
}

static void authorizations(void **state) {
    struct acme_authorization authorization;
    (void)state;
    assert_int_equal(
        acme_authorization_parse(
            &authorization,
            "{\"status\":\"pending\",\"identifier\":{\"type\":\"dns\",\"value\":\"a.example\"},"
            "\"challenges\":[{\"type\":\"dns-01\",\"url\":\"x\",\"token\":\"/\"},"
            "{\"type\":\"http-01\",\"url\":\"https://ca/h\",\"token\":\"abc_-9\"}]}"),
        OK);
    assert_string_equal(authorization.name, "a.example");
    assert_string_equal(authorization.challenges[ACME_HTTP_01].token, "abc_-9");
    assert_string_equal(authorization.challenges[ACME_TLS_ALPN_01].url, "");
    /* A token becomes part of a path and of a file's text. */
    static const char *const tokens[] = {"", "a/b", "a.b", "..", "a b", "a\\nb"};
    for (size_t i = 0; i < ARRAY_COUNT(tokens); i++) {
        struct buf json = {0};
        buf_printf(
            &json,
            "{\"status\":\"pending\",\"identifier\":{\"value\":\"a\"},\"challenges\":[{\"type\":"
            "\"http-01\",\"url\":\"https://ca/h\",\"token\":\"%s\"}]}",
            tokens[i]);
        assert_int_equal(acme_authorization_parse(&authorization, json.data), ERR_INVALID);
        buf_free(&json);
    }
}

static void problems(void **state) {
    struct acme_problem problem;
    (void)state;
    acme_problem_parse(&problem,
                       "{\"type\":\"urn:ietf:params:acme:error:badNonce\",\"detail\":\"old\"}");
    assert_string_equal(problem.type, "badNonce");
    assert_string_equal(problem.detail, "old");
    acme_problem_parse(&problem, "<html>502</html>");
    assert_string_equal(problem.type, "");
    assert_string_equal(problem.detail, "");
}

static void chains(void **state) {
    struct chain *chain = malloc(sizeof(*chain));
    (void)state;
    assert_int_equal(chain_read(chain, "", NULL), ERR_INVALID);
    assert_int_equal(chain_read(chain, key_pem, NULL), ERR_INVALID);
    *chain = (struct chain){.name_count = 2};
    memcpy(chain->names[0], "a.example", 10);
    memcpy(chain->names[1], "*.b.example", 12);
    static const char *const both[] = {"a.example", "x.b.example"},
                             *const deep[] = {"x.y.b.example"}, *const base[] = {"b.example"};
    assert_true(chain_covers(chain, both, 2));
    assert_false(chain_covers(chain, deep, 1));
    assert_false(chain_covers(chain, base, 1));
    free(chain);
}

static void plans(void **state) {
    (void)state;
    /* 90 days: after 60, or in the day before. */
    assert_int_equal(certificate_renewal(0, 90 * 86400, 0), 60 * 86400);
    assert_in_range(certificate_renewal(0, 90 * 86400, 65535), 59 * 86400, 60 * 86400);
    assert_int_equal(certificate_renewal(100, 50, 7), 50);
    int64_t before = 0;
    for (int failures = 1; failures < 12; failures++) {
        int64_t least = certificate_backoff(failures, 0),
                most = certificate_backoff(failures, 65535);
        assert_true(least >= before && most > least && least >= 20 && most <= 86400);
        before = least;
    }
    /* Five failed checks an hour are allowed. */
    int64_t fifth = 0;
    for (int failures = 1; failures <= 5; failures++)
        fifth += certificate_backoff(failures, 0);
    assert_true(fifth > 3600);
}

int main(void) {
    if (secret_setup(1, 8) != OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thumbprint),     cmocka_unit_test(signed_requests),
        cmocka_unit_test(directories),    cmocka_unit_test(orders),
        cmocka_unit_test(authorizations), cmocka_unit_test(problems),
        cmocka_unit_test(chains),         cmocka_unit_test(plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
