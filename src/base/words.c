/* Names of days and months, and the order in which each language puts them. */
#include "base/words.h"
#include "base/zone.h"
#include <stdbool.h>

static const char *const DAYS_SHORT[LANG_COUNT][7] = {
    [LANG_EN] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
    [LANG_ES] = {"lun", "mar", "mié", "jue", "vie", "sáb", "dom"},
};
static const char *const DAYS_START[7] = {"Lun", "Mar", "Mié", "Jue", "Vie", "Sáb", "Dom"};
static const char *const DAYS[LANG_COUNT][7] = {
    [LANG_EN] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
    [LANG_ES] = {"lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"},
};
static const char *const MONTHS_SHORT[LANG_COUNT][12] = {
    [LANG_EN] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                 "Dec"},
    [LANG_ES] = {"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "set", "oct", "nov",
                 "dic"},
};
static const char *const MONTHS[LANG_COUNT][12] = {
    [LANG_EN] = {"January", "February", "March", "April", "May", "June", "July", "August",
                 "September", "October", "November", "December"},
    [LANG_ES] = {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
                 "setiembre", "octubre", "noviembre", "diciembre"},
};

#define NBSP "\u00a0"

static const char *half_of_day(enum lang lang, int minute) {
    static const char *const HALVES[LANG_COUNT][2] = {
        [LANG_EN] = {NBSP "a.m.", NBSP "p.m."},
        [LANG_ES] = {NBSP "a." NBSP "m.", NBSP "p." NBSP "m."},
    };
    return HALVES[lang][minute % 1440 >= 720];
}

void words_day(struct buf *out, enum lang lang, struct date date) {
    if (!date_is_set(date))
        return;
    buf_puts(out, DAYS_SHORT[lang][date_weekday(date)]);
    buf_putc(out, ' ');
    words_day_month(out, lang, date);
}

void words_day_month(struct buf *out, enum lang lang, struct date date) {
    if (!date_is_set(date))
        return;
    buf_put_int(out, date.day);
    buf_putc(out, ' ');
    buf_puts(out, MONTHS_SHORT[lang][date.month - 1]);
}

void words_date(struct buf *out, enum lang lang, struct date date) {
    if (!date_is_set(date))
        return;
    buf_printf(out, lang == LANG_ES ? "%d de %s" : "%d %s", date.day, MONTHS[lang][date.month - 1]);
}

void words_date_year(struct buf *out, enum lang lang, struct date date) {
    if (!date_is_set(date))
        return;
    words_date(out, lang, date);
    buf_printf(out, lang == LANG_ES ? " de %d" : " %d", date.year);
}

void words_weekday(struct buf *out, enum lang lang, struct date date) {
    if (!date_is_set(date))
        return;
    buf_printf(out, "%s %d", DAYS[lang][date_weekday(date)], date.day);
}

void words_month(struct buf *out, enum lang lang, int month) {
    buf_printf(out, lang == LANG_ES ? "%s de %d" : "%s %d", MONTHS[lang][month % 12], month / 12);
}

void words_month_short(struct buf *out, enum lang lang, int month) {
    buf_printf(out, "%s %d", MONTHS_SHORT[lang][month % 12], month / 12);
}

void words_count(struct buf *out, int64_t number) {
    if (number < 0)
        buf_puts(out, "−");
    uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number, unit = 1;
    while (size / unit >= 1000)
        unit *= 1000;
    buf_put_int(out, (long long)(size / unit));
    for (unit /= 1000; unit; unit /= 1000)
        buf_printf(out, ",%03u", (unsigned)(size / unit % 1000));
}

static void put_clock(struct buf *out, int minute) {
    int hour = minute / 60 % 12;
    buf_put_int(out, hour ? hour : 12);
    buf_putc(out, ':');
    buf_put_two(out, minute % 60);
}

void words_minute(struct buf *out, enum lang lang, int minute) {
    put_clock(out, minute);
    buf_puts(out, half_of_day(lang, minute));
}

void words_minutes(struct buf *out, enum lang lang, int start, int end) {
    bool same_half = (start % 1440 >= 720) == (end % 1440 >= 720);
    put_clock(out, start);
    if (!same_half)
        buf_puts(out, half_of_day(lang, start));
    buf_puts(out, lang == LANG_ES ? " a " : " to ");
    words_minute(out, lang, end);
}

void words_weekdays(struct buf *out, enum lang lang, int mask) {
    int left = __builtin_popcount((unsigned)mask & 127U);
    bool first = true;
    for (int day = 0; day < 7; day++) {
        if (!(mask >> day & 1))
            continue;
        left--;
        if (!first)
            buf_puts(out, left ? ", " : lang == LANG_ES ? " y " : " and ");
        buf_puts(out, first && lang == LANG_ES ? DAYS_START[day] : DAYS_SHORT[lang][day]);
        first = false;
    }
}

static void put_time(struct buf *out, enum lang lang, const struct zone *zone, int64_t at) {
    struct local_time local = zone_local(zone, at);
    words_minute(out, lang, local.hour * 60 + local.minute);
}

void words_clock(struct buf *out, enum lang lang, const struct zone *zone, int64_t at) {
    if (lang == LANG_ES)
        buf_puts(out, zone_local(zone, at).hour % 12 == 1 ? "la " : "las ");
    put_time(out, lang, zone, at);
}

void words_moment(struct buf *out, enum lang lang, const struct zone *zone, int64_t at) {
    words_day(out, lang, zone_local(zone, at).date);
    buf_puts(out, ", ");
    put_time(out, lang, zone, at);
}

void words_moment_year(struct buf *out, enum lang lang, const struct zone *zone, int64_t at) {
    words_date_year(out, lang, zone_local(zone, at).date);
    buf_puts(out, ", ");
    put_time(out, lang, zone, at);
}

void words_moment_long(struct buf *out, enum lang lang, const struct zone *zone, int64_t at) {
    struct date date = zone_local(zone, at).date;
    buf_printf(out, "%s ", DAYS[lang][date_weekday(date)]);
    words_date(out, lang, date);
    buf_puts(out, ", ");
    put_time(out, lang, zone, at);
}
