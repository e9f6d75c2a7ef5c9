/* Escaping in every context, numbers, filters, messages in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/out.h"
#include <string.h>

const struct message *const i18n_catalogue[] = {
    &(const struct message){"No & yes", {"No & yes", "Sí & no"}, {NULL, NULL}},
};
const size_t i18n_catalogue_count = 1;

/* What out_text prints in a context. */
static void assert_text(enum out_context context, const char *text, const char *expected) {
    struct buf b = {0};
    struct out o = out_start(&b, LANG_EN, NULL);
    o.context = context;
    out_text(&o, text);
    assert_string_equal(buf_text(&b), expected);
    buf_free(&b);
}

static void html_escapes_markup(void **state) {
    (void)state;
    assert_text(OUT_HTML, "<a href=\"x\" title='y'>R&D</a>",
                "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;R&amp;D&lt;/a&gt;");
    assert_text(OUT_HTML, "Robótica con ñandúes", "Robótica con ñandúes");
    assert_text(OUT_HTML, "", "");
    assert_text(OUT_HTML, NULL, "");
}

static void whole_urls_keep_their_form(void **state) {
    (void)state;
    static const char *const kept[] = {"https://example.org/a?b=c#d",
                                       "/workshops/?page=2",
                                       "#main",
                                       "mailto:ana@example.org",
                                       "tel:+51987654321",
                                       "?q=a:b",
                                       "HTTP://example.org/",
                                       "a/b:c",
                                       "%C3%B1"};
    for (size_t i = 0; i < ARRAY_COUNT(kept); i++)
        assert_text(OUT_URL, kept[i], kept[i]);
    assert_text(OUT_URL, "/a?b=1&c=\"2\"", "/a?b=1&amp;c=%222%22");
    assert_text(OUT_URL, "/años \\x", "/a%C3%B1os%20%5Cx");
    assert_text(OUT_URL, "/it's<b>", "/it%27s%3Cb%3E");
}

static void whole_urls_run_no_code(void **state) {
    (void)state;
    static const char *const refused[] = {"javascript:alert(1)",
                                          "JavaScript:alert(1)",
                                          " javascript:alert(1)",
                                          "java\tscript:alert(1)",
                                          "\x01javascript:alert(1)",
                                          "data:text/html,<script>",
                                          "vbscript:x",
                                          "javascript&colon;:alert(1)",
                                          ":javascript:alert(1)",
                                          "view-source:javascript:x"};
    for (size_t i = 0; i < ARRAY_COUNT(refused); i++)
        assert_text(OUT_URL, refused[i], "#");
    assert_text(OUT_URL, "javascript&colon;alert(1)", "javascript&amp;colon;alert(1)");
}

static void url_parts_are_encoded(void **state) {
    (void)state;
    assert_text(OUT_PATH, "robotica-1_2.~", "robotica-1_2.~");
    assert_text(OUT_PATH, "a/b:c@d+e,f=g", "a/b:c@d+e,f=g");
    assert_text(OUT_PATH, "a?b#c&d\"e'f%g ñ", "a%3Fb%23c%26d%22e%27f%25g%20%C3%B1");
    assert_text(OUT_QUERY, "a=b&c=d/e?f+g", "a%3Db%26c%3Dd%2Fe%3Ff%2Bg");
    assert_text(OUT_QUERY, "Lima 2026", "Lima%202026");
}

static void plain_text_is_as_it_is(void **state) {
    (void)state;
    assert_text(OUT_PLAIN, "a < b & \"c\"", "a < b & \"c\"");
}

static void numbers_are_decimal(void **state) {
    (void)state;
    struct buf b = {0};
    struct out o = out_start(&b, LANG_EN, NULL);
    out_value(&o, (int64_t)INT64_MIN);
    out_literal(&o, " ");
    out_value(&o, (uint64_t)UINT64_MAX);
    out_literal(&o, " ");
    out_value(&o, (uint8_t)200);
    out_literal(&o, " ");
    out_value(&o, (short)-7);
    assert_string_equal(buf_text(&b), "-9223372036854775808 18446744073709551615 200 -7");
    buf_free(&b);
}

static void formats_are_escaped(void **state) {
    (void)state;
    char name[600];
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    struct buf b = {0};
    struct out o = out_start(&b, LANG_EN, NULL);
    out_format(&o, "<%d>", 5);
    assert_string_equal(buf_text(&b), "&lt;5&gt;");
    buf_reset(&b);
    out_format(&o, "%s&", name);
    assert_int_equal(b.len, sizeof(name) - 1 + strlen("&amp;"));
    assert_string_equal(b.data + sizeof(name) - 1, "&amp;");
    buf_free(&b);
}

static void texts_are_translated_and_escaped(void **state) {
    (void)state;
    struct buf b = {0};
    struct out o = out_start(&b, LANG_ES, NULL);
    filter_tr(&o, N_("No & yes"));
    filter_tr(&o, NULL);
    out_raw(&o, "<br>");
    out_message(&o, i18n_catalogue[0]);
    assert_string_equal(buf_text(&b), "Sí &amp; no<br>Sí &amp; no");
    buf_free(&b);
}

static void pieces_come_in_the_translations_order(void **state) {
    (void)state;
    static const struct message message = {
        "{a} of {b}", {"{a} of {b}", "{b}: {a} & {other}{a"}, {NULL, NULL}};
    static const char *const names[] = {"a", "b"};
    struct buf b = {0};
    struct out o = out_start(&b, LANG_ES, NULL);
    struct out_pieces pieces = out_pieces_start(&o, &message, 1, names, 2);
    for (int arg; (arg = out_piece(&o, &pieces)) >= 0;)
        out_int(&o, arg + 10);
    assert_string_equal(buf_text(&b), "11: 10 &amp; {other}{a");
    buf_free(&b);
}

static void plural_follows_the_count(void **state) {
    (void)state;
    static const struct message message = {
        "{n} seat", {"{n} seat", "{n} vacante"}, {"{n} seats", "{n} vacantes"}};
    static const char *const names[] = {"n"};
    static const struct {
        enum lang lang;
        int n;
        const char *expected;
    } cases[] = {{LANG_EN, 1, "1 seat"},     {LANG_EN, 0, "0 seats"},
                 {LANG_EN, 2, "2 seats"},    {LANG_ES, 1, "1 vacante"},
                 {LANG_ES, 0, "0 vacantes"}, {LANG_ES, -1, "-1 vacantes"}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct buf b = {0};
        struct out o = out_start(&b, cases[i].lang, NULL);
        struct out_pieces pieces = out_pieces_start(&o, &message, cases[i].n, names, 1);
        while (out_piece(&o, &pieces) >= 0)
            out_int(&o, cases[i].n);
        assert_string_equal(buf_text(&b), cases[i].expected);
        buf_free(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_escapes_markup),
        cmocka_unit_test(whole_urls_keep_their_form),
        cmocka_unit_test(whole_urls_run_no_code),
        cmocka_unit_test(url_parts_are_encoded),
        cmocka_unit_test(plain_text_is_as_it_is),
        cmocka_unit_test(numbers_are_decimal),
        cmocka_unit_test(formats_are_escaped),
        cmocka_unit_test(texts_are_translated_and_escaped),
        cmocka_unit_test(pieces_come_in_the_translations_order),
        cmocka_unit_test(plural_follows_the_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
