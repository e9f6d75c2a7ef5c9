/* What stands in a log line, whatever bytes came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char line[8192];

/* The line that a value makes, without its time. */
static const char *said(enum log_format format, const char *value) {
    FILE *into = tmpfile();
    int saved = dup(STDERR_FILENO);
    assert_non_null(into);
    dup2(fileno(into), STDERR_FILENO);
    log_setup(LOG_INFO, format);
    LOG_FIELDS(LOG_INFO, "event", LOG_STR("key", value), LOG_INT("n", 7));
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(into);
    size_t length = fread(line, 1, sizeof(line) - 1, into);
    line[length] = '\0';
    fclose(into);
    return strstr(line, "event")
               ? strstr(line, "\"key\"") ? strstr(line, "\"key\"") : strstr(line, "key=")
               : line;
}

static void assert_both(const char *value, const char *written) {
    char expected[512];
    snprintf(expected, sizeof(expected), "\"key\":\"%s\",\"n\":7}\n", written);
    assert_string_equal(said(LOG_JSON, value), expected);
    snprintf(expected, sizeof(expected), "key=\"%s\" n=7\n", written);
    assert_string_equal(said(LOG_TEXT, value), expected);
}

static void words_stand_as_they_are(void **state) {
    (void)state;
    assert_string_equal(said(LOG_TEXT, "plain"), "key=plain n=7\n");
    assert_both("two words", "two words");
    assert_both("Rob\xc3\xb3tica \xf0\x9f\xa4\x96", "Rob\xc3\xb3tica \xf0\x9f\xa4\x96");
    assert_both("", "");
    assert_both("say \"a\\b\"", "say \\\"a\\\\b\\\"");
}

static void nothing_makes_a_second_line(void **state) {
    (void)state;
    assert_both("a\r\n{\"event\":\"forged\"}", "a\\u000d\\u000a{\\\"event\\\":\\\"forged\\\"}");
    assert_both("a\xe2\x80\xa8"
                "b",
                "a\\u2028b");
    assert_both("a\xc2\x85"
                "b",
                "a\\u0085b"); /* the line end of C1 */
}

static void nothing_speaks_to_the_terminal(void **state) {
    (void)state;
    assert_both("\x1b[2J\x7f", "\\u001b[2J\\u007f");
    assert_both("\xc2\x9b"
                "2J",
                "\\u009b2J"); /* CSI in one byte of C1 */
    assert_both("\xe2\x80\xae"
                "evil",
                "\\u202eevil");
}

static void bytes_that_are_no_text_are_marked(void **state) {
    (void)state;
    assert_both("a\xff"
                "b",
                "a\\ufffdb");
    assert_both("a\x80", "a\\ufffd");
    assert_both("\xc0\xaf", "\\ufffd\\ufffd"); /* an overlong slash */
    assert_both("caf\xe9", "caf\\ufffd");      /* Latin-1, as old mail servers speak */
}

static void a_long_value_ends_with_a_whole_character(void **state) {
    (void)state;
    static char value[8001];
    for (size_t i = 0; i < sizeof(value) - 1; i += 2)
        memcpy(value + i, "\xc3\xb1", 2);
    const char *text = said(LOG_JSON, value);
    assert_true(strlen(text) < 4096);
    assert_non_null(strstr(text, "\xc3\xb1\",\"n\":7}\n"));
    assert_null(strstr(text, "\\ufffd"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_stand_as_they_are),
        cmocka_unit_test(nothing_makes_a_second_line),
        cmocka_unit_test(nothing_speaks_to_the_terminal),
        cmocka_unit_test(bytes_that_are_no_text_are_marked),
        cmocka_unit_test(a_long_value_ends_with_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
