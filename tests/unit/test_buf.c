/* Buffers and arenas: texts of every length around the room that is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include <stdio.h>
#include <string.h>

static void printing_fills_and_outgrows_the_room(void **state) {
    (void)state;
    static const char padding[] = "                                                  ";
    struct buf buf = {0};
    size_t expected = 0;
    for (int width = 0; width < 700; width += 7) {
        buf_printf(&buf, "%*s|%d", width, "", width);
        expected += (size_t)snprintf(NULL, 0, "%*s|%d", width, "", width);
        assert_int_equal(buf.len, expected);
        assert_int_equal(strlen(buf_text(&buf)), expected);
    }
    buf_reset(&buf);
    buf_printf(&buf, "%s", "");
    assert_string_equal(buf_text(&buf), "");
    buf_printf(&buf, "%s%s", padding, "end");
    assert_string_equal(buf_text(&buf) + strlen(padding), "end");
    buf_free(&buf);
    buf_printf(&buf, "%s", ""); /* into no memory at all */
    assert_string_equal(buf_text(&buf), "");
    buf_free(&buf);
}

static void numbers(void **state) {
    (void)state;
    struct buf buf = {0};
    buf_put_int(&buf, -120);
    buf_put_two(&buf, 5);
    buf_put_two(&buf, 60);
    assert_string_equal(buf_text(&buf), "-1200560");
    buf_free(&buf);
}

/* Texts end exactly at, before and behind the end of a block; what was written stays. */
static void an_arena_prints_across_its_blocks(void **state) {
    (void)state;
    for (int length = 4000; length < 4200; length++) {
        struct arena *arena = arena_create();
        const char *texts[12];
        for (int i = 0; i < 12; i++)
            texts[i] = arena_printf(arena, "%0*d", length + i, i);
        const char *after = arena_alloc(arena, 64);
        for (int i = 0; i < 64; i++)
            assert_int_equal(after[i], 0);
        for (int i = 0; i < 12; i++) {
            assert_int_equal(strlen(texts[i]), length + i);
            assert_int_equal(texts[i][length + i - 1], "0123456789"[i % 10]);
        }
        arena_destroy(arena);
    }
}

static void memory_is_zero_after_a_reset(void **state) {
    (void)state;
    struct arena *arena = arena_create();
    memset(arena_alloc(arena, 1000), 'x', 1000);
    arena_reset(arena);
    assert_string_equal(arena_strndup(arena, "abcdef", 3), "abc");
    const char *fresh = arena_alloc(arena, 500);
    for (int i = 0; i < 500; i++)
        assert_int_equal(fresh[i], 0);
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printing_fills_and_outgrows_the_room),
        cmocka_unit_test(numbers),
        cmocka_unit_test(an_arena_prints_across_its_blocks),
        cmocka_unit_test(memory_is_zero_after_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
