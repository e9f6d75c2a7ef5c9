/* Local time of the embedded zones. The expected moments are those of the IANA database, worked out
 * with `TZ=… date`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/zone.h"
#include <stdio.h>
#include <string.h>

/* "2026-03-08 03:00:00 -14400" */
static void assert_local(const char *name, int64_t utc, const char *expected) {
    const struct zone *zone = zone_find(name);
    assert_non_null(zone);
    struct local_time local = zone_local(zone, utc);
    char date[DATE_TEXT_SIZE], text[64];
    date_format(local.date, date);
    snprintf(text, sizeof(text), "%s %02d:%02d:%02d %+d", date, local.hour, local.minute,
             local.second, local.utc_offset);
    assert_string_equal(text, expected);
    struct date day = zone_date(zone, utc);
    assert_int_equal(date_compare(day, local.date), 0);
}

static void assert_utc(const char *name, struct date date, int hour, int minute, int64_t expected) {
    const struct zone *zone = zone_find(name);
    assert_non_null(zone);
    assert_int_equal(zone_utc(zone, date, hour, minute), expected);
}

static void names_are_exact(void **state) {
    (void)state;
    assert_non_null(zone_find("America/Lima"));
    assert_non_null(zone_find("UTC"));
    assert_non_null(zone_find("America/Argentina/Buenos_Aires"));
    static const char *const unknown[] = {"",        "america/lima", "America/Lima ", "Lima",
                                          "America", "posixrules",   "localtime",     "zone.tab"};
    for (size_t i = 0; i < ARRAY_COUNT(unknown); i++)
        assert_null(zone_find(unknown[i]));
    assert_null(zone_find(NULL));
}

static void every_listed_zone_is_found(void **state) {
    (void)state;
    assert_true(zone_count() > 400);
    for (size_t i = 0; i < zone_count(); i++) {
        assert_non_null(zone_find(zone_name(i)));
        assert_true(i == 0 || strcmp(zone_name(i - 1), zone_name(i)) < 0);
    }
}

static void lima_has_one_offset_today(void **state) {
    (void)state;
    assert_local("America/Lima", 1768338000, "2026-01-13 16:00:00 -18000");
    assert_local("America/Lima", 1784073600, "2026-07-14 19:00:00 -18000");
    assert_local("America/Lima", 0, "1969-12-31 19:00:00 -18000");
    assert_utc("America/Lima", (struct date){2026, 1, 13}, 16, 0, 1768338000);
    assert_utc("America/Lima", (struct date){2026, 2, 28}, 24, 0, 1772341200);
}

static void lima_had_summer_time_once(void **state) {
    (void)state;
    assert_local("America/Lima", 757400399, "1993-12-31 23:59:59 -18000");
    assert_local("America/Lima", 757400400, "1994-01-01 01:00:00 -14400");
}

static void new_york_changes_twice_a_year(void **state) {
    (void)state;
    assert_local("America/New_York", 1772953199, "2026-03-08 01:59:59 -18000");
    assert_local("America/New_York", 1772953200, "2026-03-08 03:00:00 -14400");
    assert_local("America/New_York", 1793512799, "2026-11-01 01:59:59 -14400");
    assert_local("America/New_York", 1793512800, "2026-11-01 01:00:00 -18000");
}

static void the_rule_goes_on_after_the_table(void **state) {
    (void)state;
    assert_local("America/New_York", 4077327600, "2099-03-16 03:00:00 -14400");
    assert_local("America/New_York", 4070847600, "2098-12-31 02:00:00 -18000");
    assert_local("Europe/Dublin", 4087306800, "2099-07-09 20:00:00 +3600");
    assert_local("Europe/Dublin", 4072032000, "2099-01-14 00:00:00 +0");
}

static void southern_summer_spans_the_new_year(void **state) {
    (void)state;
    assert_local("America/Santiago", 1767236400, "2026-01-01 00:00:00 -10800");
    assert_local("America/Santiago", 1775357999, "2026-04-04 23:59:59 -10800");
    assert_local("America/Santiago", 1775358000, "2026-04-04 23:00:00 -14400");
    assert_local("America/Santiago", 4102455600, "2100-01-01 00:00:00 -10800");
    assert_local("America/Santiago", 4086849600, "2099-07-04 08:00:00 -14400");
}

static void odd_offsets_count_in_minutes(void **state) {
    (void)state;
    assert_local("Asia/Kathmandu", 1768338000, "2026-01-14 02:45:00 +20700");
    assert_local("Australia/Lord_Howe", 1768338000, "2026-01-14 08:00:00 +39600");
    assert_local("Australia/Lord_Howe", 1784073600, "2026-07-15 10:30:00 +37800");
}

static void a_skipped_hour_moves_on(void **state) {
    (void)state;
    /* 8 March 2026: 02:00 becomes 03:00. */
    assert_utc("America/New_York", (struct date){2026, 3, 8}, 1, 59, 1772953140);
    assert_utc("America/New_York", (struct date){2026, 3, 8}, 2, 30, 1772955000);
    assert_local("America/New_York", 1772955000, "2026-03-08 03:30:00 -14400");
    assert_utc("America/New_York", (struct date){2026, 3, 8}, 3, 0, 1772953200);
}

static void a_doubled_hour_means_its_first_pass(void **state) {
    (void)state;
    assert_utc("America/New_York", (struct date){2026, 11, 1}, 1, 30, 1793511000);
    assert_local("America/New_York", 1793511000, "2026-11-01 01:30:00 -14400");
    assert_utc("America/New_York", (struct date){2026, 11, 1}, 2, 0, 1793516400);
    assert_utc("America/Santiago", (struct date){2026, 4, 4}, 23, 30, 1775356200);
}

static void local_and_back_is_the_same(void **state) {
    (void)state;
    for (size_t i = 0; i < zone_count(); i++) {
        const struct zone *zone = zone_find(zone_name(i));
        for (int64_t utc = 1735732800; utc < 1830427200; utc += 86400 * 9 + 3600) {
            struct local_time local = zone_local(zone, utc);
            int64_t back = zone_utc(zone, local.date, local.hour, local.minute) + local.second;
            struct local_time again = zone_local(zone, back);
            assert_int_equal(again.hour * 60 + again.minute, local.hour * 60 + local.minute);
            assert_true(back == utc || back == utc - 3600 || back == utc - 1800);
        }
    }
}

/* What stands in a damaged database where a moment should. */
static void no_moment_is_too_far(void **state) {
    (void)state;
    static const char *const NAMES[] = {"America/Lima", "Europe/Madrid", "Pacific/Auckland", "UTC"};
    for (size_t i = 0; i < ARRAY_COUNT(NAMES); i++) {
        const struct zone *zone = zone_find(NAMES[i]);
        assert_in_range(zone_date(zone, INT64_MAX).year, 35000000, 36000000);
        assert_in_range(-zone_date(zone, INT64_MIN).year, 35000000, 36000000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_exact),
        cmocka_unit_test(every_listed_zone_is_found),
        cmocka_unit_test(lima_has_one_offset_today),
        cmocka_unit_test(lima_had_summer_time_once),
        cmocka_unit_test(new_york_changes_twice_a_year),
        cmocka_unit_test(the_rule_goes_on_after_the_table),
        cmocka_unit_test(southern_summer_spans_the_new_year),
        cmocka_unit_test(odd_offsets_count_in_minutes),
        cmocka_unit_test(a_skipped_hour_moves_on),
        cmocka_unit_test(a_doubled_hour_means_its_first_pass),
        cmocka_unit_test(local_and_back_is_the_same),
        cmocka_unit_test(no_moment_is_too_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
