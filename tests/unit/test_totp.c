/* Codes of an authenticator app, against the vectors of RFC 6238 (appendix B, SHA-1) and RFC 4226
 * (appendix D). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/totp.h"
#include <cmocka.h>
#include <stdio.h>

static const uint8_t SECRET[TOTP_SECRET_SIZE] = "12345678901234567890";

static void codes_are_those_of_the_standard(void **state) {
    (void)state;
    static const struct {
        int64_t time;
        uint32_t code; /* the last six of the RFC's eight digits */
    } VECTORS[] = {{59, 287082},       {1111111109, 81804},  {1111111111, 50471},
                   {1234567890, 5924}, {2000000000, 279037}, {20000000000, 353130}};
    for (size_t i = 0; i < sizeof(VECTORS) / sizeof(*VECTORS); i++)
        assert_int_equal(totp_code(SECRET, VECTORS[i].time / TOTP_STEP_SECONDS), VECTORS[i].code);
    static const uint32_t HOTP[] = {755224, 287082, 359152, 969429, 338314,
                                    254676, 287922, 162583, 399871, 520489};
    for (int64_t i = 0; i < 10; i++)
        assert_int_equal(totp_code(SECRET, i), HOTP[i]);
}

static void a_code_is_found_one_step_around_now(void **state) {
    (void)state;
    const int64_t step = 1111111111 / TOTP_STEP_SECONDS, now = 1111111111;
    for (int64_t off = -3; off <= 3; off++) {
        char typed[16];
        snprintf(typed, sizeof(typed), "%06u", totp_code(SECRET, step + off));
        assert_int_equal(totp_find(SECRET, typed, now, 0), off >= -1 && off <= 1 ? step + off : 0);
    }
}

static void a_code_works_once(void **state) {
    (void)state;
    const int64_t now = 1111111111, step = now / TOTP_STEP_SECONDS;
    assert_int_equal(totp_find(SECRET, "050471", now, step - 1), step);
    assert_int_equal(totp_find(SECRET, "050471", now, step), 0);
    assert_int_equal(totp_find(SECRET, "081804", now, step), 0); /* an older one neither */
}

static void only_six_digits_are_a_code(void **state) {
    (void)state;
    const int64_t now = 1111111111, step = now / TOTP_STEP_SECONDS;
    assert_int_equal(totp_find(SECRET, " 050 471 ", now, 0), step);
    static const char *const NONE[] = {"",       " ",      "50471",         "0050471", "050471x",
                                       "-50471", "+50471", "05047\xc3\xb1", "999999"};
    for (size_t i = 0; i < sizeof(NONE) / sizeof(*NONE); i++)
        assert_int_equal(totp_find(SECRET, NONE[i], now, 0), 0);
}

static void the_secret_is_written_in_base32(void **state) {
    (void)state;
    char text[TOTP_BASE32_SIZE];
    totp_base32(SECRET, text);
    assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_standard),
        cmocka_unit_test(a_code_is_found_one_step_around_now),
        cmocka_unit_test(a_code_works_once),
        cmocka_unit_test(only_six_digits_are_a_code),
        cmocka_unit_test(the_secret_is_written_in_base32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
