/* Addresses that people type, and what they type instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/email.h"

#include <cmocka.h>
#include <string.h>

static void usual_addresses_are_valid(void **state) {
    static const char *const GOOD[] = {
        "ana@example.org",      "a@b.pe",           "ana.maria+taller@mail.example.org",
        "o'neil@example.org",   "ñandú@example.pe", "ana@correo-uno.example",
        "ana_99@1and1.example", "ana@señal.pe",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(GOOD) / sizeof(*GOOD); i++)
        if (!email_valid(GOOD[i]))
            fail_msg("%s", GOOD[i]);
}

static void others_are_not(void **state) {
    static const char *const BAD[] = {
        "",
        "ana",
        "@",
        "ana@",
        "@example.org",
        "ana@example",
        "ana@.org",
        "ana@example.",
        "ana@exa..mple.org",
        "ana@-example.org",
        "ana@example-.org",
        "ana@127.0.0.1",
        ".ana@example.org",
        "ana.@example.org",
        "an..a@example.org",
        "ana@home@example.org",
        "ana maria@example.org",
        "ana@example .org",
        "ana@example.org ",
        "ana@example.org\nBcc: x@example.org",
        "ana@example.org,x@example.org",
        "<ana@example.org>",
        "\"ana\"@example.org",
        "Ana <ana@example.org>",
        "ana@exa_mple.org",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(BAD) / sizeof(*BAD); i++)
        if (email_valid(BAD[i]))
            fail_msg("%s", BAD[i]);
}

/* local part and domain label of the given lengths */
static bool valid_of(size_t local, size_t label) {
    char email[512];
    memset(email, 'a', local);
    email[local] = '@';
    memset(email + local + 1, 'b', label);
    memcpy(email + local + 1 + label, ".org", sizeof(".org"));
    return email_valid(email);
}

static void lengths_are_bounded(void **state) {
    (void)state;
    assert_true(valid_of(64, 63));
    assert_false(valid_of(65, 63));
    assert_false(valid_of(64, 64));
    char longest[EMAIL_MAX + 2] = "a@";
    for (size_t i = 2; i < EMAIL_MAX + 1; i++)
        longest[i] = i % 50 == 0 ? '.' : 'b';
    assert_false(email_valid(longest));
    longest[EMAIL_MAX] = '\0';
    assert_true(email_valid(longest));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_addresses_are_valid),
        cmocka_unit_test(others_are_not),
        cmocka_unit_test(lengths_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
