/* Which passwords are refused, and that good ones are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "shop/password.h"
#include "shop/password_roots.h"

#include <cmocka.h>
#include <string.h>

static const struct password_owner ANA = {
    .email = "ana.torres85@example.org", .first_name = "Ana María", .last_name = "Torres Ñaupari"};

static void check_all(const char *const *passwords, size_t count, enum password_fault expected) {
    for (size_t i = 0; i < count; i++) {
        enum password_fault fault = password_check(passwords[i], &ANA);
        if (fault != expected)
            print_error("%s: %d\n", passwords[i], (int)fault);
        assert_int_equal(fault, expected);
    }
}

static void length_counts_characters_and_bytes(void **state) {
    (void)state;
    static const char *const SHORT[] = {"", "x", "123456789", "ñandú-veo"};
    check_all(SHORT, ARRAY_COUNT(SHORT), PASSWORD_SHORT);
    assert_int_equal(password_check("ñandú-veo7", &ANA), PASSWORD_GOOD);
    char endless[PASSWORD_MAX + 2];
    for (size_t i = 0; i < sizeof(endless); i++)
        endless[i] = (char)('!' + i * 7 % 90);
    endless[PASSWORD_MAX + 1] = '\0';
    assert_int_equal(password_check(endless, &ANA), PASSWORD_LONG);
    endless[PASSWORD_MAX] = '\0';
    assert_int_equal(password_check(endless, &ANA), PASSWORD_GOOD);
}

static void common_ones_are_refused_in_any_dress(void **state) {
    (void)state;
    static const char *const COMMON[] = {
        "password123",     "Password2024!",   "P@ssw0rd2024",       "passwordpassword",
        "contraseña123",   "CONTRASENA1",     "c0ntr4s3ñ4!",        "1234567890",
        "12345678901234",  "0987654321",      "1111111111",         "1212121212",
        "123123123123",    "qwertyuiop",      "poiuytrewq",         "qwerty123456",
        "asdfghjkl1",      "1q2w3e4r5t",      "1qaz2wsx3edc",       "abcdefghij",
        "aaaaaaaaaaaa",    "abababababab",    "!!!!!!!!!!",         "iloveyou1234",
        "teamo12345",      "te quiero mucho", "tequieromucho1",     "alianzalima1901",
        "universitario24", "Arriba Perú1",    "micontraseña",       "letmein-2026",
        "administrador1",  "francisco1990",   "josejosejose1",      "sebastian15081990",
        "juanperez1",      "lima-peru-1",     "incakola2020",       "abc123abc123",
        "superman!!!!!",   "4dministrador",   "147258369147258369", "welcome_2025",
    };
    check_all(COMMON, ARRAY_COUNT(COMMON), PASSWORD_COMMON);
}

static void ones_own_name_and_address_are_refused(void **state) {
    (void)state;
    static const char *const PERSONAL[] = {
        "ana.torres85@example.org",
        "xx-ana.torres85-yy",
        "torres-de-lima-9",
        "las T0RR3S grandes",
        "ñaupari entre rosas",
        "naupari entre rosas",
        "ANA1234567",
        "mariposas y maria",
        "Ana-Ana-Ana-1",
    };
    check_all(PERSONAL, ARRAY_COUNT(PERSONAL), PASSWORD_PERSONAL);
    assert_int_equal(password_check("mañana ganan todos", &ANA),
                     PASSWORD_GOOD); /* "ana" is short */
    struct password_owner nobody = {0};
    assert_int_equal(password_check("torres-de-lima-9", &nobody), PASSWORD_GOOD);
}

static void good_ones_pass(void **state) {
    (void)state;
    static const char *const GOOD[] = {
        "zapato verde lunar",     "correct horse battery", "kf83-Lq0z-vv1", "4829105738",
        "tres gatos en el 5to",   "Jardín&Tuerca71",       "x7#Qm!p2Wd",    "perro azul come sopa",
        "日本語のパスワードです", "passwort-kuchen-zug",
    };
    check_all(GOOD, ARRAY_COUNT(GOOD), PASSWORD_GOOD);
}

static void the_list_can_be_searched(void **state) {
    (void)state;
    assert_true(password_root_count > 1000);
    for (size_t i = 0; i < password_root_count; i++) {
        const char *root = password_roots[i];
        assert_int_equal(strspn(root, "abcdefghijklmnopqrstuvwxyz"), strlen(root));
        if (i > 0)
            assert_true(strcmp(password_roots[i - 1], root) < 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(length_counts_characters_and_bytes),
        cmocka_unit_test(common_ones_are_refused_in_any_dress),
        cmocka_unit_test(ones_own_name_and_address_are_refused),
        cmocka_unit_test(good_ones_pass),
        cmocka_unit_test(the_list_can_be_searched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
