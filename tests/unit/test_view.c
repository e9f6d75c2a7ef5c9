/* What compiled templates print: those of tests/fixtures/views, compiled by the build with their
 * own catalogue (tools.mk) and included at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "test/views.h"
#include "view_fixture.h"
#include <string.h>

static const struct fixture_item items[] = {{"Ana & Co.", 1250}, {"<Luis>", 99}};

static const struct fixture_view sample = {
    .text = "R&D <\"1\">",
    .url = "https://example.org/?a=1&b=2",
    .slug = "a b?c",
    .markup = "<hr>",
    .yes = true,
    .seats = 3,
    .count = 2,
    .items = items,
};

void filter_fixture(struct out *o, int64_t cents, const char *currency) {
    out_format(o, "%d.%02d", (int)(cents / 100), (int)(cents % 100));
    out_text(o, " ");
    out_text(o, currency);
}

typedef void view_function(struct out *o, const struct fixture_view *v);

static void assert_view(view_function *view, enum lang lang, const struct fixture_view *v,
                        const char *expected) {
    struct buf b = {0};
    struct out o = out_start(&b, lang, NULL);
    view(&o, v);
    assert_string_equal(buf_text(&b), expected);
    assert_int_equal(o.context, OUT_HTML);
    buf_free(&b);
}

static void values_are_escaped_for_their_place(void **state) {
    (void)state;
    assert_view(view_case_contexts, LANG_EN, &sample,
                "<p title=\"R&amp;D &lt;&quot;1&quot;&gt;\">R&amp;D &lt;&quot;1&quot;&gt;, 3</p>"
                "<a href=\"https://example.org/?a=1&amp;b=2\">whole</a>\n"
                "<a href=\"/w/a%20b%3Fc/?q=R%26D%20%3C%221%22%3E#a%20b%3Fc\">parts</a>\n"
                "<a href=\"mailto:a%20b%3Fc?subject=Hello\">mail</a>\n"
                "<a href=\"https://example.org/?a=1&amp;b=2?page=3\">whole and query</a>\n"
                "<img src=\"/media/a%20b%3Fc\""
                " srcset=\"/media/a%20b%3Fc 1x, /media/a%20b%3Fc/2 2x, /m 3w,"
                " /n R%26D%20%3C%221%22%3E\" alt=\"\">\n"
                "<b>12.50 &lt;PEN&gt;</b><a href=\"?c=12.50%20PEN\">filter</a>");
}

static void missing_texts_print_nothing_and_bad_urls_a_hash(void **state) {
    (void)state;
    const struct fixture_view v = {.url = "javascript:alert(1)", .slug = ""};
    assert_view(view_case_contexts, LANG_ES, &v,
                "<p title=\"\">, 0</p><a href=\"#\">whole</a>\n<a href=\"/w//#\">parts</a>\n"
                "<a href=\"mailto:?subject=%C2%BFQu%C3%A9%20tal%3F\">mail</a>\n"
                "<a href=\"#?page=0\">whole and query</a>\n"
                "<img src=\"/media/\" srcset=\"/media/ 1x, /media//2 2x, /m 0w, /n \" alt=\"\">\n"
                "<b>12.50 &lt;PEN&gt;</b><a href=\"?c=12.50%20PEN\">filter</a>");
}

#define CONTROL_END                                                  \
    " and <i>is not x</i>\n<textarea>\n  two  spaces\n</textarea>\n" \
    "<svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"/></svg>"

static void blocks_choose_and_repeat(void **state) {
    (void)state;
    assert_view(view_case_control, LANG_EN, &sample,
                "<ul><li class=\"item\">Ana &amp; Co.: 12.50 PEN</li>\n"
                "<li class=\"item last\">&lt;Luis&gt;: 0.99 PEN</li>\n</ul><p>many</p>"
                "<input type=\"checkbox\" checked data-a=\"1\" id=\"a b?c\">\n<hr>" CONTROL_END);
    struct fixture_view v = {.slug = "y", .markup = "", .seats = 1};
    assert_view(view_case_control, LANG_EN, &v,
                "<ul></ul><p>one</p><input type=\"checkbox\" data-b=\"2\">\n" CONTROL_END);
    v.seats = 0;
    assert_view(view_case_control, LANG_EN, &v,
                "<ul></ul><p>none</p><input type=\"checkbox\" data-b=\"2\">\n" CONTROL_END);
}

static void messages_follow_the_language(void **state) {
    (void)state;
    assert_view(view_case_messages, LANG_EN, &sample,
                "<p title=\"Hello\">Hello Open Open</p>"
                "<p>R&amp;D &lt;&quot;1&quot;&gt; pays 12.50 PEN &amp; &quot;goes&quot;</p>"
                "<p>3 seats for R&amp;D &lt;&quot;1&quot;&gt;</p><p>&lt;hr&gt;</p>");
    const struct fixture_view v = {.text = "Ana", .seats = 1, .markup = "Hello"};
    assert_view(view_case_messages, LANG_ES, &v,
                "<p title=\"¿Qué tal?\">¿Qué tal? Abierto Open</p><p>Son 12.50 PEN de Ana</p>"
                "<p>1 vacante para Ana</p><p>¿Qué tal?</p>");
    assert_view(view_case_messages, LANG_EN, &v,
                "<p title=\"Hello\">Hello Open Open</p>"
                "<p>Ana pays 12.50 PEN &amp; &quot;goes&quot;</p><p>one seat for Ana</p>"
                "<p>Hello</p>");
}

static void plain_text_keeps_lines_and_characters(void **state) {
    (void)state;
    assert_view(view_case_mail_txt, LANG_ES, &sample,
                "¿Qué tal? R&D <\"1\">,\n\n  * Ana & Co.  12.50 PEN\n  * <Luis>  0.99 PEN\n"
                "yes < & >\n");
}

static void layouts_and_letters_have_their_freedom(void **state) {
    (void)state;
    struct buf b = {0};
    struct out o = out_start(&b, LANG_EN, NULL);
    view_case_open(&o);
    assert_string_equal(buf_text(&b), "<!doctype html><html lang=\"en\"><body>");
    buf_free(&b);
    assert_view(view_case_letter, LANG_EN, &sample,
                "<style>p { margin: 0 }</style>"
                "<p style=\"color: #333\">R&amp;D &lt;&quot;1&quot;&gt;</p>");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_escaped_for_their_place),
        cmocka_unit_test(missing_texts_print_nothing_and_bad_urls_a_hash),
        cmocka_unit_test(blocks_choose_and_repeat),
        cmocka_unit_test(messages_follow_the_language),
        cmocka_unit_test(plain_text_keeps_lines_and_characters),
        cmocka_unit_test(layouts_and_letters_have_their_freedom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Last, because their #line directives give everything behind them another name. */
#include "test/catalogue.c"
#include "test/views/case_contexts.c"
#include "test/views/case_control.c"
#include "test/views/case_letter.c"
#include "test/views/case_mail_txt.c"
#include "test/views/case_messages.c"
#include "test/views/case_open.c"
#include "test/views/part_item.c"
