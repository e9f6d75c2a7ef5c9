/* QR codes are read back by a scanner (zbarimg) from what the SVG draws. */
#include "tool.h"

#include "base/qr.h"
#include <stdlib.h>
#include <string.h>

enum { SCALE = 4, SIDE_MAX = 200 };

static long number(const char **at, const char *before) {
    char *end;
    assert_memory_equal(*at, before, strlen(before));
    long value = strtol(*at + strlen(before), &end, 10);
    *at = end;
    return value;
}

/* Draws the boxes of the black path; answers the side in modules. */
static long draw(const char *svg, char *modules) {
    const char *at = strstr(svg, "viewBox");
    assert_non_null(at);
    long side = number(&at, "viewBox=\"0 0 ");
    assert_in_range(side, 21 + 2 * QR_QUIET, SIDE_MAX);
    memset(modules, '0', SIDE_MAX * SIDE_MAX);
    at = strstr(svg, "M4 4h");
    assert_non_null(at);
    while (*at == 'M') {
        long x = number(&at, "M"), y = number(&at, " "), w = number(&at, "h");
        assert_true(x >= QR_QUIET && y >= QR_QUIET && w > 0);
        assert_true(x + w <= side - QR_QUIET && y < side - QR_QUIET);
        assert_int_equal(number(&at, "v"), 1);
        assert_int_equal(number(&at, "h"), -w);
        memset(modules + y * side + x, '1', (size_t)w);
        at++;
    }
    assert_string_equal(at, "\"/></svg>");
    return side;
}

/* What a scanner sees. */
static void scan(const char *folder, const char *text, struct buf *seen) {
    char modules[SIDE_MAX * SIDE_MAX];
    struct buf svg = {0}, bitmap = {0};
    assert_true(qr_svg(&svg, text));
    long side = draw(buf_text(&svg), modules);
    buf_printf(&bitmap, "P1 %ld %ld\n", side * SCALE, side * SCALE);
    for (long y = 0; y < side * SCALE; y++)
        for (long x = 0; x < side * SCALE; x++)
            buf_printf(&bitmap, "%c\n", modules[y / SCALE * side + x / SCALE]);
    tool_write(folder, "code.pbm", buf_text(&bitmap));
    assert_int_equal(TOOL_RUN(folder, seen, "zbarimg", "-q", "--nodbus", "--raw", "code.pbm"), 0);
    buf_free(&svg);
    buf_free(&bitmap);
}

static void a_scanner_reads_it_back(void **state) {
    static const char *const TEXTS[] = {
        "a",
        "otpauth://totp/Taller:ana%40example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        "&issuer=Taller",
        "https://example.org/workshops/robotica/?key=0123456789abcdef",
    };
    struct buf seen = {0};
    for (size_t i = 0; i < ARRAY_COUNT(TEXTS); i++) {
        scan(*state, TEXTS[i], &seen);
        assert_int_equal(seen.len, strlen(TEXTS[i]) + 1);
        assert_memory_equal(seen.data, TEXTS[i], strlen(TEXTS[i]));
    }
    buf_free(&seen);
}

static void what_no_symbol_holds_is_refused(void **state) {
    (void)state;
    char text[2333];
    struct buf svg = {0};
    memset(text, 'x', sizeof(text));
    text[2332] = '\0';
    assert_false(qr_svg(&svg, ""));
    assert_false(qr_svg(&svg, text));
    assert_int_equal(svg.len, 0);
    text[2331] = '\0';
    assert_true(qr_svg(&svg, text));
    buf_free(&svg);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_scanner_reads_it_back, tool_setup, tool_teardown),
        cmocka_unit_test(what_no_symbol_holds_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
