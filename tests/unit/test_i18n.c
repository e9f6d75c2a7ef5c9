/* Choice of language, look-up of texts, messages filled in as plain text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"

/* A catalogue of our own, sorted by key as catalogc sorts it. */
const struct message *const i18n_catalogue[] = {
    &(const struct message){"Close", {"Close", "Cerrar"}, {NULL, NULL}},
    &(const struct message){"Open", {"Open", "Abrir"}, {NULL, NULL}},
    &(const struct message){"door\4Open", {"Open", "Abierta"}, {NULL, NULL}},
    &(const struct message){"shop\4Open", {"Open", "Abierto"}, {NULL, NULL}},
    &(const struct message){"{n} seat", {"{n} seat", "{n} vacante"}, {"{n} seats", "{n} vacantes"}},
    &(const struct message){
        "{student}: {title}", {"{student}: {title}", "{title} ({student})"}, {NULL, NULL}},
};
const size_t i18n_catalogue_count = ARRAY_COUNT(i18n_catalogue);

static void codes_are_exact(void **state) {
    (void)state;
    enum lang lang = LANG_EN;
    assert_true(lang_parse("es", &lang));
    assert_int_equal(lang, LANG_ES);
    static const char *const others[] = {"", "ES", "es-PE", "fr", "e"};
    for (size_t i = 0; i < ARRAY_COUNT(others); i++)
        assert_false(lang_parse(others[i], &lang));
    assert_false(lang_parse(NULL, &lang));
    assert_int_equal(lang, LANG_ES);
    assert_string_equal(lang_code(LANG_EN), "en");
    assert_string_equal(lang_code(LANG_ES), "es");
}

static void accept_language_weighs(void **state) {
    (void)state;
    static const struct {
        const char *header;
        int expected; /* -1: nothing fits */
    } cases[] = {
        {"es", LANG_ES},
        {"es-PE,es;q=0.9,en;q=0.8", LANG_ES},
        {"en;q=0.8, es ; q=0.9", LANG_ES},
        {"en-US,en;q=0.5", LANG_EN},
        {"ES-419", LANG_ES},
        {"fr, en;q=0.1", LANG_EN},
        {"fr-CH, fr;q=0.9, *;q=0.5", -1}, /* any will do: the school's */
        {"es;q=0, en;q=0.001", LANG_EN},
        {"es;q=0.5,en;q=0.5", LANG_ES},
        {"es;q=0", -1},
        {"es;q=x", -1},
        {"fr", -1},
        {"estonian", -1},
        {"", -1},
        {",,;", -1},
        {NULL, -1},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        enum lang lang = LANG_COUNT;
        bool found = lang_accept(cases[i].header, &lang);
        assert_int_equal(found, cases[i].expected >= 0);
        assert_int_equal(lang, found ? cases[i].expected : LANG_COUNT);
    }
}

static void texts_are_found_by_their_english(void **state) {
    (void)state;
    assert_string_equal(tr(LANG_ES, "Close"), "Cerrar");
    assert_string_equal(tr(LANG_ES, "Open"), "Abrir");
    assert_string_equal(tr(LANG_EN, "Open"), "Open");
    assert_string_equal(tr_ctx(LANG_ES, "shop", "Open"), "Abierto");
    assert_string_equal(tr_ctx(LANG_ES, "door", "Open"), "Abierta");
    assert_string_equal(tr_ctx(LANG_ES, "sho", "Open"), "Open");
}

static void unknown_texts_stay_english(void **state) {
    (void)state;
    static const char *const unknown[] = {"", "A", "Opened", "~", "shop", "{n} seats"};
    for (size_t i = 0; i < ARRAY_COUNT(unknown); i++)
        assert_ptr_equal(tr(LANG_ES, unknown[i]), unknown[i]);
    assert_string_equal(tr_n(LANG_ES, "{n} child", "{n} children", 2), "{n} children");
    assert_string_equal(tr_n(LANG_ES, "Close", "Closes", 2), "Closes");
    assert_string_equal(tr_n(LANG_ES, "Close", "Open", 2), "Abrir"); /* two messages */
}

static void plurals_follow_the_count(void **state) {
    (void)state;
    assert_string_equal(tr_n(LANG_ES, "{n} seat", "{n} seats", 1), "{n} vacante");
    assert_string_equal(tr_n(LANG_ES, "{n} seat", "{n} seats", 0), "{n} vacantes");
    assert_string_equal(tr_n(LANG_EN, "{n} seat", "{n} seats", 1), "{n} seat");
    assert_string_equal(tr_n(LANG_EN, "{n} seat", "{n} seats", 5), "{n} seats");
}

static void arguments_are_filled_in(void **state) {
    (void)state;
    struct buf b = {0};
    i18n_format(&b, LANG_ES, "{student}: {title}", I18N_TEXT("student", "Sofía {title}"),
                I18N_TEXT("title", "Robótica"));
    assert_string_equal(buf_text(&b), "Robótica (Sofía {title})");
    buf_reset(&b);
    i18n_format(&b, LANG_EN, "{a}{b}{c} {", I18N_TEXT("a", NULL), I18N_INT("b", -3));
    assert_string_equal(buf_text(&b), "-3{c} {");
    buf_reset(&b);
    i18n_format_n(&b, LANG_ES, "{n} seat", "{n} seats", 4, I18N_INT("n", 4));
    assert_string_equal(buf_text(&b), "4 vacantes");
    buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_exact),
        cmocka_unit_test(accept_language_weighs),
        cmocka_unit_test(texts_are_found_by_their_english),
        cmocka_unit_test(unknown_texts_stay_english),
        cmocka_unit_test(plurals_follow_the_count),
        cmocka_unit_test(arguments_are_filled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
