/* CSV as it comes out of spreadsheets, and as it comes out broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/csv_read.h"
#include <string.h>

/* All of a file in one text: "line:a|b/" a row, "line!/" for an open quote, "line?/" for one that
 * closes too early. */
static void assert_reads(const char *file, const char *expected) {
    struct arena *arena = arena_create();
    struct csv_reader reader;
    struct csv_row row;
    struct buf seen = {0};
    enum csv_status status;
    assert_true(csv_open(&reader, arena, file, strlen(file)));
    while ((status = csv_next(&reader, arena, &row)) != CSV_END) {
        buf_printf(&seen, "%ld%s", row.line,
                   status == CSV_QUOTE_OPEN     ? "!"
                   : status == CSV_QUOTE_INSIDE ? "?"
                                                : ":");
        for (size_t i = 0; status == CSV_ROW && i < row.count; i++)
            buf_printf(&seen, "%s%s", i ? "|" : "", row.cells[i]);
        buf_putc(&seen, '/');
    }
    assert_string_equal(buf_text(&seen), expected);
    buf_free(&seen);
    arena_destroy(arena);
}

static void rows_and_cells(void **state) {
    (void)state;
    assert_reads("", "");
    assert_reads("a,b\n1,2\n", "1:a|b/2:1|2/");
    assert_reads("a,b\r\n1,2", "1:a|b/2:1|2/");
    assert_reads("a,b\r1,\r", "1:a|b/2:1|/");
    assert_reads("a,,\n", "1:a||/");
    assert_reads("\n\na\n , \n\nb\n", "3:a/6:b/");
}

static void quotes(void **state) {
    (void)state;
    assert_reads("\"a,b\",c\n", "1:a,b|c/");
    assert_reads("\"say \"\"hi\"\"\",\"\"\n", "1:say \"hi\"|/");
    assert_reads("\"two\nlines\",x\ny,z\n", "1:two\nlines|x/3:y|z/");
    assert_reads("5\" pipe,x\n", "1:5\" pipe|x/");
}

static void broken_quotes_are_told_by_line(void **state) {
    (void)state;
    assert_reads("a,b\n1,\"2\n3,4\n", "1:a|b/2!/");
    assert_reads("a,b\n\"1\"x,2\n3,4\n", "1:a|b/2?/3:3|4/");
    assert_reads("a\n\"\n", "1:a/2!/");
    assert_reads("a\n\"", "1:a/2!/");
}

static void the_separator_is_found(void **state) {
    (void)state;
    assert_reads("a;b\n1,5;2\n", "1:a|b/2:1,5|2/");
    assert_reads("a\tb\n1,5;x\t2\n", "1:a|b/2:1,5;x|2/");
    assert_reads("\"a;b;c\",d\n", "1:a;b;c|d/");
    assert_reads("only\n", "1:only/");
}

static void both_encodings_are_read(void **state) {
    (void)state;
    assert_reads("\xef\xbb\xbfni\xc3\xb1o,a\n", "1:ni\xc3\xb1o|a/");
    assert_reads("ni\xc3\xb1o,a\n", "1:ni\xc3\xb1o|a/");
    assert_reads("ni\xf1o,\x80\x93\n", "1:ni\xc3\xb1o|\xe2\x82\xac\xe2\x80\x9c/");
}

static void what_is_no_text_is_refused(void **state) {
    (void)state;
    struct arena *arena = arena_create();
    struct csv_reader reader;
    assert_false(csv_open(&reader, arena,
                          "\xff\xfe"
                          "a\0,\0",
                          6));
    assert_false(csv_open(&reader, arena, "PK\3\4\0\0", 6));
    arena_destroy(arena);
}

static void a_row_of_too_many_cells_is_cut(void **state) {
    (void)state;
    struct arena *arena = arena_create();
    struct csv_reader reader;
    struct csv_row row;
    char file[2001];
    memset(file, ',', 2000);
    file[0] = 'a';
    file[2000] = '\0';
    assert_true(csv_open(&reader, arena, file, 2000));
    assert_int_equal(csv_next(&reader, arena, &row), CSV_ROW);
    assert_int_equal(row.count, CSV_CELLS_MAX);
    assert_int_equal(csv_next(&reader, arena, &row), CSV_END);
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_cells),
        cmocka_unit_test(quotes),
        cmocka_unit_test(broken_quotes_are_told_by_line),
        cmocka_unit_test(the_separator_is_found),
        cmocka_unit_test(both_encodings_are_read),
        cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(a_row_of_too_many_cells_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
