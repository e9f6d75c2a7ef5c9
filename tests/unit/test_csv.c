/* CSV as spreadsheets open it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/csv.h"

#include <cmocka.h>

static void assert_text(const char *value, const char *written) {
    struct buf b = {0};
    csv_text(&b, true, value);
    assert_string_equal(buf_text(&b), written);
    buf_free(&b);
}

static void assert_digits(const char *value, const char *written) {
    struct buf b = {0};
    csv_digits(&b, true, value);
    assert_string_equal(buf_text(&b), written);
    buf_free(&b);
}

static void text_is_quoted_where_it_must(void **state) {
    (void)state;
    assert_text("Robótica", "Robótica");
    assert_text("a,b", "\"a,b\"");
    assert_text("a;b", "\"a;b\"");
    assert_text("say \"hi\"", "\"say \"\"hi\"\"\"");
    assert_text("two\nlines", "\"two\nlines\"");
    assert_text("", "");
    assert_text(NULL, "");
}

static void nothing_is_taken_for_a_formula(void **state) {
    (void)state;
    assert_text("=1+1", "\"'=1+1\"");
    assert_text("+51 987 654 321", "\"'+51 987 654 321\"");
    assert_text("-2", "\"'-2\"");
    assert_text("@SUM(A1)", "\"'@SUM(A1)\"");
    assert_text("\t=1", "\"'\t'=1\"");
    assert_text("\n=1", "\"'\n'=1\"");
    assert_text(" =1", "\" '=1\"");
    assert_text("\xef\xbc\x9d"
                "1",
                "\"'\xef\xbc\x9d"
                "1\"");
    assert_text("1=1", "1=1");
    assert_text("\xc3\xb1=1", "\xc3\xb1=1");
}

/* Where the separator is another one, a cell begins behind it, quotes or not. */
static void nor_behind_another_separator(void **state) {
    (void)state;
    assert_text("a;=1", "\"a;'=1\"");
    assert_text("a; +1;b", "\"a; '+1;b\"");
    assert_text("a\t@1", "\"a\t'@1\"");
    assert_text("a\r\n-1", "\"a\r\n'-1\"");
    assert_text("a;\"=1", "\"a;\"\"'=1\"");
    assert_text("a;b=1", "\"a;b=1\"");
}

static void long_numbers_stay_text(void **state) {
    (void)state;
    assert_digits("0045", "\"'0045\"");
    assert_digits("123456789012", "\"'123456789012\"");
    assert_digits("987654321", "987654321");
    assert_digits("A12", "A12");
    assert_digits("=1", "\"'=1\"");
}

static void rows_are_made_of_cells(void **state) {
    (void)state;
    struct buf b = {0};
    csv_begin(&b);
    csv_text(&b, true, "a");
    csv_int(&b, false, -7);
    csv_money(&b, false, 18050);
    csv_money(&b, false, -5);
    csv_text(&b, false, NULL);
    csv_end_row(&b);
    assert_string_equal(buf_text(&b), "\xef\xbb\xbf"
                                      "a,-7,180.50,-0.05,\r\n");
    buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_quoted_where_it_must),
        cmocka_unit_test(nothing_is_taken_for_a_formula),
        cmocka_unit_test(nor_behind_another_separator),
        cmocka_unit_test(long_numbers_stay_text),
        cmocka_unit_test(rows_are_made_of_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
