/* How dates and times are said. No-break spaces are shown as "_" here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/words.h"
#include "base/zone.h"
#include <string.h>

static const struct date TUESDAY = {.year = 2026, .month = 1, .day = 13};

/* Takes what was said, frees it. */
static void assert_said(struct buf *said, const char *expected) {
    char text[128] = "";
    size_t length = 0;
    for (const char *p = buf_text(said); *p && length < sizeof(text) - 1; p++) {
        bool space = strncmp(p, "\u00a0", 2) == 0;
        text[length++] = space ? '_' : *p;
        p += space;
    }
    assert_string_equal(text, expected);
    buf_free(said);
}

static void days_are_said_short_and_long(void **state) {
    (void)state;
    static const struct {
        void (*say)(struct buf *, enum lang, struct date);
        const char *es, *en;
    } rows[] = {
        {words_day, "mar 13 ene", "Tue 13 Jan"},
        {words_date, "13 de enero", "13 January"},
        {words_date_year, "13 de enero de 2026", "13 January 2026"},
        {words_weekday, "martes 13", "Tuesday 13"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buf es = {0}, en = {0}, unset = {0};
        rows[i].say(&es, LANG_ES, TUESDAY);
        rows[i].say(&en, LANG_EN, TUESDAY);
        rows[i].say(&unset, LANG_ES, (struct date){0});
        assert_said(&es, rows[i].es);
        assert_said(&en, rows[i].en);
        assert_said(&unset, "");
    }
}

static void hours_name_their_half_of_the_day_once(void **state) {
    (void)state;
    static const struct {
        int start, end;
        const char *es, *en;
    } rows[] = {
        {16 * 60, 17 * 60 + 30, "4:00 a 5:30_p._m.", "4:00 to 5:30_p.m."},
        {10 * 60, 12 * 60, "10:00_a._m. a 12:00_p._m.", "10:00_a.m. to 12:00_p.m."},
        {5, 65, "12:05 a 1:05_a._m.", "12:05 to 1:05_a.m."},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buf es = {0}, en = {0};
        words_minutes(&es, LANG_ES, rows[i].start, rows[i].end);
        words_minutes(&en, LANG_EN, rows[i].start, rows[i].end);
        assert_said(&es, rows[i].es);
        assert_said(&en, rows[i].en);
    }
}

static void weekdays_are_listed(void **state) {
    (void)state;
    struct buf one = {0}, three = {0}, english = {0};
    words_weekdays(&one, LANG_ES, 64);
    words_weekdays(&three, LANG_ES, 1 + 4 + 16);
    words_weekdays(&english, LANG_EN, 2 + 8);
    assert_said(&one, "Dom");
    assert_said(&three, "Lun, mié y vie");
    assert_said(&english, "Tue and Thu");
}

static void moments_are_told_in_the_zone(void **state) {
    (void)state;
    const struct zone *lima = zone_find("America/Lima");
    const int64_t at = INT64_C(1768338120); /* 2026-01-13 21:02 UTC, 4:02 p. m. in Lima */
    struct buf moment = {0}, year = {0}, full = {0}, english = {0};
    words_moment(&moment, LANG_ES, lima, at);
    words_moment_year(&year, LANG_ES, lima, at);
    words_moment_long(&full, LANG_ES, lima, at);
    words_moment_long(&english, LANG_EN, lima, at);
    assert_said(&moment, "mar 13 ene, 4:02_p._m.");
    assert_said(&year, "13 de enero de 2026, 4:02_p._m.");
    assert_said(&full, "martes 13 de enero, 4:02_p._m.");
    assert_said(&english, "Tuesday 13 January, 4:02_p.m.");
}

/* "hasta las 4:02", but "hasta la 1:02". */
static void a_clock_has_its_article_in_spanish(void **state) {
    (void)state;
    const struct zone *lima = zone_find("America/Lima");
    const int64_t four = INT64_C(1768338120), one = four - 3 * 3600;
    struct buf es = {0}, es_one = {0}, night = {0}, en = {0};
    words_clock(&es, LANG_ES, lima, four);
    words_clock(&es_one, LANG_ES, lima, one);
    words_clock(&night, LANG_ES, lima, one + 12 * 3600);
    words_clock(&en, LANG_EN, lima, one);
    assert_said(&es, "las 4:02_p._m.");
    assert_said(&es_one, "la 1:02_p._m.");
    assert_said(&night, "la 1:02_a._m.");
    assert_said(&en, "1:02_p.m.");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_said_short_and_long),
        cmocka_unit_test(hours_name_their_half_of_the_day_once),
        cmocka_unit_test(weekdays_are_listed),
        cmocka_unit_test(moments_are_told_in_the_zone),
        cmocka_unit_test(a_clock_has_its_article_in_spanish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
