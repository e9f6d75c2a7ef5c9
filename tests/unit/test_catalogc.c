/* The catalogue compiler: what becomes of the messages of templates and es.po, and which
 * translations its check refuses. */
#include "tool.h"

#include "base/err.h"
#include <string.h>

#define HEADER                                         \
    "msgid \"\"\nmsgstr \"\"\n\"Language: es\\n\"\n"   \
    "\"Content-Type: text/plain; charset=UTF-8\\n\"\n" \
    "\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n\n"

/* Compiles both catalogues with msgfmt; the English one is its own translation. */
static void compile(const char *folder, const char *english, const char *spanish) {
    struct buf output = {0}, po = {0};
    buf_printf(&po, HEADER "%s", english);
    tool_write(folder, "en.pot", buf_text(&po));
    buf_reset(&po);
    buf_printf(&po, HEADER "%s", spanish);
    tool_write(folder, "es.po", buf_text(&po));
    assert_int_equal(TOOL_RUN(folder, &output, "msgen", "--force-po", "-o", "en.po", "en.pot"), 0);
    assert_int_equal(TOOL_RUN(folder, &output, "msgfmt", "-o", "en.mo", "en.po"), 0);
    assert_int_equal(TOOL_RUN(folder, &output, "msgfmt", "-o", "es.mo", "es.po"), 0);
    buf_free(&output);
    buf_free(&po);
}

static void assert_check(void **state, const char *english, const char *spanish,
                         const char *expected) {
    struct buf output = {0};
    compile(*state, english, spanish);
    int status = TOOL_RUN(*state, &output, "build/tools/catalogc", "--check", "en.mo", "es.mo");
    assert_string_equal(buf_text(&output), expected);
    assert_int_equal(status, *expected ? 1 : 0);
    buf_free(&output);
}

static void placeholders_must_be_the_same(void **state) {
    static const char english[] = "msgid \"{a} of {b}\"\nmsgstr \"\"\n";
    assert_check(state, english, "msgid \"{a} of {b}\"\nmsgstr \"{b}: {a}\"\n", "");
    assert_check(state, english, "msgid \"{a} of {b}\"\nmsgstr \"{a}\"\n",
                 "es.po: \"{a} of {b}\": {b} is not in both the text and its translation\n");
    assert_check(state, english, "msgid \"{a} of {b}\"\nmsgstr \"{a} de {b} {c\"\n",
                 "es.po: \"{a} of {b}\": {c is not in both the text and its translation\n");
    assert_check(state, "msgctxt \"{x}\"\nmsgid \"A\"\nmsgstr \"\"\n",
                 "msgctxt \"{x}\"\nmsgid \"A\"\nmsgstr \"B\"\n", "");
}

static void a_singular_may_spell_out_its_number(void **state) {
    static const char english[] =
        "msgid \"one {x}\"\nmsgid_plural \"{n} {x}\"\nmsgstr[0] \"\"\nmsgstr[1] \"\"\n";
#define SPANISH(one, many) \
    "msgid \"one {x}\"\nmsgid_plural \"{n} {x}\"\nmsgstr[0] \"" one "\"\nmsgstr[1] \"" many "\"\n"
    assert_check(state, english, SPANISH("un {x}", "{n} {x}"), "");
    assert_check(state, english, SPANISH("{n} {x}", "{x} {n}"), "");
    assert_check(state, english, SPANISH("un {x}", "muchos {x}"),
                 "es.po: \"one {x}\": {n} is not in both the text and its translation\n");
    assert_check(state, english, SPANISH("un {y}", "{n} {x}"),
                 "es.po: \"one {x}\": {y} is not in both the text and its translation\n");
}

static void the_table_is_sorted_and_falls_back(void **state) {
    struct buf output = {0};
    compile(*state,
            "msgid \"Zebra\"\nmsgstr \"\"\n\nmsgid \"Apple\"\nmsgstr \"\"\n\n"
            "msgid \"{n} day\"\nmsgid_plural \"{n} days\"\nmsgstr[0] \"\"\nmsgstr[1] \"\"\n",
            "msgid \"Zebra\"\nmsgstr \"Cebra\"\n\nmsgid \"Only in C\"\nmsgstr \"Solo en C\"\n");
    assert_int_equal(TOOL_RUN(*state, &output, "build/tools/catalogc", "en.mo", "es.mo", "out.c"),
                     0);
    struct buf c = tool_read(*state, "out.c");
    const char *apple = strstr(c.data, ".text = {\"Apple\", \"Apple\"}");
    const char *in_c = strstr(c.data, ".text = {\"Only in C\", \"Solo en C\"}");
    const char *zebra = strstr(c.data, ".text = {\"Zebra\", \"Cebra\"}");
    const char *day = strstr(c.data, ".plural = {\"{n} days\", \"{n} days\"}");
    assert_true(apple && apple < in_c && in_c < zebra && zebra < day);
    assert_non_null(strstr(c.data, "i18n_catalogue_count = 4;"));
    buf_free(&c);
    buf_free(&output);
}

static void other_files_are_refused(void **state) {
    struct buf output = {0};
    tool_write(*state, "bad.mo", "not a catalogue at all");
    assert_int_equal(TOOL_RUN(*state, &output, "build/tools/catalogc", "bad.mo", "bad.mo", "out.c"),
                     1);
    assert_string_equal(buf_text(&output),
                        "bad.mo: is not a catalogue made by msgfmt on this machine\n");
    tool_write(*state, "bad.mo", "\xde\x12\x04\x95");
    assert_int_equal(TOOL_RUN(*state, &output, "build/tools/catalogc", "bad.mo", "bad.mo", "out.c"),
                     1);
    assert_string_equal(buf_text(&output), "bad.mo: is cut short\n");
    buf_free(&output);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, tool_setup, tool_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(placeholders_must_be_the_same),
        TEST(a_singular_may_spell_out_its_number),
        TEST(the_table_is_sorted_and_falls_back),
        TEST(other_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
