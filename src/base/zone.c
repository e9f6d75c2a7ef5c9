/* Local time: the transitions the table lists, and the yearly rule behind the last of them. */
#include "base/zone.h"
#include "base/zone_table.h"
#include <stdbool.h>
#include <string.h>

enum { DAY = 86400 };

const struct zone *zone_find(const char *name) {
    size_t from = 0, to = zone_table_count;
    while (name && from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(zone_table[middle].name, name);
        if (order == 0)
            return &zone_table[middle];
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

size_t zone_count(void) {
    return zone_table_count;
}

const char *zone_name(size_t index) {
    return zone_table[index].name;
}

static int64_t floor_days(int64_t seconds) {
    return seconds / DAY - (seconds % DAY < 0);
}

/* Local seconds since 1970 of a change in a year. */
static int64_t change_at(const struct zone_change *change, int year) {
    struct date first = {year, change->month, 1};
    int64_t days = date_to_days(first);
    int weekday = (date_weekday(first) + 1) % 7; /* 0 Sunday, as the rules count */
    days += (change->weekday - weekday + 7) % 7 + (change->week - 1) * 7;
    while (date_from_days(days).month != change->month)
        days -= 7; /* there is no fifth one */
    return days * DAY + change->seconds;
}

static int32_t rule_offset(const struct zone_rule *rule, int64_t utc) {
    if (rule->to_summer.month == 0)
        return rule->standard;
    int year = date_from_days(floor_days(utc + rule->standard)).year;
    int64_t start = change_at(&rule->to_summer, year) - rule->standard;
    int64_t end = change_at(&rule->to_standard, year) - rule->summer;
    /* South of the equator summer spans the turn of the year. */
    bool is_summer = start < end ? utc >= start && utc < end : utc >= start || utc < end;
    return is_summer ? rule->summer : rule->standard;
}

static int32_t offset_at(const struct zone *zone, int64_t utc) {
    if (zone->count == 0 || utc >= zone->times[zone->count - 1])
        return rule_offset(&zone->rule, utc);
    if (utc < zone->times[0])
        return zone->first;
    size_t from = 0, to = zone->count - 1; /* times[from] <= utc < times[to] */
    while (to - from > 1) {
        size_t middle = from + (to - from) / 2;
        if (utc >= zone->times[middle])
            from = middle;
        else
            to = middle;
    }
    return zone->offsets[from];
}

/* Some 35 million years: whatever number stands where a moment should, its year is an int. */
static int64_t within_reach(int64_t utc) {
    const int64_t END = INT64_C(1) << 50;
    return utc < -END ? -END : utc > END ? END : utc;
}

struct local_time zone_local(const struct zone *zone, int64_t utc) {
    utc = within_reach(utc);
    int32_t offset = offset_at(zone, utc);
    int64_t local = utc + offset, days = floor_days(local);
    int second = (int)(local - days * DAY);
    return (struct local_time){.date = date_from_days(days),
                               .hour = second / 3600,
                               .minute = second / 60 % 60,
                               .second = second % 60,
                               .utc_offset = offset};
}

struct date zone_date(const struct zone *zone, int64_t utc) {
    return zone_local(zone, utc).date;
}

int64_t zone_utc(const struct zone *zone, struct date date, int hour, int minute) {
    int64_t local = date_to_days(date) * DAY + hour * INT64_C(3600) + minute * INT64_C(60);
    /* The offsets around: zones do not change twice within two days. */
    int32_t before = offset_at(zone, local - DAY), after = offset_at(zone, local + DAY);
    if (offset_at(zone, local - before) == before || offset_at(zone, local - after) != after)
        return local - before;
    return local - after;
}
