/* The embedded data that is looked up or handed over as it is: countries, CA roots, texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/country.h"
#include "base/embedded.h"
#include "base/err.h"
#include "base/roots.h"
#include <stdbool.h>
#include <string.h>

static void names_come_in_both_languages(void **state) {
    (void)state;
    assert_string_equal(country_name(LANG_EN, "PE"), "Peru");
    assert_string_equal(country_name(LANG_ES, "PE"), "Perú");
    assert_string_equal(country_name(LANG_ES, "DE"), "Alemania");
    assert_string_equal(country_name(LANG_EN, "ZW"), "Zimbabwe");
    assert_string_equal(country_name(LANG_EN, "AD"), "Andorra");
}

static void the_common_name_counts(void **state) {
    (void)state;
    assert_string_equal(country_name(LANG_EN, "BO"), "Bolivia");
    assert_string_equal(country_name(LANG_ES, "VE"), "Venezuela");
}

static void other_codes_are_unknown(void **state) {
    (void)state;
    static const char *const unknown[] = {"", "pe", "P", "PER", "XX", "ZZ", "AA"};
    for (size_t i = 0; i < ARRAY_COUNT(unknown); i++)
        assert_null(country_name(LANG_EN, unknown[i]));
    assert_null(country_name(LANG_EN, NULL));
}

static size_t place_of(enum lang lang, const char *code) {
    for (size_t i = 0; i < country_count(); i++)
        if (strcmp(country_at(lang, i)->code, code) == 0)
            return i;
    fail_msg("%s is not listed", code);
    return 0;
}

static void lists_are_in_the_languages_order(void **state) {
    (void)state;
    assert_true(country_count() > 240);
    assert_true(place_of(LANG_ES, "DE") < place_of(LANG_ES, "AR")); /* Alemania, Argentina */
    assert_true(place_of(LANG_EN, "AR") < place_of(LANG_EN, "DE")); /* Argentina, Germany */
    assert_true(place_of(LANG_ES, "AT") < place_of(LANG_ES, "BE")); /* accents do not matter */
    assert_true(place_of(LANG_ES, "AX") < place_of(LANG_ES, "JP")); /* Islas Åland, Japón */
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        bool seen[1000] = {false};
        for (size_t i = 0; i < country_count(); i++) {
            size_t index = (size_t)(country_at((enum lang)lang, i) - country_table);
            assert_false(seen[index]);
            seen[index] = true;
        }
    }
}

static void roots_are_certificates(void **state) {
    (void)state;
    assert_true(roots_count > 100);
    for (size_t i = 0; i < roots_count; i++) {
        /* SEQUENCE with a two-byte length that spans the whole. */
        assert_int_equal(roots[i].der[0], 0x30);
        assert_int_equal(roots[i].der[1], 0x82);
        assert_int_equal((size_t)(roots[i].der[2] << 8 | roots[i].der[3]) + 4, roots[i].len);
    }
}

static void texts_are_whole(void **state) {
    (void)state;
    assert_non_null(strstr(embedded_schema(), "CREATE TABLE account"));
    static const char *const parts[] = {"==== LICENSE ====", "==== sqlite ====",
                                        "==== mbedtls ====", "==== zoneinfo ====", "MIT License"};
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
        assert_non_null(strstr(embedded_licenses(), parts[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_in_both_languages),
        cmocka_unit_test(the_common_name_counts),
        cmocka_unit_test(other_codes_are_unknown),
        cmocka_unit_test(lists_are_in_the_languages_order),
        cmocka_unit_test(roots_are_certificates),
        cmocka_unit_test(texts_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
