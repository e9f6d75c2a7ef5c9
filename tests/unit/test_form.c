/* Forms: the kinds with a shape of their own, and choices that come out of the database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "http/form.h"

#include <cmocka.h>

enum { TIME, MOMENT, DAYS, TEACHERS, TOPIC, FIELDS };

static const struct form_choice WEEK[] = {{"1", "Mon"}, {"2", "Tue"}, {"4", "Wed"}, {NULL, NULL}};
static const struct form_choice PEOPLE[] = {{"7", "Ana"}, {"12", "Eva"}, {NULL, NULL}};

static const struct form_field SPEC[FIELDS] = {
    [TIME] = {.name = "time", .kind = FORM_TIME, .label = "Time"},
    [MOMENT] = {.name = "moment", .kind = FORM_MOMENT, .label = "Moment", .section = "Later"},
    [DAYS] = {.name = "days", .kind = FORM_SET, .label = "Days", .choices = WEEK},
    [TEACHERS] = {.name = "teachers", .kind = FORM_SET, .label = "Teachers"},
    [TOPIC] = {.name = "topic", .kind = FORM_CHOICE, .label = "Topic", .section = "Last"},
};
static const struct form_spec FORM = {SPEC, FIELDS};

static int setup(void **state) {
    *state = arena_create();
    return 0;
}

static int teardown(void **state) {
    arena_destroy(*state);
    return 0;
}

static struct form parse(struct arena *arena, const char *body) {
    struct fields fields = {0};
    assert_int_equal(fields_parse_urlencoded(arena, body, strlen(body), &fields), OK);
    return form_parse(&FORM, &fields, arena, LANG_EN);
}

static void times_of_day(void **state) {
    struct form form = parse(*state, "time=16:30");
    assert_true(form_ok(&form));
    assert_int_equal(form_number(&form, TIME), 16 * 60 + 30);
    form = parse(*state, "time=00:00:00");
    assert_true(form_ok(&form) && form_given(&form, TIME));
    static const char *const WRONG[] = {"24:00", "9:00",  "12:60",   "12",
                                        "12:3",  "1a:00", "12:00:30"};
    for (size_t i = 0; i < sizeof(WRONG) / sizeof(*WRONG); i++) {
        char body[32];
        snprintf(body, sizeof(body), "time=%s", WRONG[i]);
        form = parse(*state, body);
        assert_non_null(form.entries[TIME].error);
    }
}

static void local_moments(void **state) {
    struct form form = parse(*state, "moment=2026-03-09T16:30");
    assert_true(form_ok(&form));
    assert_int_equal(form.entries[MOMENT].date.day, 9);
    assert_int_equal(form_number(&form, MOMENT), 16 * 60 + 30);
    static const char *const WRONG[] = {"2026-03-09",       "2026-02-30T10:00", "T10:00",
                                        "2026-03-09T25:00", "2026-03-0916:30",  "x"};
    for (size_t i = 0; i < sizeof(WRONG) / sizeof(*WRONG); i++) {
        char body[64];
        snprintf(body, sizeof(body), "moment=%s", WRONG[i]);
        form = parse(*state, body);
        assert_non_null(form.entries[MOMENT].error);
    }
}

static void several_boxes_of_one_name(void **state) {
    struct form form = parse(*state, "days=4&days=1");
    assert_true(form_ok(&form));
    assert_string_equal(form_text(&form, DAYS), "1 4");
    assert_true(form_chosen(&form.entries[DAYS], &WEEK[2]));
    assert_false(form_chosen(&form.entries[DAYS], &WEEK[1]));
    form = parse(*state, "");
    assert_true(form_ok(&form) && !form_given(&form, DAYS));
    form = parse(*state, "days=1&days=3");
    assert_non_null(form.entries[DAYS].error);
    assert_string_equal(form_text(&form, DAYS), "1");
}

static void choices_that_come_later_are_checked_then(void **state) {
    struct form form = parse(*state, "teachers=12&teachers=7&topic=12");
    assert_true(form_ok(&form));
    form_offer(&form, TEACHERS, PEOPLE);
    form_offer(&form, TOPIC, PEOPLE);
    assert_true(form_ok(&form));
    assert_string_equal(form_text(&form, TEACHERS), "7 12");
    form = parse(*state, "teachers=1&topic=3");
    form_offer(&form, TEACHERS, PEOPLE);
    form_offer(&form, TOPIC, PEOPLE);
    assert_int_equal(form.errors, 2);
    assert_false(form_given(&form, TOPIC));
}

static void sections_end_where_the_next_begins(void **state) {
    struct form form = parse(*state, "");
    assert_int_equal(form_section_end(&form, TIME), MOMENT);
    assert_int_equal(form_section_end(&form, MOMENT), TOPIC);
    assert_int_equal(form_section_end(&form, TOPIC), FIELDS);
}

#define ON_ARENA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_ARENA(times_of_day),
        ON_ARENA(local_moments),
        ON_ARENA(several_boxes_of_one_name),
        ON_ARENA(choices_that_come_later_are_checked_then),
        ON_ARENA(sections_end_where_the_next_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
